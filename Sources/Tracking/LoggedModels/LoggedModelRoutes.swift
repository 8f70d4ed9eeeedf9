package import Web
import Wire

/// MLflow's REST API of logged models.
package struct LoggedModelRoutes: Sendable {
    private let store: LoggedModelStore

    package init(store: LoggedModelStore) {
        self.store = store
    }

    package func routes(into routes: inout Routes) {
        routes.mlflow.post("logged-models", .write("logged-models"), create)
        routes.mlflow.post("logged-models/search", .read("logged-models"), search)
        routes.mlflow.get("logged-models/{model_id}", .read("logged-models"), get)
        routes.mlflow.patch("logged-models/{model_id}", .write("logged-models"), finalize)
        routes.mlflow.delete("logged-models/{model_id}", .write("logged-models"), delete)
        routes.mlflow.post("logged-models/{model_id}/params", .write("logged-models"), logParams)
        routes.mlflow.patch("logged-models/{model_id}/tags", .write("logged-models"), setTags)
        routes.mlflow.delete("logged-models/{model_id}/tags/{key}", .write("logged-models"), deleteTag)
    }

    private func create(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let new = try NewLoggedModel(
            experimentID: fields.experimentID(), name: fields.optionalString("name"),
            modelType: fields.optionalString("model_type") ?? "",
            sourceRunID: fields.optionalString("source_run_id") ?? "", params: fields.params(), tags: fields.tags())
        return Self.answer(try await store.create(new, by: call.principal.name))
    }

    private func get(_ call: Call) async throws -> Reply {
        let includingDeleted = try call.queryFields().optionalBool("allow_deleted") ?? false
        let model = try await store.model(call.path("model_id"), includingDeleted: includingDeleted)
        return Self.answer(model)
    }

    private func finalize(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        // The id in the body decides, as it does for MLflow's own server.
        let id = try fields.string("model_id")
        guard let status = try fields.optionalCase("status", as: LoggedModelStatus.self) else {
            guard let value = try fields.value("status") else { throw FieldProblem.missing("status") }
            let known = LoggedModelStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw FieldProblem.invalid("status", value, expected: "one of \(known)")
        }
        return Self.answer(try await store.finalize(id, as: status, by: call.principal.name))
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await store.delete(call.path("model_id"), by: call.principal.name)
        return .empty
    }

    private func logParams(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await store.log(fields.params(), to: fields.string("model_id"))
        return .empty
    }

    private func setTags(_ call: Call) async throws -> Reply {
        let tags = try await call.fields().tags()
        try await store.set(tags, of: call.path("model_id"), by: call.principal.name)
        return .empty
    }

    private func deleteTag(_ call: Call) async throws -> Reply {
        try await store.deleteTag(call.path("key"), of: call.path("model_id"), by: call.principal.name)
        return .empty
    }

    private func search(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        guard try fields.value("experiment_ids") != nil else { throw FieldProblem.missing("experiment_ids") }
        var query = LoggedModelQuery(experimentIDs: try fields.searchedExperimentIDs())
        query.filter = try SearchGrammar.loggedModels.filter(fields.optionalString("filter"))
        query.datasets = try fields.objects("datasets").map { fields in
            guard let dataset = try fields.dataset() else {
                throw FieldProblem("`dataset_name` in the `datasets` clause must be specified.")
            }
            return dataset
        }
        query.orders = try fields.objects("order_by").map { fields in
            try LoggedModelQuery.Order(
                fieldName: fields.optionalString("field_name") ?? "",
                isAscending: fields.optionalBool("ascending") ?? true, dataset: fields.dataset())
        }
        if let limit = try fields.optionalInteger("max_results"), limit != 0 {
            query.limit = try fields.limit(default: nil, maximum: Int(Int32.max))
        }
        query.offset = try fields.offset()
        // Beyond MLflow: an export takes them along.
        query.includesDeleted = try fields.optionalBool("include_deleted") ?? false
        let page = try await store.search(query)
        return .json { writer in
            writer.list("models", page.elements) { $1.write(to: &$0) }
            writer.nextPage(page.next)
        }
    }

    private static func answer(_ model: LoggedModel) -> Reply {
        .json { writer in
            writer.name("model")
            model.write(to: &writer)
        }
    }
}

extension Fields {
    /// The dataset of a search; nil when none is named.
    fileprivate func dataset() throws -> LoggedModelQuery.Dataset? {
        guard let name = try optionalString("dataset_name"), !name.isEmpty else { return nil }
        let digest = try optionalString("dataset_digest")
        return LoggedModelQuery.Dataset(name: name, digest: digest?.isEmpty == true ? nil : digest)
    }
}
