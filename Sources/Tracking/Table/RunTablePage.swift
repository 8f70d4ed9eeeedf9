import HTTPTypes
import NIOCore
import Web
import Wire

/// An experiment for people: the table of its runs. The address is the view, and every change of it is a link, so that the page
/// is read, sorted and paged through without scripts; with them it shows all rows at once (`runs.js`).
struct RunTablePage: Sendable {
    let experiments: ExperimentStore
    let runs: RunStore
    let views: SavedViewStore

    static let pageSize = 50
    /// How much of a text is read for a place of the table, in characters.
    private static let longestText = 300

    func routes(into routes: inout Routes) {
        routes.page("/experiments/{id}", .read("experiments"), show)
        routes.get("/experiments/{id}/rows", .read("experiments"), rows)
        routes.get("/experiments/{id}/runs.csv", .read("runs"), file)
    }

    private func show(_ call: Call) async throws -> Web.Page {
        let experiment = try await experiments.experiment(ExperimentID(call.path("id")))
        let saved = try await views.views(of: experiment.id, for: call.principal.name)
        let view = view(of: call, among: saved)
        let path = "/experiments/\(experiment.id.text)"
        let address = RunViewLinks(view: view, path: path, saved: saved)
        return Web.Page(
            title: experiment.name, trail: [ExperimentPage.section, Link(experiment.name, path)],
            badge: experiment.stage == .deleted ? .badge("deleted", .warning) : nil, modules: ["runs.js"],
            body: """
                \(address.form)
                <div id="view">\(try await content(call, experiment.id, view, address))</div>
                <p>\(HTML.link("Traces of this experiment", to: "\(path)/traces"))</p>
                """)
    }

    /// The view that the address says, or the one that the experiment opens with.
    private func view(of call: Call, among saved: [SavedView]) -> RunView {
        let isNamed = ["filter", "order_by", "columns", "group_by", "pin", "differing"].contains {
            call.query($0) != nil
        }
        return (isNamed ? nil : saved.opening)?.draft.view ?? RunView { call.query($0) }
    }

    /// A mistyped filter is answered beside the filter, not instead of the page.
    private func content(
        _ call: Call, _ experiment: ExperimentID, _ view: RunView, _ links: RunViewLinks
    ) async throws -> HTML {
        do {
            var wanted = try view.wanted(in: experiment)
            try wanted.query.page(call, most: Self.pageSize, default: Self.pageSize)
            wanted.longestText = Self.longestText
            guard wanted.groups.isEmpty else {
                let groups = try await runs.groups(wanted)
                return RunGroupTable(groups: groups, view: view, links: links).html
            }
            let table = try await runs.table(wanted)
            return RunTableDrawing(
                table: table, orders: wanted.query.orders, offset: wanted.query.offset, view: view, links: links,
                now: call.time, first: FirstRun.ways(to: call.origin, in: experiment)
            ).html
        } catch let problem as FilterProblem {
            return links.problem(problem)
        } catch let problem as any Problem where problem.code.status == 400 {
            return "<div id=\"problem\">\(HTML.notice(.bad, "<p>\(problem.description)</p>"))</div>"
        }
    }

    /// Some rows of the table, for a page that is open.
    private func rows(_ call: Call) async throws -> Reply {
        let experiment = try ExperimentID(call.path("id"))
        let view = RunView { call.query($0) }
        var wanted = try view.wanted(in: experiment)
        try wanted.query.page(call, most: 200)
        wanted.longestText = Self.longestText
        (wanted.counts, wanted.isDiffering) = (false, false)
        let table = try await runs.table(wanted)
        let rows = RunRows(columns: table.columns, now: call.time).html(
            table.runs, table.cells, from: wanted.query.offset)
        return .html("<table><tbody>\(rows)</tbody></table>")
    }

    // MARK: As a file

    /// The whole view, portion by portion. Runs that are logged meanwhile push others into the next portion; none is told twice.
    private func file(_ call: Call) async throws -> Reply {
        let experiment = try await experiments.experiment(ExperimentID(call.path("id")))
        let view = view(of: call, among: try await views.views(of: experiment.id, for: call.principal.name))
        var first = try view.wanted(in: experiment.id)
        first.query.limit = Self.pageSize
        first.counts = false
        let columns = try await runs.table(first).columns
        var wanted = first
        wanted.columns = columns
        (wanted.isDiffering, wanted.pins, wanted.query.limit) = (false, [], 2000)
        let query = wanted
        return Reply(
            headers: [
                .contentType: "text/csv; charset=utf-8",
                .contentDisposition: "attachment; filename=\"experiment-\(experiment.id.text)-runs.csv\"",
            ],
            body: .written { [runs] send in
                try await send(ByteBuffer(string: RunTableFile.heading(columns)))
                var portion = query
                var told: Set<String> = []
                while true {
                    let table = try await runs.table(portion)
                    let new = table.runs.indices.filter { told.insert(table.runs[$0].id).inserted }
                    try await send(ByteBuffer(string: RunTableFile.lines(table, new)))
                    guard let next = table.next else { return }
                    portion.query.offset = next.offset
                }
            })
    }
}
