import Crypto
import NIOCore
import NIOHTTP1
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a listing says of an object.
struct S3Object: Sendable {
    /// The whole name in the bucket.
    let name: String
    let sizeBytes: Int
    let revision: String
    let modifiedAt: Timestamp?

    init(_ element: S3XML) {
        name = S3Encoding.decoded(element["Key"]?.text ?? "")
        sizeBytes = element["Size"].flatMap { Int($0.text) } ?? 0
        revision = (element["ETag"]?.text ?? "").filter { $0 != "\"" }
        modifiedAt = element["LastModified"].flatMap { Timestamp(iso8601: $0.text) }
    }

    func info(named name: String) -> BlobInfo {
        BlobInfo(name: name, isFolder: false, sizeBytes: sizeBytes, modifiedAt: modifiedAt, revision: revision)
    }
}

/// Up to a thousand objects of a bucket.
struct S3Page: Sendable {
    let objects: [S3Object]
    /// Names that more than one object may begin with, up to the delimiter and with it.
    let folders: [String]
    /// What the next page is asked with.
    let next: String?

    init(_ root: S3XML) {
        objects = root.all("Contents").map(S3Object.init)
        folders = root.all("CommonPrefixes").compactMap { $0["Prefix"].map { S3Encoding.decoded($0.text) } }
        next = root["IsTruncated"]?.text == "true" ? root["NextContinuationToken"]?.text : nil
    }
}

extension S3Client {
    /// One page of what begins with `prefix`, by name.
    func page(
        _ purpose: String, prefix: String, delimiter: String? = nil, after: String? = nil, limit: Int = 1000,
        token: String? = nil
    ) async throws -> S3Page {
        var request = S3Request(purpose: purpose, method: .GET)
        request.query = [
            (name: "list-type", value: "2"), (name: "encoding-type", value: "url"), (name: "prefix", value: prefix),
            (name: "max-keys", value: String(limit)),
        ]
        if let delimiter { request.query.append((name: "delimiter", value: delimiter)) }
        if let after { request.query.append((name: "start-after", value: after)) }
        if let token { request.query.append((name: "continuation-token", value: token)) }
        return try await send(request) { S3Page(try $0.xml()) }
    }

    /// All pages of what begins with `prefix`, each asked for when the one before has been used.
    func pages(_ purpose: String, prefix: String, delimiter: String? = nil) -> S3Pages {
        S3Pages(client: self, purpose: purpose, prefix: prefix, delimiter: delimiter)
    }

    /// Removes objects, at most a thousand.
    func delete(_ names: [String], purpose: String) async throws {
        guard !names.isEmpty else { return }
        let objects = names.map { "<Object><Key>\($0.xmlEscaped)</Key></Object>" }.joined()
        let body = ByteBuffer(string: "<Delete><Quiet>true</Quiet>\(objects)</Delete>")
        var request = S3Request(purpose: purpose, method: .POST, query: [(name: "delete", value: "")])
        // S3 wants this one, whatever else guards the body.
        let digest = Data(Insecure.MD5.hash(data: Array(body.readableBytesView))).base64EncodedString()
        request.headers = [(name: "content-md5", value: digest), (name: "content-type", value: "application/xml")]
        request.body = body
        try await send(request) { answer in
            guard let error = try answer.xml()["Error"] else { return }
            let code = error["Code"]?.text ?? ""
            throw S3Refusal(
                status: code == "AccessDenied" ? 403 : 500, code: code, message: error["Message"]?.text ?? "")
        }
    }
}

/// The pages of a listing.
struct S3Pages: AsyncSequence, AsyncIteratorProtocol {
    private let client: S3Client
    private let purpose: String
    private let prefix: String
    private let delimiter: String?
    private var token: String?
    private var isDone = false

    fileprivate init(client: S3Client, purpose: String, prefix: String, delimiter: String?) {
        self.client = client
        self.purpose = purpose
        self.prefix = prefix
        self.delimiter = delimiter
    }

    func makeAsyncIterator() -> S3Pages { self }

    mutating func next() async throws -> S3Page? {
        guard !isDone else { return nil }
        let page = try await client.page(purpose, prefix: prefix, delimiter: delimiter, token: token)
        token = page.next
        isDone = page.next == nil
        return page
    }
}
