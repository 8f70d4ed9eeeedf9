package import Artifacts
import Blobs
import NIOCore
import NIOPosix
package import Tracking
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Finds the artifacts that a batch reads and writes. Nothing else of the server can be named.
package struct ScoringPlaces: Sendable {
    private let artifacts: ArtifactStore
    private let runs: RunStore

    package init(artifacts: ArtifactStore, runs: RunStore) {
        self.artifacts = artifacts
        self.runs = runs
    }

    /// - Parameter uri: `mlflow-artifacts:/…`, or `runs:/RUN/PATH` for an artifact of a run.
    /// - Throws: `ArtifactError` or `BlobError` for any other.
    func key(of uri: String) async throws -> BlobKey {
        guard uri.hasPrefix("runs:/") else { return try artifacts.key(ofURI: uri) }
        let parts = uri.dropFirst("runs:/".count).split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw ScoringError.invalid("'\(uri)' names no artifact of a run.", hint: "Write runs:/RUN_ID/PATH.")
        }
        return try artifacts.key(ofURI: try await runs.run(parts[0]).info.artifactURI).appending(parts[1])
    }

    /// - Throws: `ScoringError` when what is to be read is not there, or what is to be written is.
    func check(_ request: ScoringRequest) async throws {
        guard let info = try await artifacts.blobs.info(key(of: request.input)), !info.isFolder else {
            throw ScoringError(.doesNotExist, "There is no file at '\(request.input)'.")
        }
        for uri in [request.output, request.failedOutput] {
            let info = try await artifacts.blobs.info(key(of: uri))
            guard info == nil || request.replacesOutput && info?.isFolder == false else {
                throw ScoringError(
                    .alreadyExists, "There is something at '\(uri)' already.",
                    hint: "Name another output, or replace it with \"overwrite\": true.")
            }
        }
    }

    /// All of a file that batches read, on this machine.
    func input(_ request: ScoringRequest) async throws -> SparseFile {
        let file = try await artifacts.blobs.sparseFile(key(of: request.input))
        try await file.fetch(0..<file.content.totalBytes)
        return file
    }

    /// Stores a finished file of this machine.
    func store(_ path: String, at uri: String) async throws {
        try await artifacts.blobs.put(key(of: uri), WholeFile(path: path))
    }
}

/// The bytes of a file, read as they are taken.
private struct WholeFile: AsyncSequence, Sendable {
    let path: String

    private static let chunkBytes = 1 << 20

    func makeAsyncIterator() -> Iterator { Iterator(path: path) }

    struct Iterator: AsyncIteratorProtocol {
        let path: String
        private var position = 0

        init(path: String) {
            self.path = path
        }

        mutating func next() async throws -> ByteBuffer? {
            let chunk = try await NIOThreadPool.singleton.runIfActive { [path, position] in
                try DurableFile.bytes(of: path, from: position, count: WholeFile.chunkBytes)
            }
            position += chunk.readableBytes
            return chunk.readableBytes == 0 ? nil : chunk
        }
    }
}
