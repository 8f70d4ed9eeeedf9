import NIOHTTP1
import Wire

/// The ways past this server that a bucket offers: links that carry a signature instead of credentials, and uploads whose
/// parts clients send to S3 themselves.
package struct BlobLinks: Sendable {
    private let blobs: S3Blobs

    /// How long S3 lets a link last at most: a week.
    package static let maximumSeconds = 604_800
    package static let maximumParts = S3Upload.maximumParts

    init(blobs: S3Blobs) {
        self.blobs = blobs
    }

    private var client: S3Client { blobs.client }

    /// A link to GET an object.
    /// - Parameter seconds: how long it holds, at most `maximumSeconds`.
    package func download(_ key: BlobKey, lasting seconds: Int) -> String {
        client.link(request(.GET, key), lasting: seconds)
    }

    /// A link to PUT an object.
    package func upload(_ key: BlobKey, lasting seconds: Int) -> String {
        client.link(request(.PUT, key), lasting: seconds)
    }

    /// A link to PUT one part, from 1 on, of an upload.
    package func part(_ number: Int, of upload: String, _ key: BlobKey, lasting seconds: Int) -> String {
        client.link(client.partRequest(number, of: upload, of: key), lasting: seconds)
    }

    /// Begins an upload in parts.
    /// - Returns: its id.
    /// - Throws: `BlobError` when a folder has this key, or a file that of a folder on the way.
    package func beginUpload(_ key: BlobKey) async throws -> String {
        try await blobs.refuseClash(key)
        return try await client.beginUpload(of: key)
    }

    /// Makes the object from its parts.
    package func completeUpload(_ upload: String, _ key: BlobKey, _ parts: [UploadedPart]) async throws {
        try await client.completeUpload(upload, of: key, parts)
    }

    /// Forgets the parts of an upload.
    package func abortUpload(_ upload: String, _ key: BlobKey) async throws {
        try await client.abortUpload(upload, of: key)
    }

    private func request(_ method: HTTPMethod, _ key: BlobKey) -> S3Request {
        S3Request(purpose: "use '\(key.path)'", method: method, object: client.location.object(key))
    }
}
