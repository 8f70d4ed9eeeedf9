import Tracking
import Web
import Wire

/// MLflow's REST API of traces as version 2.0 had it: the client begins and ends a trace, and keeps its spans in a file.
struct LegacyTraceRoutes: Sendable {
    let store: TraceStore

    func routes(into routes: inout Routes) {
        routes.mlflow.post("traces", .write("traces"), begin)
        routes.mlflow.get("traces", .read("traces"), search)
        routes.mlflow.patch("traces/{trace_id}", .write("traces"), end)
        routes.mlflow.get("traces/{trace_id}/info", .read("traces"), info)
    }

    private func begin(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let time = try fields.optionalInteger("timestamp_ms").map(Timestamp.init(milliseconds:))
        let trace = try await store.begin(
            in: fields.experimentID(), at: time ?? call.time, metadata: fields.tags("request_metadata"),
            tags: fields.tags())
        return .json(["trace_info": trace.legacyJSON])
    }

    private func end(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let time = try fields.optionalInteger("timestamp_ms").map(Timestamp.init(milliseconds:))
        let trace = try await store.end(
            call.path("trace_id"), at: time ?? call.time, state: fields.optionalCase("status") ?? .unspecified,
            metadata: fields.tags("request_metadata"), tags: fields.tags())
        return .json(["trace_info": trace.legacyJSON])
    }

    private func info(_ call: Call) async throws -> Reply {
        .json(["trace_info": try await store.info(call.path("trace_id")).legacyJSON])
    }

    private func search(_ call: Call) async throws -> Reply {
        let fields = try await call.fields(lists: ["experiment_ids", "order_by"])
        let experiments = try fields.searchedExperimentIDs()
        guard !experiments.isEmpty else { throw FieldProblem.missing("experiment_ids") }
        let page = try await store.search(TraceQuery(fields, in: experiments))
        let traces: JSON? = page.elements.isEmpty ? nil : .array(page.elements.map(\.legacyJSON))
        return .json(.compact(["traces": traces, "next_page_token": page.next.map { .string($0.text) }]))
    }
}
