import Crypto
import NIOCore
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Signs requests to S3 with AWS Signature Version 4.
///
/// Source: "Authenticating Requests (AWS Signature Version 4)", Amazon S3 API Reference. The path of S3 is encoded once and
/// not normalised, unlike that of AWS's other services.
struct S3Signature: Sendable {
    let credentials: S3Credentials
    let region: String

    /// What is signed of a request.
    struct Subject {
        var method: String
        /// Percent-encoded, as it is sent.
        var path: String
        /// Not encoded.
        var query: [(name: String, value: String)] = []
        /// Names in lower case; all of them are signed.
        var headers: [(name: String, value: String)]
        /// SHA-256 of the body in hexadecimal digits, or `unsignedPayload`.
        var payload: String
    }

    static let unsignedPayload = "UNSIGNED-PAYLOAD"
    private static let algorithm = "AWS4-HMAC-SHA256"

    /// SHA-256 in hexadecimal digits.
    static func hash(_ body: ByteBuffer?) -> String {
        var hash = SHA256()
        body?.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        return hash.finalize().hexadecimal
    }

    /// The headers that make a request acceptable, to be added to those of `subject`.
    func headers(for subject: Subject, at moment: Timestamp) -> [(name: String, value: String)] {
        let time = Self.time(moment)
        var added = [(name: "x-amz-content-sha256", value: subject.payload), (name: "x-amz-date", value: time)]
        if let token = credentials.sessionToken { added.append((name: "x-amz-security-token", value: token)) }
        var subject = subject
        subject.headers += added
        let signature = signature(of: subject, at: time)
        let names = Self.signedNames(subject)
        added.append(
            (
                name: "authorization",
                value: "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(time)), "
                    + "SignedHeaders=\(names), Signature=\(signature)"
            ))
        return added
    }

    /// The query that makes a link out of a request: whoever has it may do this one thing until it ends.
    /// - Parameter seconds: 1 to 604,800, which is a week.
    func query(for subject: Subject, lasting seconds: Int, from moment: Timestamp) -> String {
        let time = Self.time(moment)
        var subject = subject
        subject.payload = Self.unsignedPayload
        subject.query += [
            (name: "X-Amz-Algorithm", value: Self.algorithm),
            (name: "X-Amz-Credential", value: "\(credentials.accessKeyID)/\(scope(time))"),
            (name: "X-Amz-Date", value: time), (name: "X-Amz-Expires", value: String(seconds)),
            (name: "X-Amz-SignedHeaders", value: Self.signedNames(subject)),
        ]
        if let token = credentials.sessionToken {
            subject.query.append((name: "X-Amz-Security-Token", value: token))
        }
        return "\(Self.canonicalQuery(subject.query))&X-Amz-Signature=\(signature(of: subject, at: time))"
    }

    /// The query in the one order and spelling in which it is signed; it is sent like this too.
    static func canonicalQuery(_ query: [(name: String, value: String)]) -> String {
        let pairs = query.map { (S3Encoding.component($0.name), S3Encoding.component($0.value)) }
        return pairs.sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    private func signature(of subject: Subject, at time: String) -> String {
        let text = [Self.algorithm, time, scope(time), Self.hash(ByteBuffer(string: Self.canonical(subject)))]
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))
        for step in [String(time.prefix(8)), region, "s3", "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(step.utf8), using: key))
        }
        let signed = Array(text.joined(separator: "\n").utf8)
        return HMAC<SHA256>.authenticationCode(for: signed, using: key).hexadecimal
    }

    /// The request written out in the one way that both sides hash.
    private static func canonical(_ subject: Subject) -> String {
        let headers = subject.headers.sorted { $0.name < $1.name }.map { "\($0.name):\($0.value)\n" }.joined()
        return [
            subject.method, subject.path, canonicalQuery(subject.query), headers, signedNames(subject), subject.payload,
        ].joined(separator: "\n")
    }

    private static func signedNames(_ subject: Subject) -> String {
        subject.headers.map(\.name).sorted().joined(separator: ";")
    }

    private func scope(_ time: String) -> String {
        "\(time.prefix(8))/\(region)/s3/aws4_request"
    }

    /// Such as `20130524T000000Z`.
    private static func time(_ moment: Timestamp) -> String {
        moment.iso8601.prefix { $0 != "." }.filter { $0 != "-" && $0 != ":" } + "Z"
    }
}
