package import Blobs
import Wire

/// The places that artifacts may be in, for tests that must hold in each.
package enum BlobPlace: CaseIterable, Sendable {
    case folder
    case bucket

    /// A store with nothing in it. What it keeps on this machine is below `folder`.
    package func store(in folder: TemporaryFolder) async throws -> BlobStore {
        switch self {
        case .folder: return try BlobStore(folder: folder.path("artifacts"), entropy: .system)
        case .bucket:
            let server = try await S3Server.get()
            return try Self.store(of: try await server.bucket(), at: server, in: folder)
        }
    }

    /// A store over the part `kept/here` of a bucket, without long pauses between its tries.
    package static func store(
        of bucket: String, at server: S3Server, in folder: TemporaryFolder
    ) throws -> BlobStore {
        try BlobStore(
            s3: try S3Location(url: "s3://\(bucket)/kept/here", environment: server.environment),
            copies: folder.path("artifact-copies"), clock: .system, entropy: .system,
            backoff: S3Backoff(attempts: 4, firstMs: 1, longestMs: 5))
    }
}
