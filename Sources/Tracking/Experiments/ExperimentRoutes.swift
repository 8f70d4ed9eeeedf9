package import Web
import Wire

/// MLflow's REST API of experiments.
package struct ExperimentRoutes: Sendable {
    private let store: ExperimentStore

    package init(store: ExperimentStore) {
        self.store = store
    }

    package func routes(into routes: inout Routes) {
        routes.mlflow.post("experiments/create", .write("experiments"), create)
        routes.mlflow.get("experiments/get", .read("experiments"), get)
        routes.mlflow.get("experiments/get-by-name", .read("experiments"), getByName)
        routes.mlflow.post("experiments/search", .read("experiments"), search)
        routes.mlflow.get("experiments/search", .read("experiments"), search)
        routes.mlflow.post("experiments/update", .write("experiments"), update)
        routes.mlflow.post("experiments/delete", .write("experiments"), delete)
        routes.mlflow.post("experiments/restore", .write("experiments"), restore)
        routes.mlflow.post("experiments/set-experiment-tag", .write("experiments"), setTag)
        routes.mlflow.post("experiments/delete-experiment-tag", .write("experiments"), deleteTag)
        routes.mlflow.ajaxPost("experiments/search-datasets", .read("experiments"), searchDatasets)
    }

    private func create(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let location = try fields.optionalString("artifact_location") ?? ""
        let id = try await store.create(
            name: try fields.string("name"), artifactLocation: location.isEmpty ? nil : location,
            tags: try fields.tags(), by: call.principal.name)
        return .json(["experiment_id": .string(id.text)])
    }

    private func get(_ call: Call) async throws -> Reply {
        let id = try await call.fields().experimentID()
        return .json(["experiment": try await store.experiment(id).json])
    }

    private func getByName(_ call: Call) async throws -> Reply {
        let name = try await call.fields().string("experiment_name")
        return .json(["experiment": try await store.experiment(named: name).json])
    }

    private func search(_ call: Call) async throws -> Reply {
        let fields = try await call.fields(lists: ["order_by"])
        var query = ExperimentQuery(limit: try fields.limit(default: nil, maximum: ExperimentQuery.maximumLimit))
        query.filter = try SearchGrammar.experiments.filter(fields.optionalString("filter"))
        query.orders = try SearchGrammar.experiments.orders(fields.strings("order_by"))
        query.view = try fields.optionalCase("view_type") ?? .activeOnly
        query.offset = try fields.offset()
        let page = try await store.search(query)
        return .json(
            .compact([
                "experiments": .nonEmpty(page.elements), "next_page_token": page.next.map { .string($0.text) },
            ]))
    }

    private func update(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await store.rename(
            fields.experimentID(), to: fields.string("new_name"), by: call.principal.name)
        return .empty
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await store.delete(call.fields().experimentID(), by: call.principal.name)
        return .empty
    }

    private func restore(_ call: Call) async throws -> Reply {
        try await store.restore(call.fields().experimentID(), by: call.principal.name)
        return .empty
    }

    private func setTag(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await store.set(fields.tag(), of: fields.experimentID(), by: call.principal.name)
        return .empty
    }

    private func deleteTag(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await store.deleteTag(fields.string("key"), of: fields.experimentID(), by: call.principal.name)
        return .empty
    }

    /// The most experiments and the most summaries of one answer.
    private static let datasetLimits = (experiments: 20, summaries: 1000)

    private func searchDatasets(_ call: Call) async throws -> Reply {
        let ids = try await call.fields().experimentIDs()
        guard (1...Self.datasetLimits.experiments).contains(ids.count) else {
            throw FieldProblem(
                "SearchDatasets request must specify 1 to \(Self.datasetLimits.experiments) experiment_ids. Received "
                    + "\(ids.count) experiment_ids.")
        }
        let summaries = try await store.datasetSummaries(of: ids, limit: Self.datasetLimits.summaries)
        return .json(.compact(["dataset_summaries": .nonEmpty(summaries)]))
    }
}
