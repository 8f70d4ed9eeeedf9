import Web
import Wire

/// Runs side by side: what differs among them, measured from one of them if one is pinned, and their curves over one another. The
/// address says which, so that a comparison is shared by copying it.
struct ComparePage: Sendable {
    let runs: RunStore
    let metrics: MetricStore
    /// How many metrics, and params, and tags are read of all runs together.
    var mostValues = 200_000

    private static let path = "/compare"
    /// More rows than this make a table that nobody reads to the end; the field above it finds the others.
    private static let rowLimit = 400
    /// Curves of more runs than this cannot be told apart.
    private static let curveLimit = 12

    func routes(into routes: inout Routes) {
        routes.page(Self.path, .read("runs"), show)
    }

    /// What the address says.
    private struct Asked {
        let ids: [String]
        let pinned: String?
        let differingOnly: Bool
        let words: String
        let plot: ComparedPlot
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
            plot = try ComparedPlot(call.query)
            curves = try CurveView(call.query)
        }

        /// What is not about curves.
        func parameters(runs: [String]? = nil, pinned: String?? = nil) -> [(name: String, value: String)] {
            var all: [(String, String)] = [("runs", (runs ?? ids).joined(separator: ","))]
            if let pin = pinned ?? self.pinned { all.append(("pin", pin)) }
            if differingOnly { all.append(("differing", "1")) }
            if !words.isEmpty { all.append(("keys", words)) }
            return all + plot.parameters
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
        let most = max(1, mostValues / asked.ids.count)
        let found = try await runs.runs(asked.ids, most: most + 1)
        let missing = asked.ids.count - found.count
        let comparison = Comparison(found, most: most)
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
            title: found.count == 1 ? "Compare 1 run" : "Compare \(found.count) runs",
            trail: [ExperimentPage.section, Link("Compare", asked.address())],
            modules: ["curves.js", "parallel.js"], isLive: found.contains { $0.info.status == .running },
            body: """
                \(gone)
                <div data-view>
                \(Self.form(asked))
                \(Self.table(comparison, asked, now: call.time))
                \(Self.cut(comparison))
                </div>
                \(Self.together(comparison, asked))
                \(curves)
                \(fewer)
                """)
    }

    private static func together(_ comparison: Comparison, _ asked: Asked) -> HTML {
        let plots = asked.plot.parameters.map(\.name)
        let others = (asked.parameters() + asked.curves.parameters).filter { !plots.contains($0.name) }
        return TogetherPage(comparison: comparison, plot: asked.plot, path: path, others: others).html
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

    private static func cut(_ comparison: Comparison) -> HTML? {
        guard !comparison.cut.isEmpty else { return nil }
        let kinds = comparison.cut.map { "\($0.rawValue)s" }.joined(separator: ", ")
        return .notice(
            .warning,
            """
            <p>Not all keys are here: the runs have too many \(kinds) to be compared at once. Of fewer runs more are read.</p>
            """)
    }

    /// A value, and how far it is from that of the pinned run.
    private static func cell(
        _ value: Comparison.Value?, isBest: Bool, from pinned: Comparison.Value?, _ row: Comparison.Row
    ) -> HTML {
        guard let value else { return "<td class=\"number quiet\">–</td>" }
        let shown: HTML =
            row.kind == .metric ? "\(Quantity.number(value.number ?? .nan, digits: 6))" : .value(value.text, limit: 60)
        var change: HTML?
        if let pinned, let number = value.number, let before = pinned.number, number != before,
            (number - before).isFinite
        {
            let share = before != 0 ? ", \(Quantity.number((number - before) / abs(before) * 100, digits: 3)) %" : ""
            let sign = number > before ? "+" : ""
            change = "<br><small class=\"quiet\">\(sign)\(Quantity.number(number - before, digits: 3))\(share)</small>"
        } else if let pinned, pinned.text != value.text {
            change = "<br><small class=\"quiet\">differs</small>"
        }
        return "<td class=\"number\">\(isBest ? "<b title=\"the best of these\">\(shown)</b>" : shown)\(change)</td>"
    }
}
