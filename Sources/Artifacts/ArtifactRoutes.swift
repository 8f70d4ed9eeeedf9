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

    static let prefixes = ["/api/2.0/mlflow-artifacts", "/ajax-api/2.0/mlflow-artifacts"]

    package func routes(into routes: inout Routes) {
        for prefix in Self.prefixes {
            routes.get("\(prefix)/artifacts", .read("artifacts"), list)
            routes.put("\(prefix)/artifacts/**", .write("artifacts"), upload)
            routes.get("\(prefix)/artifacts/**", .read("artifacts"), download)
            routes.delete("\(prefix)/artifacts/**", .write("artifacts"), delete)
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
        return try await Self.reply(with: try await store.blobs.read(key), to: call)
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

    private func key(of call: Call) throws -> BlobKey {
        try Self.key(of: call, after: "/mlflow-artifacts/artifacts/")
    }

    /// What the rest of the address names.
    static func key(of call: Call, after prefix: String) throws -> BlobKey {
        guard let start = call.rawPath.firstRange(of: prefix)?.upperBound else { return .root }
        return try BlobKey(String(call.rawPath[start...]))
    }

    /// The file at `path` below the folder that `uri` names, as an attachment.
    /// - Throws: `ArtifactError` and `BlobError` for what is not there or not kept by this server.
    package static func download(
        _ path: String, below uri: String, from store: ArtifactStore, to call: Call
    ) async throws -> Reply {
        let key = try store.key(ofURI: uri).appending(path)
        return try await reply(with: try await store.blobs.read(key), to: call)
    }

    /// An artifact as an attachment: whole, or the range that was asked for.
    private static func reply(with content: BlobContent, to call: Call) async throws -> Reply {
        let info = content.info
        var headers: HTTPFields = [
            .contentType: ArtifactType.mediaType(of: info.name), .acceptRanges: "bytes",
            .contentDisposition: ArtifactType.disposition(of: info.name), .eTag: "\"\(info.revision)\"",
        ]
        let range = try ByteRange(header: call.headers[.range], total: content.totalBytes)
        headers[.contentRange] = range?.contentRange
        let part = range.map { content.slice($0.bytes) } ?? content
        let body = call.method == .head ? part : try await part.begun()
        return Reply(
            status: range == nil ? .ok : .partialContent, headers: headers,
            body: .stream(length: part.range.count, body))
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
