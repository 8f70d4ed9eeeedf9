package import Web
import Wire

/// MLflow's REST API of the histories of metrics.
package struct MetricRoutes: Sendable {
    private let store: MetricStore

    package init(store: MetricStore) {
        self.store = store
    }

    package func routes(into routes: inout Routes) {
        routes.mlflow.get("metrics/get-history", .read("runs"), history)
        routes.mlflow.ajaxGet("metrics/get-history-bulk", .read("runs"), bulk)
        routes.mlflow.get("metrics/get-history-bulk-interval", .read("runs"), interval)
    }

    private func history(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let isLimited = try fields.value("max_results") != nil
        let page = try await store.history(
            of: fields.string("metric_key"), run: fields.runID(),
            limit: isLimited ? fields.limit(default: nil, maximum: Int(Int32.max)) : nil, offset: fields.offset())
        return .json { writer in
            writer.list("metrics", page.elements) { $1.write(to: &$0) }
            writer.nextPage(page.next)
        }
    }

    private static let maximumRuns = 100

    private func runs(_ fields: Fields, _ name: String) throws -> [String] {
        let runs = try fields.strings(name)
        guard !runs.isEmpty else { throw FieldProblem.missing(name) }
        guard runs.count <= Self.maximumRuns else {
            throw FieldProblem(
                "A request of histories cannot specify more than \(Self.maximumRuns) \(name)s. Received \(runs.count).")
        }
        return runs
    }

    /// Points of several runs, for charts of the web pages of MLflow, which read bare NaN.
    private func bulk(_ call: Call) async throws -> Reply {
        let fields = try await call.fields(lists: ["run_id"])
        let most = 25_000
        let limit = try fields.optionalInteger("max_results").map { min(max(Int(clamping: $0), 0), most) } ?? most
        let points = try await store.history(
            of: fields.string("metric_key"), runs: try runs(fields, "run_id"), limit: limit)
        return .json(nonFinite: .literal) { writer in
            writer.name("metrics")
            writer.array(points) { $1.write(to: &$0) }
        }
    }

    /// Points of several runs, sampled evenly for each.
    private func interval(_ call: Call) async throws -> Reply {
        let fields = try await call.fields(lists: ["run_ids"])
        let runs = try runs(fields, "run_ids")
        let key = try fields.string("metric_key")
        let steps = try steps(fields)
        let most = 2500
        let limit = try fields.optionalInteger("max_results").map(Int.init(clamping:)) ?? most
        guard (1...most).contains(limit) else { throw FieldProblem("max_results must be between 1 and \(most).") }
        var points: [Metric] = []
        for run in runs { points += try await store.samples(of: key, run: run, steps: steps, limit: limit) }
        return .json { $0.list("metrics", points) { $1.write(to: &$0) } }
    }

    private func steps(_ fields: Fields) throws -> ClosedRange<Int64> {
        let start = try fields.optionalInteger("start_step")
        let end = try fields.optionalInteger("end_step")
        guard let start, let end else {
            guard start == nil, end == nil else {
                throw FieldProblem("If either start step or end step are specified, both must be specified.")
            }
            return .min ... .max
        }
        guard start <= end else {
            throw FieldProblem(
                "end_step must be greater than start_step. Found start_step=\(start) and end_step=\(end).")
        }
        return start...end
    }
}
