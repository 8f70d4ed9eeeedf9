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
        return .bytes(Self.answer(page), type: "application/json")
    }

    /// The page as it is sent, written point by point: a history has a hundred thousand of them.
    private static func answer(_ page: Wire.Page<Metric>) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{")
        for (index, point) in page.elements.enumerated() {
            writer.raw(index == 0 ? "\"metrics\":[" : ",")
            writer.raw("{\"key\":")
            writer.write(point.key)
            writer.raw(",\"value\":")
            writer.write(point.value)
            writer.raw(",\"timestamp\":")
            writer.write(point.timestamp.milliseconds)
            writer.raw(",\"step\":")
            writer.write(point.step)
            writer.raw("}")
        }
        if !page.elements.isEmpty { writer.raw("]") }
        if let next = page.next {
            writer.raw(page.elements.isEmpty ? "\"next_page_token\":" : ",\"next_page_token\":")
            writer.write(next.text)
        }
        writer.raw("}")
        return writer.bytes
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
        let json: JSON = ["metrics": .array(points.map(\.json))]
        return .bytes(json.bytes(nonFinite: .literal), type: "application/json")
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
        return .json(.compact(["metrics": .nonEmpty(points)]))
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
