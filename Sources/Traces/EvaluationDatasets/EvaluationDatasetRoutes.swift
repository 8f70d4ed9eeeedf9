import Tracking
package import Web
import Wire

/// MLflow's REST API of evaluation datasets. What has a free form travels as JSON in text.
package struct EvaluationDatasetRoutes: Sendable {
    private let store: EvaluationDatasetStore

    package init(store: EvaluationDatasetStore) {
        self.store = store
    }

    package func routes(into routes: inout Routes) {
        routes.mlflow3.post("datasets/create", .write("datasets"), create)
        routes.mlflow3.post("datasets/search", .read("datasets"), search)
        routes.mlflow3.get("datasets/search", .read("datasets"), search)
        routes.mlflow3.get("datasets/{dataset_id}", .read("datasets"), get)
        routes.mlflow3.delete("datasets/{dataset_id}", .write("datasets"), delete)
        routes.mlflow3.patch("datasets/{dataset_id}/tags", .write("datasets"), setTags)
        routes.mlflow3.delete("datasets/{dataset_id}/tags/{key}", .write("datasets"), deleteTag)
        routes.mlflow3.post("datasets/{dataset_id}/records", .write("datasets"), upsert)
        routes.mlflow3.get("datasets/{dataset_id}/records", .read("datasets"), records)
        routes.mlflow3.delete("datasets/{dataset_id}/records", .write("datasets"), deleteRecords)
        routes.mlflow3.get("datasets/{dataset_id}/experiment-ids", .read("datasets"), experiments)
        routes.mlflow3.post("datasets/{dataset_id}/add-experiments", .write("datasets"), add)
        routes.mlflow3.post("datasets/{dataset_id}/remove-experiments", .write("datasets"), remove)
    }

    private func create(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let dataset = try await store.create(
            name: fields.string("name"), tags: fields.textTags() ?? [], experiments: fields.experimentIDs(),
            by: call.principal.name)
        return .json(["dataset": dataset.json])
    }

    private func get(_ call: Call) async throws -> Reply {
        .json(["dataset": try await store.dataset(call.path("dataset_id")).json])
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await store.delete(call.path("dataset_id"), by: call.principal.name)
        return .empty
    }

    private func search(_ call: Call) async throws -> Reply {
        let fields = try await call.fields(lists: ["experiment_ids", "order_by"])
        var query = EvaluationDatasetQuery()
        query.experimentIDs = try fields.searchedExperimentIDs()
        query.filter = try SearchGrammar.evaluationDatasets.filter(fields.optionalString("filter_string"))
        query.orders = try SearchGrammar.evaluationDatasets.orders(fields.strings("order_by"))
        query.limit = try fields.limit(default: 1000, maximum: EvaluationDatasetQuery.maximumLimit)
        query.offset = try fields.offset()
        let page = try await store.search(query)
        return .json(
            .compact(["datasets": .nonEmpty(page.elements), "next_page_token": page.next.map { .string($0.text) }]))
    }

    private func setTags(_ call: Call) async throws -> Reply {
        guard let tags = try await call.fields().textTags() else { throw FieldProblem.missing("tags") }
        try await store.set(tags, of: call.path("dataset_id"), by: call.principal.name)
        return .empty
    }

    private func deleteTag(_ call: Call) async throws -> Reply {
        try await store.deleteTag(call.path("key"), of: call.path("dataset_id"), by: call.principal.name)
        return .empty
    }

    private func upsert(_ call: Call) async throws -> Reply {
        let list = try JSON.parse(await call.fields().string("records"))
        let records = try Fields(["records": list]).objects("records").map(NewEvaluationRecord.init)
        let counts = try await store.upsert(records, into: call.path("dataset_id"), by: call.principal.name)
        return .json([
            "inserted_count": .integer(Int64(counts.inserted)), "updated_count": .integer(Int64(counts.updated)),
        ])
    }

    private func records(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let page = try await store.records(
            of: call.path("dataset_id"), limit: fields.limit(default: 1000, maximum: 50_000), offset: fields.offset())
        let records = JSON.array(page.elements.map(\.json))
        return .json(
            .compact(["records": .string(records.text), "next_page_token": page.next.map { .string($0.text) }]))
    }

    private func deleteRecords(_ call: Call) async throws -> Reply {
        let ids = try await call.fields().strings("dataset_record_ids")
        let count = try await store.delete(records: ids, from: call.path("dataset_id"), by: call.principal.name)
        return .json(["deleted_count": .integer(Int64(count))])
    }

    private func experiments(_ call: Call) async throws -> Reply {
        let ids = try await store.dataset(call.path("dataset_id")).experiments.map(\.text)
        return .json(.compact(["experiment_ids": ids.isEmpty ? nil : .strings(ids)]))
    }

    private func add(_ call: Call) async throws -> Reply {
        let ids = try await call.fields().experimentIDs()
        return .json([
            "dataset": try await store.add(ids, to: call.path("dataset_id"), by: call.principal.name).json
        ])
    }

    private func remove(_ call: Call) async throws -> Reply {
        let ids = try await call.fields().experimentIDs()
        return .json([
            "dataset": try await store.remove(ids, from: call.path("dataset_id"), by: call.principal.name).json
        ])
    }
}

extension Fields {
    /// Tags as the text of a JSON object; those that are null are left out.
    fileprivate func textTags() throws -> [Tag]? {
        guard let text = try optionalString("tags"), !text.isEmpty else { return nil }
        return try Fields(JSON.parse(text), prefix: "tags.").members.filter { $0.value != .null }
            .map { Tag(key: $0.key, value: $0.value.stringValue ?? $0.value.text) }
    }
}
