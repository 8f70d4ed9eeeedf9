import Console
import Tracking
import Wire

/// An MLflow server, or another Martlet, over MLflow's REST API.
struct RESTSourceClient: ExchangeSource {
    let api: APIClient

    var place: String { api.url }

    static let root = "/api/2.0/mlflow"
    private static let pageSize: JSON = 200

    func experiments(_ body: RecordBody) async throws {
        try await pages("experiments/search", ["max_results": 1000, "view_type": "ALL"], "experiments") {
            try await body(.whole($0))
        }
    }

    /// Hands over the elements of all pages of a search.
    func pages(
        _ path: String, under root: String = root, _ body: JSON, _ list: String, _ each: (JSON) async throws -> Void
    ) async throws {
        try await pages(list, each) { token in
            try await api.post("\(root)/\(path)", token.map { body.with("page_token", .string($0)) } ?? body)
        }
    }

    /// The same for searches that are GETs.
    func pages(
        get path: String, under root: String = root, _ query: [String: String], _ list: String,
        _ each: (JSON) async throws -> Void
    ) async throws {
        try await pages(list, each) { token in
            var query = query
            query["page_token"] = token
            return try await api.get("\(root)/\(path)", query: query)
        }
    }

    /// - Throws: `ExchangeError` for answers that are no pages, and for pages without end.
    private func pages(
        _ list: String, _ each: (JSON) async throws -> Void, _ page: (String?) async throws -> JSON
    ) async throws {
        var token: String?
        while true {
            let answer = try await page(token)
            for element in try elements(list, of: answer) { try await each(element) }
            guard let next = answer["next_page_token"]?.stringValue, !next.isEmpty else { return }
            guard next != token else {
                throw ExchangeError(.invalidParameterValue, "\(place) answers with the same page of \(list) for ever.")
            }
            token = next
        }
    }

    /// The elements of a list in an answer; an absent list is empty.
    private func elements(_ list: String, of answer: JSON) throws -> [JSON] {
        guard answer.memberList != nil, answer[list].map({ $0.arrayValue != nil }) ?? true else {
            throw ExchangeError(
                .invalidParameterValue,
                "\(place) answered with something that is no list of \(list): \(answer.text.prefix(100))",
                hint: "Is it the address of an MLflow server?")
        }
        return answer[list]?.arrayValue ?? []
    }

    /// Searches leave out the models that a run used, so each run is asked for by itself.
    func runs(of experiment: String, _ body: RecordBody) async throws {
        let search: JSON = [
            "experiment_ids": [.string(experiment)], "run_view_type": "ALL", "max_results": Self.pageSize,
            "order_by": ["attributes.start_time ASC"],
        ]
        try await pages("runs/search", search, "runs") { found in
            let id = RecordKind.runs.id(of: found)
            let record = try await SourceRecord.reading(id) {
                try await member("run", of: api.get("\(Self.root)/runs/get", query: ["run_id": id]))
            }
            try await body(record)
        }
    }

    /// - Throws: `ExchangeError` when an answer has no such object.
    func member(_ name: String, of answer: JSON) throws -> JSON {
        guard let member = answer[name], member.memberList != nil else {
            throw ExchangeError(
                .invalidParameterValue, "\(place) answered without a '\(name)': \(answer.text.prefix(100))")
        }
        return member
    }

    func points(of run: JSON, _ body: RecordBody) async throws {
        let id = RecordKind.runs.id(of: run)
        for key in (run["data"]?["metrics"]?.arrayValue ?? []).compactMap({ $0["key"]?.stringValue }) {
            do {
                try await points(of: id, key, body)
            } catch  where !TransferStop.isDue(after: error) {
                try await body(.broken(id: "\(id)/\(key)", error))
            }
        }
    }

    private func points(of run: String, _ key: String, _ body: RecordBody) async throws {
        var points: [JSON] = []
        let query = ["run_id": run, "metric_key": key, "max_results": String(ImportedPoints.limit)]
        try await pages(get: "metrics/get-history", query, "metrics") { point in
            points.append([point["timestamp"] ?? 0, point["step"] ?? 0, point["value"] ?? 0])
            guard points.count == ImportedPoints.limit else { return }
            try await body(.whole(["run_id": .string(run), "key": .string(key), "points": .array(points)]))
            points = []
        }
        guard !points.isEmpty else { return }
        try await body(.whole(["run_id": .string(run), "key": .string(key), "points": .array(points)]))
    }

    /// MLflow's server lists no deleted ones; those that a run is linked to are asked for by themselves.
    func loggedModels(of experiment: String, linked: Set<String>, _ body: RecordBody) async throws {
        var missing = linked
        let search: JSON = [
            "experiment_ids": [.string(experiment)], "max_results": Self.pageSize, "include_deleted": true,
        ]
        try await orNone {
            try await pages("logged-models/search", search, "models") { model in
                missing.remove(RecordKind.loggedModels.id(of: model))
                try await body(.whole(model))
            }
        }
        for id in missing.sorted() {
            let path = "\(Self.root)/logged-models/\(APIClient.escaped(id))"
            guard let model = try? await api.get(path, query: ["allow_deleted": "true"])["model"],
                let info = model["info"], info["experiment_id"] == .string(experiment)
            else { continue }
            try await body(.whole(model.replacing("info", info.with("lifecycle_stage", "deleted"))))
        }
    }

    /// Prompts are listed only when they are asked for.
    func models(_ body: RecordBody) async throws {
        for filter in [nil, Self.onlyPrompts] {
            var query = ["max_results": "100"]
            query["filter"] = filter
            try await pages(get: "registered-models/search", query, "registered_models") { try await body(.whole($0)) }
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
            let record = try await SourceRecord.reading("\(name)/\(number)") {
                let place = try await api.get(
                    "\(Self.root)/model-versions/get-download-uri", query: ["name": name, "version": number])
                let own = aliases.filter { $0["version"]?.stringValue == number }.compactMap { $0["alias"] }
                let record = version.with("aliases", .array(own)).with("storage_uri", place["artifact_uri"] ?? "")
                guard version["model_id"] == nil,
                    let id = LoggedModelSource.id(in: version["source"]?.stringValue ?? "")
                else { return record }
                return record.with("model_id", .string(id))
            }
            try await body(record)
        }
    }

    /// A server elsewhere does not say what is read from this machine's disk.
    private var isOnThisMachine: Bool {
        api.url.contains(/^https?:\/\/([^\/@]*@)?(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/)
    }

    func files(of owner: FileOwner) async throws -> (any FileTree)? {
        if owner.uri.hasPrefix("mlflow-artifacts:") { return ProxiedFiles(api: api, uri: owner.uri) }
        guard let path = LocalFileTree.path(ofURI: owner.uri) else { return nil }
        // On the server's disk: read here when that is this machine's, and otherwise read out by the server.
        if isOnThisMachine, let tree = LocalFileTree(root: path) { return tree }
        return owner.kind == .trace ? NoFiles() : OwnedFiles(api: api, owner: owner)
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
