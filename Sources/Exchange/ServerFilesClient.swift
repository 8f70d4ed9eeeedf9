import Console
import Wire

/// Files behind a server's artifact proxy.
struct ProxiedFiles: FileTree {
    let api: APIClient
    /// Below the proxy's root.
    private let root: String

    init(api: APIClient, uri: String) {
        self.api = api
        var path = uri.dropFirst("mlflow-artifacts:".count)
        if path.hasPrefix("//") { path = path.dropFirst(2).drop { $0 != "/" } }
        root = String(path.drop { $0 == "/" })
    }

    static let path = "/api/2.0/mlflow-artifacts/artifacts"

    func list(_ folder: String) async throws -> [FileEntry] {
        let place = folder.isEmpty ? root : "\(root)/\(folder)"
        let answer = try await api.get(Self.path, query: ["path": place])
        return try FileEntry.entries(of: answer) { folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }

    func read(_ path: String) async throws -> FileChunks {
        try await api.download(address(of: path))
    }

    /// The address of a file, for reading and writing.
    func address(of path: String) -> String {
        let components = "\(root)/\(path)".split(separator: "/").map { APIClient.escaped(String($0)) }
        return "\(Self.path)/\(components.joined(separator: "/"))"
    }
}

/// Files on the disk of a server, which it reads out run by run and model by model.
struct OwnedFiles: FileTree {
    let api: APIClient
    let owner: FileOwner

    func list(_ folder: String) async throws -> [FileEntry] {
        let answer =
            switch owner.kind {
            case .run, .trace:
                try await api.get("/api/2.0/mlflow/artifacts/list", query: ["run_id": owner.id, "path": folder])
            case .loggedModel:
                try await api.get(
                    "/api/2.0/mlflow/logged-models/\(owner.id)/artifacts/directories",
                    query: ["artifact_directory_path": folder])
            }
        return try FileEntry.entries(of: answer) { $0 }
    }

    func read(_ path: String) async throws -> FileChunks {
        let escaped = APIClient.escaped(path)
        let address =
            owner.kind == .run
            ? "/get-artifact?run_id=\(owner.id)&path=\(escaped)"
            : "/ajax-api/2.0/mlflow/logged-models/\(owner.id)/artifacts/files?artifact_file_path=\(escaped)"
        return try await api.download(address)
    }
}

extension FileEntry {
    /// - Throws: `ExchangeError` for an answer that is no list of files.
    fileprivate static func entries(of answer: JSON, path: (String) -> String) throws -> [FileEntry] {
        guard answer.memberList != nil, let files = (answer["files"] ?? []).arrayValue else {
            throw ExchangeError(.invalidParameterValue, "that is no list of files: \(answer.text.prefix(100))")
        }
        return files.map { FileEntry(json: $0, path: path) }
    }

    /// As MLflow lists files; those of no bytes have no size.
    private init(json: JSON, path: (String) -> String) {
        let name = json["path"]?.stringValue ?? ""
        self.init(
            path: path(name), isFolder: json["is_dir"]?.boolValue ?? false,
            sizeBytes: json["file_size"]?.integerValue.map(Int.init(clamping:)) ?? 0)
    }
}
