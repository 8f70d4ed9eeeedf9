import HTTPTypes
import NIOCore
import Web
import Wire

/// The curves of a chart as files: every point that there is in the stretch that is looked at, or the drawing.
struct CurveRoutes: Sendable {
    let runs: RunStore
    let metrics: MetricStore

    enum Form: String, CaseIterable {
        case csv, svg

        fileprivate var path: String { "/curves.\(rawValue)" }

        /// The parameters of a view that it depends on.
        fileprivate var parameters: Set<String> {
            switch self {
            case .csv: ["from", "to", "x"]
            case .svg: ["from", "smooth", "to", "x", "xscale", "yscale"]
            }
        }
    }

    /// So many points are in memory at a time.
    private static let portion = 5000

    func routes(into routes: inout Routes) {
        routes.get(Form.csv.path, .read("runs"), table)
        routes.get(Form.svg.path, .read("runs"), drawing)
    }

    /// Where a metric of some runs is, as a view shows it.
    static func address(of key: String, runs: [String], _ view: CurveView, as form: Form) -> String {
        var query = [("runs", runs.joined(separator: ",")), ("key", key)]
        query += view.parameters.filter { form.parameters.contains($0.name) }.map { ($0.name, $0.value) }
        return "\(form.path)?" + query.map { "\($0)=\($1.queryEscaped)" }.joined(separator: "&")
    }

    /// What an address asks for.
    private func asked(_ call: Call) async throws -> (key: String, runs: [Run], view: CurveView) {
        guard let key = call.query("key"), !key.isEmpty else { throw FieldProblem.missing("key") }
        let ids = (call.query("runs") ?? "").split(separator: ",").map(String.init)
        guard (1...Comparison.maximumRuns).contains(ids.count) else {
            throw FieldProblem("Parameter 'runs' names \(ids.count) runs, and may name 1 to \(Comparison.maximumRuns).")
        }
        let view = try CurveView(call.query)
        let found = try await runs.runs(ids)
        guard !found.isEmpty else { throw TrackingError(.doesNotExist, "None of these runs is there.") }
        return (key, found, view)
    }

    private func table(_ call: Call) async throws -> Reply {
        let (key, found, view) = try await asked(call)
        return Reply(
            headers: [
                .contentType: "text/csv; charset=utf-8",
                .contentDisposition: "attachment; filename=\"curves.csv\"",
            ],
            body: .written { [metrics] send in
                try await send(ByteBuffer(string: "run_id,run_name,metric,step,time,value\r\n"))
                for run in found {
                    var last: MetricPoint?
                    repeat {
                        let points = try await metrics.points(
                            of: key, run.info, view, after: last, limit: Self.portion)
                        try await send(ByteBuffer(string: points.map { Self.line($0, of: key, run.info) }.joined()))
                        last = points.count == Self.portion ? points.last : nil
                    } while last != nil
                }
            })
    }

    private func drawing(_ call: Call) async throws -> Reply {
        let (key, found, view) = try await asked(call)
        let curves = try await metrics.curves(of: [key], runs: found.map(\.info), view)
        guard let svg = CurvesPage.chart(key, curves, of: found, view).svg else {
            throw TrackingError(.doesNotExist, "There is nothing to draw of '\(key.cut(to: 80))'.")
        }
        return Reply.text(svg, type: "image/svg+xml").adding(
            .contentDisposition, "attachment; filename=\"curves.svg\"")
    }

    private static func line(_ point: MetricPoint, of key: String, _ run: RunInfo) -> String {
        RunTableFile.line([
            run.id, RunTableFile.guarded(run.name), RunTableFile.guarded(key), "\(point.step)", point.timestamp.iso8601,
            RunTableFile.text(point.value),
        ])
    }
}
