package import Web
import Wire

/// MLflow's REST API of runs and of what they log.
package struct RunRoutes: Sendable {
    private let store: RunStore

    package init(store: RunStore) {
        self.store = store
    }

    package func routes(into routes: inout Routes) {
        routes.mlflow.post("runs/create", .write("runs"), create)
        routes.mlflow.get("runs/get", .read("runs"), get)
        routes.mlflow.post("runs/search", .read("runs"), search)
        routes.mlflow.post("runs/update", .write("runs"), update)
        routes.mlflow.post("runs/delete", .write("runs"), delete)
        routes.mlflow.post("runs/restore", .write("runs"), restore)
        routes.mlflow.post("runs/log-metric", .write("runs"), logMetric)
        routes.mlflow.post("runs/log-parameter", .write("runs"), logParam)
        routes.mlflow.post("runs/log-batch", .write("runs"), logBatch)
        routes.mlflow.post("runs/set-tag", .write("runs"), setTag)
        routes.mlflow.post("runs/delete-tag", .write("runs"), deleteTag)
        routes.mlflow.post("runs/log-inputs", .write("runs"), logInputs)
        routes.mlflow.post("runs/outputs", .write("runs"), logOutputs)
        routes.mlflow.post("runs/log-model", .write("runs"), logModel)
    }

    private func create(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let new = try NewRun(
            experimentID: fields.experimentID(), userID: fields.optionalString("user_id") ?? "",
            startTime: Timestamp(milliseconds: fields.optionalInteger("start_time") ?? 0),
            name: fields.optionalString("run_name"), tags: fields.tags())
        return Self.answer(try await store.create(new, by: call.principal.name))
    }

    private func get(_ call: Call) async throws -> Reply {
        Self.answer(try await store.run(call.fields().runID()))
    }

    private static func answer(_ run: Run) -> Reply {
        .json { writer in
            writer.name("run")
            run.write(to: &writer)
        }
    }

    private func search(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        var query = RunQuery(experimentIDs: try fields.searchedExperimentIDs())
        query.filter = try SearchGrammar.runs.filter(fields.optionalString("filter"))
        query.orders = try SearchGrammar.runs.orders(fields.strings("order_by"))
        query.view = try fields.optionalCase("run_view_type") ?? .activeOnly
        query.limit = try fields.limit(default: query.limit, maximum: RunQuery.maximumLimit)
        query.offset = try fields.offset()
        let page = try await store.search(query)
        return .json { writer in
            writer.list("runs", page.elements) { $1.write(to: &$0) }
            writer.nextPage(page.next)
        }
    }

    private func update(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let update = RunUpdate(
            status: try fields.optionalCase("status"),
            endTime: try fields.optionalInteger("end_time").map(Timestamp.init(milliseconds:)),
            name: try fields.optionalString("run_name"))
        let info = try await store.update(fields.runID(), update, by: call.principal.name)
        return .json { writer in
            writer.name("run_info")
            info.write(to: &writer)
        }
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await store.delete(call.fields().runID(), by: call.principal.name)
        return .empty
    }

    private func restore(_ call: Call) async throws -> Reply {
        try await store.restore(call.fields().runID(), by: call.principal.name)
        return .empty
    }

    private func logMetric(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        return try await log(RunBatch(metrics: [fields.metric()]), fields, call)
    }

    private func logParam(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        return try await log(RunBatch(params: [fields.param()]), fields, call)
    }

    private func setTag(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        return try await log(RunBatch(tags: [fields.tag()]), fields, call)
    }

    private func logBatch(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let metrics = try fields.objects("metrics").map { try $0.metric() }
        return try await log(RunBatch(metrics: metrics, params: fields.params(), tags: fields.tags()), fields, call)
    }

    private func log(_ batch: RunBatch, _ fields: Fields, _ call: Call) async throws -> Reply {
        try await store.log(batch, to: fields.runID(), by: call.principal.name)
        return .empty
    }

    private func deleteTag(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await store.deleteTag(fields.string("key"), of: fields.runID(), by: call.principal.name)
        return .empty
    }

    private func logInputs(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let datasets = try fields.objects("datasets").map { try $0.datasetInput() }
        let models = try fields.objects("models").map { try $0.string("model_id") }
        try await store.logInputs(datasets, models: models, to: fields.runID())
        return .empty
    }

    private func logOutputs(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        guard try fields.value("models") != nil else { throw FieldProblem.missing("models") }
        let outputs = try fields.objects("models").map { model in
            ModelOutput(modelID: try model.string("model_id"), step: try model.optionalInteger("step") ?? 0)
        }
        try await store.logOutputs(outputs, to: fields.runID())
        return .empty
    }

    /// How clients before MLflow 3 record a model: its description as JSON in a string.
    private func logModel(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let text = try fields.string("model_json")
        guard let model = try? JSON.parse(text) else {
            throw FieldProblem("Malformed model info. 'model_json' is not valid JSON: \(text.prefix(200))")
        }
        let missing = ["artifact_path", "flavors", "utc_time_created", "run_id"].filter { model[$0] == nil }
        guard missing.isEmpty else {
            throw FieldProblem("Model json is missing mandatory fields: \(missing.joined(separator: ", ")).")
        }
        try await store.appendModelHistory(model, to: fields.runID(), by: call.principal.name)
        return .empty
    }
}
