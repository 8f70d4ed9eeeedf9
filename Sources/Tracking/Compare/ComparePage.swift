import Web
import Wire

/// Runs side by side: what differs among them, measured from one of them if one is pinned, and their curves over one another. The
/// address says which, so that a comparison is shared by copying it.
struct ComparePage: Sendable {
    let runs: RunStore
    let metrics: MetricStore

    private static let path = "/compare"
    /// More rows than this make a table that nobody reads to the end; the field above it finds the others.
    private static let rowLimit = 400
    /// Curves of more runs than this cannot be told apart.
    private static let curveLimit = 12
    private static let axisLimit = 8

    func routes(into routes: inout Routes) {
        routes.page(Self.path, .read("runs"), show)
    }

    /// What the address says.
    private struct Asked {
        let ids: [String]
        let pinned: String?
        let differingOnly: Bool
        let words: String
        let x: String
        let y: String
        let curves: CurveView

        init(_ call: Call) throws {
            var seen: Set<String> = []
            ids = (call.query("runs") ?? "").split(separator: ",").map(String.init).filter { seen.insert($0).inserted }
            guard ids.count <= Comparison.maximumRuns else {
                throw FieldProblem(
                    "Parameter 'runs' names \(ids.count) runs, more than the \(Comparison.maximumRuns) that fit side by side."
                )
            }
            pinned = call.query("pin").flatMap { seen.contains($0) ? $0 : nil }
            differingOnly = call.query("differing") == "1"
            words = call.query("keys") ?? ""
            x = call.query("plot_x") ?? ""
            y = call.query("plot_y") ?? ""
            curves = try CurveView(call.query)
        }

        /// What is not about curves.
        func parameters(runs: [String]? = nil, pinned: String?? = nil) -> [(name: String, value: String)] {
            var all: [(String, String)] = [("runs", (runs ?? ids).joined(separator: ","))]
            if let pin = pinned ?? self.pinned { all.append(("pin", pin)) }
            if differingOnly { all.append(("differing", "1")) }
            if !words.isEmpty { all.append(("keys", words)) }
            if !x.isEmpty { all.append(("plot_x", x)) }
            if !y.isEmpty { all.append(("plot_y", y)) }
            return all
        }

        func address(runs: [String]? = nil, pinned: String?? = nil) -> String {
            let all = parameters(runs: runs, pinned: pinned) + curves.parameters
            return "\(path)?" + all.map { "\($0.name)=\($0.value.queryEscaped)" }.joined(separator: "&")
        }
    }

    private func show(_ call: Call) async throws -> Web.Page {
        let asked = try Asked(call)
        guard !asked.ids.isEmpty else {
            return Web.Page(
                title: "Compare", trail: [ExperimentPage.section, Link("Compare", Self.path)],
                body: .empty("Choose runs in the table of an experiment, or name their ids: /compare?runs=ID,ID"))
        }
        let found = try await runs.runs(asked.ids)
        let missing = asked.ids.count - found.count
        let comparison = Comparison(found)
        let gone: HTML? =
            missing == 0
            ? nil
            : .notice(.warning, "<p>\(missing == 1 ? "One run is" : "\(missing) runs are") not there any more.</p>")
        let drawn = Array(found.prefix(Self.curveLimit))
        let page = CurvesPage(
            metrics: metrics, runs: drawn, view: asked.curves, path: Self.path, others: asked.parameters())
        let curves = try await page.html(try await metrics.longKeys(of: drawn.map(\.info.id)))
        let fewer: HTML? =
            found.count > drawn.count
            ? "<p class=\"quiet\">Curves are those of the first \(drawn.count) runs: more cannot be told apart.</p>"
            : nil
        return Web.Page(
            title: "Compare \(found.count) runs", trail: [ExperimentPage.section, Link("Compare", asked.address())],
            modules: ["curves.js", "parallel.js"], isLive: found.contains { $0.info.status == .running },
            body: """
                \(gone)
                <div data-view>
                \(Self.form(asked))
                \(Self.table(comparison, asked, now: call.time))
                </div>
                <div data-view>
                <h2 id="together">Together</h2>
                \(Self.parallel(comparison))
                \(Self.scatter(comparison, asked))
                </div>
                \(curves)
                \(fewer)
                """)
    }

    // MARK: Side by side

    private static func form(_ asked: Asked) -> HTML {
        let kept = (asked.parameters() + asked.curves.parameters).filter { !["differing", "keys"].contains($0.name) }
        let hidden = kept.map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" as HTML }
        let checked: HTML? = asked.differingOnly ? " checked" : nil
        return """
            <form action="\(path)" method="get">\(hidden)
            <label><input type="checkbox" name="differing" value="1"\(checked)> only what differs</label>
            <label>Keys <input type="search" name="keys" value="\(asked.words)" placeholder="words of a key"></label>
            <button>Show</button></form>
            """
    }

    private static func table(_ comparison: Comparison, _ asked: Asked, now: Timestamp) -> HTML {
        let words = asked.words.lowercased().split(separator: " ")
        let rows = comparison.rows.filter { row in
            let key = row.key.lowercased()
            return (!asked.differingOnly || row.isDiffering) && words.allSatisfy { key.contains($0) }
        }
        let pinned = comparison.runs.firstIndex { $0.info.id == asked.pinned }
        let head = comparison.runs.enumerated().map { place, run -> HTML in
            let id = run.info.id
            let others = asked.ids.filter { $0 != id }
            let pin =
                place == pinned
                ? HTML.link("unpin", to: asked.address(pinned: .some(nil)))
                : .link("pin", to: asked.address(pinned: id))
            return """
                <th scope="col" class="number series-\(place % 6 + 1)"><span class="stroke"></span>\
                \(HTML.link(run.info.name, to: "/runs/\(id)"))<br><small>\(pin) \
                \(HTML.link("leave out", to: asked.address(runs: others)))</small></th>
                """
        }
        let facts: [(String, [HTML])] = [
            ("state", comparison.runs.map(\.info.badge)),
            ("started", comparison.runs.map { .time($0.info.startTime, now: now) }),
            ("took", comparison.runs.map(\.info.took)),
            ("commit", comparison.runs.map { $0.tag("mlflow.source.git.commit").map { .shortID($0) } ?? "–" }),
        ]
        let first = facts.map { name, cells -> HTML in
            let cells = cells.map { "<td class=\"number\">\($0)</td>" as HTML }
            return "<tr><th scope=\"row\">\(name)</th>\(cells)</tr>\n"
        }
        var kind: Comparison.Kind?
        let body = rows.prefix(rowLimit).map { row -> HTML in
            let heading: HTML? =
                row.kind == kind
                ? nil
                : "<tr class=\"part\"><th scope=\"rowgroup\" colspan=\"\(comparison.runs.count + 1)\">\(row.kind.rawValue)s</th></tr>\n"
            kind = row.kind
            let best = row.best
            let cells = row.values.enumerated().map { place, value in
                cell(
                    value, isBest: best.contains(place), from: pinned.flatMap { $0 == place ? nil : row.values[$0] },
                    row)
            }
            let changed: HTML? = row.isDiffering ? " class=\"differing\"" : nil
            return "\(heading)<tr\(changed)><th scope=\"row\">\(HTML.name(row.key))</th>\(cells)</tr>\n"
        }
        let rest = rows.count - min(rows.count, rowLimit)
        let more: HTML? = rest > 0 ? "<p class=\"quiet\">and \(Quantity.count(rest)) more keys</p>" : nil
        return """
            \(HTML.framed("<thead><tr><th scope=\"col\">key</th>\(head)</tr></thead>\n<tbody>\n\(first)\(body)</tbody>", named: "Runs side by side"))
            \(more)
            """
    }

    /// A value, and how far it is from that of the pinned run.
    private static func cell(
        _ value: Comparison.Value?, isBest: Bool, from pinned: Comparison.Value?, _ row: Comparison.Row
    ) -> HTML {
        guard let value else { return "<td class=\"number quiet\">–</td>" }
        let shown: HTML =
            row.kind == .metric ? "\(Quantity.number(value.number ?? .nan, digits: 6))" : .value(value.text, limit: 60)
        var change: HTML?
        if let pinned, let number = value.number, let before = pinned.number, number != before {
            let share = before != 0 ? ", \(Quantity.number((number - before) / abs(before) * 100, digits: 3)) %" : ""
            let sign = number > before ? "+" : ""
            change = "<br><small class=\"quiet\">\(sign)\(Quantity.number(number - before, digits: 3))\(share)</small>"
        } else if let pinned, pinned != value {
            change = "<br><small class=\"quiet\">differs</small>"
        }
        return "<td class=\"number\">\(isBest ? "<b title=\"the best of these\">\(shown)</b>" : shown)\(change)</td>"
    }

    // MARK: Together

    /// What is a number and differs, params first: that leads from what was chosen to what came of it.
    private static func axes(_ comparison: Comparison) -> [Comparison.Row] {
        let numbers = comparison.rows.filter { $0.isNumeric && $0.isDiffering }
        let params = numbers.filter { $0.kind == .param }.prefix(axisLimit / 2)
        let metrics = numbers.filter { $0.kind == .metric }.prefix(axisLimit - params.count)
        return Array(params + metrics)
    }

    private static func parallel(_ comparison: Comparison) -> HTML? {
        guard comparison.runs.count > 1 else { return nil }
        let axes = axes(comparison).map { row in ParallelChart.Axis(row.key, values: row.values.map { $0?.number }) }
        let lines = comparison.runs.map { ParallelChart.Line($0.info.name, to: "/runs/\($0.info.id)") }
        return ParallelChart("Params and metrics that differ", axes: axes, lines: lines).html
    }

    private static func scatter(_ comparison: Comparison, _ asked: Asked) -> HTML? {
        let numbers = comparison.rows.filter { $0.isNumeric && $0.kind != .tag }
        let names = numbers.map { "\($0.kind.rawValue)s.\($0.key)" }
        let usual = axes(comparison)
        guard comparison.runs.count > 1, let first = usual.first, let last = usual.last, names.count > 1 else {
            return nil
        }
        func row(_ name: String, or usual: Comparison.Row) -> Comparison.Row {
            names.firstIndex(of: name).map { numbers[$0] } ?? usual
        }
        let (x, y) = (row(asked.x, or: first), row(asked.y, or: last))
        let dots = comparison.runs.enumerated().map { place, run in
            ScatterChart.Dot(
                run.info.name, to: "/runs/\(run.info.id)", x: x.values[place]?.number ?? .nan,
                y: y.values[place]?.number ?? .nan)
        }
        let kept = (asked.parameters() + asked.curves.parameters).filter { !["plot_x", "plot_y"].contains($0.name) }
        let hidden = kept.map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" as HTML }
        func select(_ name: String, _ chosen: Comparison.Row) -> HTML {
            let options = zip(numbers, names).prefix(500).map { row, name -> HTML in
                let selected: HTML? = row.kind == chosen.kind && row.key == chosen.key ? " selected" : nil
                return "<option\(selected)>\(name)</option>"
            }
            return "<select name=\"\(name)\">\(options)</select>"
        }
        return """
            <form action="\(path)#together" method="get">\(hidden)
            <label>Plot \(select("plot_y", y))</label> <label>over \(select("plot_x", x))</label>
            <button>Show</button></form>
            \(ScatterChart(y.key, dots, xLabel: x.key).html)
            """
    }
}
