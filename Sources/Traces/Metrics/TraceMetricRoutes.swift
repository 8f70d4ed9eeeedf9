import Tracking
import Web
import Wire

/// MLflow's REST API of numbers over many traces.
struct TraceMetricRoutes: Sendable {
    let store: TraceStore

    func routes(into routes: inout Routes) {
        routes.mlflow3.post("traces/metrics", .read("traces"), metrics)
        routes.mlflow3.post("traces/calculate-filter-correlation", .read("traces"), correlate)
    }

    private func metrics(_ call: Call) async throws -> Reply {
        let page = try await store.points(TraceMetricQuery(try await call.fields()))
        return .json(
            .compact([
                "data_points": .nonEmpty(page.elements), "next_page_token": page.next.map { .string($0.text) },
            ]))
    }

    private func correlate(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let experiments = try fields.searchedExperimentIDs()
        guard !experiments.isEmpty else { throw FieldProblem.missing("experiment_ids") }
        let correlation = try await store.correlation(
            of: SearchFilter(ofTraces: fields.string("filter_string1")),
            with: SearchFilter(ofTraces: fields.string("filter_string2")),
            within: SearchFilter(ofTraces: fields.optionalString("base_filter")), in: experiments)
        return .json(correlation.json)
    }
}
