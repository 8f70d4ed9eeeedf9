package import Tracking
package import Web
import Wire

/// MLflow's REST API of traces, of version 3.0 and, for clients of before, of version 2.0.
package struct TraceRoutes: Sendable {
    private let store: TraceStore
    private let experiments: ExperimentStore

    package init(store: TraceStore, experiments: ExperimentStore) {
        self.store = store
        self.experiments = experiments
    }

    package func routes(into routes: inout Routes) {
        SpanRoutes(store: store).routes(into: &routes)
        AssessmentRoutes(store: store).routes(into: &routes)
        TraceMetricRoutes(store: store).routes(into: &routes)
        LegacyTraceRoutes(store: store).routes(into: &routes)
        TracePage(traces: store, experiments: experiments).routes(into: &routes)

        routes.mlflow3.post("traces", .write("traces"), save)
        routes.mlflow3.post("traces/search", .read("traces"), search)
        routes.mlflow3.get("traces/get", .read("traces"), get)
        routes.mlflow3.get("traces/batchGet", .read("traces"), batchGet)
        routes.mlflow3.post("traces/batchGetInfos", .read("traces"), batchGetInfos)
        routes.mlflow3.get("traces/{trace_id}", .read("traces"), info)
        Self.both(&routes) { routes in
            routes.patch("traces/{trace_id}/tags", .write("traces"), setTag)
            routes.delete("traces/{trace_id}/tags", .write("traces"), deleteTag)
            routes.post("traces/delete-traces", .write("traces"), delete)
            routes.post("traces/link-to-run", .write("traces"), linkToRun)
            routes.post("traces/link-prompts", .write("traces"), linkPrompts)
        }
    }

    /// What is the same in both versions.
    private static func both(_ routes: inout Routes, _ add: (inout MLflowRoutes) -> Void) {
        add(&routes.mlflow)
        add(&routes.mlflow3)
    }

    private func save(_ call: Call) async throws -> Reply {
        let fields = try await call.fields().object("trace").object("trace_info")
        let trace = try TraceInfo(fields, now: call.time, entropy: store.entropy)
        return .json(["trace": ["trace_info": try await store.save(trace).json]])
    }

    private func info(_ call: Call) async throws -> Reply {
        .json(["trace": ["trace_info": try await store.info(call.path("trace_id")).json]])
    }

    private func get(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let allowsPartial = try fields.optionalBool("allow_partial") ?? false
        return .json(["trace": try await store.trace(fields.string("trace_id"), allowsPartial: allowsPartial).json])
    }

    private func batchGet(_ call: Call) async throws -> Reply {
        let fields = try await call.fields(lists: ["trace_ids", "experiment_ids"])
        let experiments = try fields.scope()
        let traces = try await store.traces(fields.traceIDs())
        return .json(.compact(["traces": .nonEmpty(traces.filter { experiments.holds($0.info) })]))
    }

    private func batchGetInfos(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let experiments = try fields.scope()
        let infos = try await store.infos(fields.traceIDs())
        return .json(.compact(["trace_infos": .nonEmpty(infos.filter { experiments.holds($0) })]))
    }

    private func search(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        guard try !fields.array("locations").isEmpty else { throw FieldProblem.missing("locations") }
        let experiments = try fields.objects("locations").compactMap { location in
            try location.optionalObject("mlflow_experiment")?.experimentID()
        }
        let page = try await store.search(TraceQuery(fields, in: experiments))
        return .json(
            .compact(["traces": .nonEmpty(page.elements), "next_page_token": page.next.map { .string($0.text) }]))
    }

    private func setTag(_ call: Call) async throws -> Reply {
        try await store.set(call.fields().tag(), of: call.path("trace_id"))
        return .empty
    }

    private func deleteTag(_ call: Call) async throws -> Reply {
        try await store.deleteTag(call.fields().string("key"), of: call.path("trace_id"))
        return .empty
    }

    private func delete(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let count = try await store.delete(
            TraceSelection(fields), in: fields.experimentID(), by: call.principal.name)
        return .json(["traces_deleted": .integer(Int64(count))])
    }

    /// The most traces of one request.
    private static let linkLimit = 100

    private func linkToRun(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let ids = try fields.traceIDs()
        guard ids.count <= Self.linkLimit else {
            throw FieldProblem(
                "Cannot link more than \(Self.linkLimit) traces to a run in a single request. Provided \(ids.count) "
                    + "traces.")
        }
        try await store.link(ids, to: fields.string("run_id"))
        return .empty
    }

    private func linkPrompts(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let versions = try fields.objects("prompt_versions")
        guard !versions.isEmpty else { throw FieldProblem.missing("prompt_versions") }
        let prompts = try versions.map { "\(try $0.string("name"))/\(try $0.string("version"))" }
        try await store.link(prompts: prompts, to: fields.string("trace_id"))
        return .empty
    }
}

/// The experiments to which an answer is confined; nil when it is not.
private struct TraceScope {
    let experiments: [ExperimentID]?

    func holds(_ trace: TraceInfo) -> Bool { experiments?.contains(trace.experimentID) ?? true }
}

extension Fields {
    fileprivate func traceIDs() throws -> [String] {
        let ids = try strings("trace_ids")
        guard !ids.isEmpty else { throw FieldProblem.missing("trace_ids") }
        return ids
    }

    fileprivate func scope() throws -> TraceScope {
        TraceScope(experiments: try value("experiment_ids") == nil ? nil : experimentIDs())
    }
}
