import Console
import Tracking
import Wire

/// An MLflow server, or another Martlet, over MLflow's REST API.
struct RESTSourceClient: ExchangeSource {
    let api: APIClient

    var place: String { api.url }

    private static let root = "/api/2.0/mlflow"
    private static let pageSize: JSON = 200

    func experiments() async throws -> [JSON] {
        var experiments: [JSON] = []
        try await pages("experiments/search", ["max_results": 1000, "view_type": "ALL"], "experiments") {
            experiments.append($0)
        }
        return experiments
    }

    /// Hands over the elements of all pages of a search.
    private func pages(_ path: String, _ body: JSON, _ list: String, _ each: RecordBody) async throws {
        var token: JSON?
        repeat {
            let page = try await api.post("\(Self.root)/\(path)", token.map { body.with("page_token", $0) } ?? body)
            for element in page[list]?.arrayValue ?? [] { try await each(element) }
            token = page["next_page_token"]
        } while token != nil && token != .string("")
    }

    /// The same for searches that are GETs.
    private func pages(
        get path: String, _ query: [String: String], _ list: String, _ each: RecordBody
    ) async throws {
        var query = query
        while true {
            let page = try await api.get("\(Self.root)/\(path)", query: query)
            for element in page[list]?.arrayValue ?? [] { try await each(element) }
            guard let token = page["next_page_token"]?.stringValue, !token.isEmpty else { return }
            query["page_token"] = token
        }
    }

    /// Searches leave out the models that a run used, so each run is asked for by itself.
    func runs(of experiment: String, _ body: RecordBody) async throws {
        let search: JSON = [
            "experiment_ids": [.string(experiment)], "run_view_type": "ALL", "max_results": Self.pageSize,
            "order_by": ["attributes.start_time ASC"],
        ]
        try await pages("runs/search", search, "runs") { found in
            guard let id = found["info"]?["run_id"]?.stringValue else { return }
            let run = try await api.get("\(Self.root)/runs/get", query: ["run_id": id])["run"]
            try await body(run ?? found)
        }
    }

    func points(of run: JSON, _ body: RecordBody) async throws {
        let id = run["info"]?["run_id"]?.stringValue ?? ""
        for key in (run["data"]?["metrics"]?.arrayValue ?? []).compactMap({ $0["key"]?.stringValue }) {
            var points: [JSON] = []
            let query = ["run_id": id, "metric_key": key, "max_results": String(ImportedPoints.limit)]
            try await pages(get: "metrics/get-history", query, "metrics") { point in
                points.append([point["timestamp"] ?? 0, point["step"] ?? 0, point["value"] ?? 0])
                guard points.count == ImportedPoints.limit else { return }
                try await body(["run_id": .string(id), "key": .string(key), "points": .array(points)])
                points = []
            }
            guard !points.isEmpty else { continue }
            try await body(["run_id": .string(id), "key": .string(key), "points": .array(points)])
        }
    }

    /// MLflow's server lists no deleted ones; those that a run is linked to are asked for by themselves.
    func loggedModels(of experiment: String, linked: Set<String>, _ body: RecordBody) async throws {
        var missing = linked
        let search: JSON = [
            "experiment_ids": [.string(experiment)], "max_results": Self.pageSize, "include_deleted": true,
        ]
        try await pages("logged-models/search", search, "models") { model in
            if let id = model["info"]?["model_id"]?.stringValue { missing.remove(id) }
            try await body(model)
        }
        for id in missing.sorted() {
            let path = "\(Self.root)/logged-models/\(APIClient.escaped(id))"
            guard let model = try? await api.get(path, query: ["allow_deleted": "true"])["model"],
                let info = model["info"], info["experiment_id"] == .string(experiment)
            else { continue }
            try await body(model.replacing("info", info.with("lifecycle_stage", "deleted")))
        }
    }

    /// Prompts are listed only when they are asked for.
    func models(_ body: RecordBody) async throws {
        for filter in [nil, Self.onlyPrompts] {
            var query = ["max_results": "100"]
            query["filter"] = filter
            try await pages(get: "registered-models/search", query, "registered_models", body)
        }
    }

    private static let onlyPrompts = "tag.`mlflow.prompt.is_prompt` = 'true'"

    func versions(of model: JSON, _ body: RecordBody) async throws {
        let name = model["name"]?.stringValue ?? ""
        let isPrompt = model["tags"]?.arrayValue?.contains(["key": "mlflow.prompt.is_prompt", "value": "true"]) == true
        let quoted = name.contains("'") ? "\"\(name)\"" : "'\(name)'"
        let filter = "name = \(quoted)" + (isPrompt ? " AND \(Self.onlyPrompts)" : "")
        let aliases = model["aliases"]?.arrayValue ?? []
        try await pages(
            get: "model-versions/search", ["filter": filter, "max_results": "1000", "order_by": "version_number ASC"],
            "model_versions"
        ) { version in
            let number = version["version"]?.stringValue ?? ""
            let place = try await api.get(
                "\(Self.root)/model-versions/get-download-uri", query: ["name": name, "version": number])
            let own = aliases.filter { $0["version"]?.stringValue == number }.compactMap { $0["alias"] }
            var record = version.with("aliases", .array(own)).with("storage_uri", place["artifact_uri"] ?? "")
            if version["model_id"] == nil, let id = LoggedModelSource.id(in: version["source"]?.stringValue ?? "") {
                record = record.with("model_id", .string(id))
            }
            try await body(record)
        }
    }

    func files(of owner: FileOwner) async throws -> (any FileTree)? {
        if owner.uri.hasPrefix("mlflow-artifacts:") { return ProxiedFiles(api: api, uri: owner.uri) }
        guard let path = LocalFileTree.path(ofURI: owner.uri) else { return nil }
        // On a disk: this machine's, or the server's, which reads it out.
        if let tree = LocalFileTree(root: path) { return tree }
        return OwnedFiles(api: api, owner: owner)
    }
}

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
        return (answer["files"]?.arrayValue ?? []).compactMap { file in
            FileEntry(json: file) { folder.isEmpty ? $0 : "\(folder)/\($0)" }
        }
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
private struct OwnedFiles: FileTree {
    let api: APIClient
    let owner: FileOwner

    func list(_ folder: String) async throws -> [FileEntry] {
        let answer =
            switch owner.kind {
            case .run: try await api.get("/api/2.0/mlflow/artifacts/list", query: ["run_id": owner.id, "path": folder])
            case .loggedModel:
                try await api.get(
                    "/api/2.0/mlflow/logged-models/\(owner.id)/artifacts/directories",
                    query: ["artifact_directory_path": folder])
            }
        return (answer["files"]?.arrayValue ?? []).compactMap { FileEntry(json: $0) { $0 } }
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
    /// As MLflow lists files; those of no bytes have no size.
    init?(json: JSON, path: (String) -> String) {
        guard let name = json["path"]?.stringValue else { return nil }
        self.init(
            path: path(name), isFolder: json["is_dir"]?.boolValue ?? false,
            sizeBytes: json["file_size"]?.integerValue.map(Int.init(clamping:)) ?? 0)
    }
}

extension JSON {
    /// The object with a member, new or not.
    func with(_ key: String, _ value: JSON) -> JSON {
        .members((memberList ?? []).map { ($0.key, $0.value) } + [(key, value)])
    }

    /// The object with another value for a member that it has.
    func replacing(_ key: String, _ value: JSON) -> JSON {
        .members((memberList ?? []).map { ($0.key, $0.key == key ? value : $0.value) })
    }
}
