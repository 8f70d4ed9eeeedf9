import Foundation
import NIOCore
import TestSupport
import Testing
import Wire

@testable import Blobs

/// Signatures, against those that AWS prints and those that its Python library makes.
@Suite struct S3SignatureTests {
    /// 24 May 2013, 00:00:00 UTC, and the credentials of all examples.
    static let moment = Timestamp(milliseconds: 1_369_353_600_000)
    static let signature = S3Signature(
        credentials: S3Credentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1")
    static let host = (name: "host", value: "examplebucket.s3.amazonaws.com")

    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let subject: S3Signature.Subject
        let signature: String
    }

    /// "Examples: Signature Calculations", Authenticating Requests Using the Authorization Header, Amazon S3 API Reference.
    static let examples = [
        Example(
            testDescription: "GET Object",
            subject: .init(
                method: "GET", path: "/test.txt", headers: [host, (name: "range", value: "bytes=0-9")],
                payload: S3Signature.hash(nil)),
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Example(
            testDescription: "PUT Object",
            subject: .init(
                method: "PUT", path: "/" + S3Encoding.path("test$file.text"),
                headers: [
                    host, (name: "date", value: "Fri, 24 May 2013 00:00:00 GMT"),
                    (name: "x-amz-storage-class", value: "REDUCED_REDUNDANCY"),
                ],
                payload: S3Signature.hash(ByteBuffer(string: "Welcome to Amazon S3."))),
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Example(
            testDescription: "GET Bucket Lifecycle",
            subject: .init(
                method: "GET", path: "/", query: [(name: "lifecycle", value: "")], headers: [host],
                payload: S3Signature.hash(nil)),
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Example(
            testDescription: "Get Bucket (List Objects)",
            subject: .init(
                method: "GET", path: "/", query: [(name: "prefix", value: "J"), (name: "max-keys", value: "2")],
                headers: [host], payload: S3Signature.hash(nil)),
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    @Test(arguments: examples)
    func signsAsAWSPrints(example: Example) throws {
        let headers = Self.signature.headers(for: example.subject, at: Self.moment)
        let authorization = try #require(headers.first { $0.name == "authorization" }?.value)
        #expect(authorization.hasSuffix("Signature=\(example.signature)"), "\(authorization)")
        #expect(
            authorization.hasPrefix(
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "))
    }

    /// "Authenticating Requests: Using Query Parameters", Amazon S3 API Reference.
    @Test func signsLinksAsAWSPrints() {
        let subject = S3Signature.Subject(method: "GET", path: "/test.txt", headers: [Self.host], payload: "")
        let query = Self.signature.query(for: subject, lasting: 86_400, from: Self.moment)
        #expect(
            query.hasSuffix(
                "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
    }

    /// Names, queries and tokens that AWS prints no example of.
    @Test func signsAsTheLibraryOfAWSDoes() async throws {
        let cases: [(object: String, query: [(name: String, value: String)], token: String?)] = [
            ("a b/c+d&e=f.txt", [], nil), ("ü/日本 (1).csv", [(name: "uploadId", value: "a/b+c=")], "tok/en+="),
            ("100%.txt", [(name: "partNumber", value: "3"), (name: "uploadId", value: "x y")], nil),
            ("~tilde'*!(x)", [(name: "prefix", value: "a/b c"), (name: "delimiter", value: "/")], nil),
        ]
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "botocore_signatures.py")
        let body = JSON.array(
            cases.map {
                .compact([
                    "path": .string("/bucket/" + S3Encoding.path($0.object)),
                    "query": .string(S3Signature.canonicalQuery($0.query)), "token": $0.token.map(JSON.string),
                ])
            })
        let result = try await BuiltProgram.run(
            BuiltProgram.python, [script.path(percentEncoded: false), body.text],
            environment: ["PATH": "/usr/bin:/bin"])
        let expected = try JSON.parse(Array(result.output.utf8)).arrayValue ?? []
        try #require(expected.count == cases.count, "\(result.errors)")
        for (example, expected) in zip(cases, expected) {
            let signature = S3Signature(
                credentials: S3Credentials(accessKeyID: "AK", secretAccessKey: "SK", sessionToken: example.token),
                region: "eu-central-1")
            let subject = S3Signature.Subject(
                method: "GET", path: "/bucket/" + S3Encoding.path(example.object), query: example.query,
                headers: [(name: "host", value: "127.0.0.1:9000")], payload: S3Signature.hash(nil))
            let headers = signature.headers(for: subject, at: Self.moment)
            #expect(headers.first { $0.name == "authorization" }?.value == expected["header"]?.stringValue)
            let query = signature.query(for: subject, lasting: 900, from: Self.moment)
            #expect(query.split(separator: "=").last.map(String.init) == expected["link"]?.stringValue, "\(query)")
        }
    }
}
