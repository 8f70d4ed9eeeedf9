import Blobs
import Foundation
import HTTPTypes
package import Web
import Wire

/// Upload, download and listing of artifacts: the `mlflow-artifacts` proxy of MLflow's REST API.
package struct ArtifactRoutes: Sendable {
    private let store: ArtifactStore

    package init(store: ArtifactStore) {
        self.store = store
    }

    package func routes(into routes: inout Routes) {
        for prefix in ["/api/2.0/mlflow-artifacts", "/ajax-api/2.0/mlflow-artifacts"] {
            routes.get("\(prefix)/artifacts", .read("artifacts"), list)
            routes.put("\(prefix)/artifacts/**", .write("artifacts"), upload)
            routes.get("\(prefix)/artifacts/**", .read("artifacts"), download)
            routes.delete("\(prefix)/artifacts/**", .write("artifacts"), delete)
            for step in ["create", "complete", "abort"] {
                routes.post("\(prefix)/mpu/\(step)/**", .write("artifacts"), refuseMultipart)
            }
            routes.get("\(prefix)/presigned/**", .read("artifacts"), refusePresigned)
        }
    }

    private func upload(_ call: Call) async throws -> Reply {
        let key = try key(of: call)
        guard !call.rawPath.hasSuffix("/") else {
            throw ArtifactError(.invalidParameterValue, "The path of an artifact must end with a file name.")
        }
        try await store.blobs.put(key, call.stream)
        return .empty
    }

    private func download(_ call: Call) async throws -> Reply {
        let key = try key(of: call)
        return try await Self.reply(with: store.blobs.read(key), named: key.name, of: store, key: key, to: call)
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await store.blobs.delete(try key(of: call))
        return .empty
    }

    /// Names here are base names only; files of no bytes have no size, as MLflow's server answers.
    private func list(_ call: Call) async throws -> Reply {
        let key = try BlobKey(call.query("path") ?? "")
        let files = try await store.blobs.list(key).map { $0.json(path: $0.name) }
        return .json(files.isEmpty ? [:] : ["files": .array(files)])
    }

    /// The text is the one by which the client knows that it must upload in one piece.
    private func refuseMultipart(_ call: Call) async throws -> Reply {
        throw ArtifactError(
            .notImplemented, "Multipart upload is not supported for the current artifact repository")
    }

    private func refusePresigned(_ call: Call) async throws -> Reply {
        throw ArtifactError(
            .notImplemented, "Presigned URLs are not supported for the current artifact repository")
    }

    private func key(of call: Call) throws -> BlobKey {
        guard let start = call.rawPath.firstRange(of: "/mlflow-artifacts/artifacts/")?.upperBound else { return .root }
        return try BlobKey(String(call.rawPath[start...]))
    }

    /// The file at `path` below the folder that `uri` names, as an attachment.
    /// - Throws: `ArtifactError` and `BlobError` for what is not there or not kept by this server.
    package static func download(
        _ path: String, below uri: String, from store: ArtifactStore, to call: Call
    ) async throws -> Reply {
        let key = try store.key(ofURI: uri).appending(path)
        return try await reply(with: store.blobs.read(key), named: key.name, of: store, key: key, to: call)
    }

    /// An artifact as an attachment: whole, or the range that was asked for.
    private static func reply(
        with chunks: FileChunks, named name: String, of store: ArtifactStore, key: BlobKey, to call: Call
    ) async throws -> Reply {
        let tag = try await store.blobs.info(key).map { "\"\($0.sizeBytes)-\($0.modifiedAt.milliseconds)\"" }
        var headers: HTTPFields = [
            .contentType: ArtifactType.mediaType(of: name), .acceptRanges: "bytes",
            .contentDisposition: ArtifactType.disposition(of: name),
        ]
        if let tag { headers[.eTag] = tag }
        guard let range = try ByteRange(header: call.headers[.range], total: chunks.totalBytes) else {
            return Reply(headers: headers, body: .stream(length: chunks.totalBytes, chunks))
        }
        headers[.contentRange] = range.contentRange
        return Reply(
            status: .partialContent, headers: headers,
            body: .stream(length: range.bytes.count, chunks.slice(range.bytes)))
    }
}

extension BlobInfo {
    /// As MLflow lists files; a folder and an empty file have no size.
    func json(path: String) -> JSON {
        .compact([
            "path": .string(path), "is_dir": .bool(isFolder),
            "file_size": sizeBytes > 0 ? .integer(Int64(sizeBytes)) : nil,
        ])
    }
}
