package import Incidents
import Statistics
package import Web
import Wire

/// How drift is shown, on the page of a monitor and on that of an alert.
enum DriftPage {
    /// The effect of the columns that drifted most, window by window, with the effect from which it counts.
    static func chart(_ windows: [MonitorWindow], of names: [String], minimumEffect: Double?) -> HTML {
        let series = names.prefix(6).map { name in
            Chart.Series(
                name,
                points: windows.map { window in
                    let column = window.columns.first { $0.subject == name }
                    return Chart.Point(x: Double(window.number), y: column?.value ?? .nan)
                })
        }
        let level = minimumEffect.map { [Chart.Level("minimum effect", at: $0)] } ?? []
        return Chart("Effect by window", Array(series), xLabel: "window", levels: level, fromZero: true).html
    }

    /// The columns with the largest effect in any of the windows, drifting ones first.
    static func leadingColumns(_ windows: [MonitorWindow]) -> [String] {
        var best: [String: (drifts: Int, effect: Double)] = [:]
        for column in windows.flatMap(\.columns) {
            let former = best[column.subject ?? ""] ?? (0, 0)
            best[column.subject ?? ""] = (
                former.drifts + (column.verdict == .bad ? 1 : 0), max(former.effect, column.value ?? 0)
            )
        }
        return best.sorted { a, b in
            (b.value.drifts, b.value.effect, a.key) < (a.value.drifts, a.value.effect, b.key)
        }.map(\.key)
    }

    /// Verdicts as a table, those that drift first and then by effect, each with its distribution and its course over `windows`; of
    /// many columns a page of those that are looked for.
    /// - Parameters:
    ///   - seen: the window whose distributions are shown.
    ///   - path: the page of the monitor.
    ///   - query: what else its address says.
    static func table(
        _ columns: [Finding], over windows: [MonitorWindow], seen: SeenWindow?, path: String, _ search: ColumnSearch,
        query: String
    ) -> HTML {
        let found = columns.filter { search.matches($0.name) }.sorted { a, b in
            (b.verdict == .bad ? 1 : 0, b.effect, a.name) < (a.verdict == .bad ? 1 : 0, a.effect, b.name)
        }
        let (shown, from) = search.page(of: found)
        let pager = ColumnSearchPage(
            search: search, path: path, query: query, total: columns.count, found: found.count, from: from)
        return """
            \(pager.html)
            \(HTML.table(headings, rows: shown.map { row($0, over: windows, seen: seen, path: path) }))
            """
    }

    private static let headings: [HTML.Column] = [
        "column", "verdict", "distribution",
        .number("effect", "How far the window is from the reference, from 0 to 1; the limit is beside it."),
        .number("p", "How likely so much or more would be by chance."),
        .number("adjusted p", "The p of the test, corrected for all columns of the window (Benjamini–Hochberg)."),
        .number("reference rows", "Rows with a value in the reference."),
        .number("window rows", "Rows with a value in the window."),
        .number("missing", "The share of rows without a value, in the window."), "effect over windows",
    ]

    private static func row(
        _ column: Finding, over windows: [MonitorWindow], seen: SeenWindow?, path: String
    ) -> [HTML] {
        [
            .link(column.name, to: "\(path)/columns/\(column.name.queryEscaped)"),
            column.verdict == .bad ? .badge("drift", .bad) : .badge("as before", .good),
            picture(column.name, seen) ?? "–", "\(Quantity.decimal(column.effect))",
            "\(column.pValue.map(Quantity.pValue) ?? "–")", "\(column.adjustedPValue.map(Quantity.pValue) ?? "–")",
            "\(column.referenceRows.map(Quantity.count) ?? "–")", "\(Quantity.count(column.rows))", missing(column),
            strip(column.name, windows),
        ]
    }

    /// How a column was distributed and is; nil where that cannot be compared.
    static func picture(_ column: String, _ seen: SeenWindow?) -> HTML? {
        let histogram = seen?.histogram(of: column) { Quantity.number($0, digits: 3) }
        return histogram.map { histogram in
            DistributionChart(histogram.bars.map { .init($0.label, before: $0.reference, now: $0.current) }).html
        }
    }

    private static func missing(_ column: Finding) -> HTML {
        let (before, now) = (column.share("reference_missing_share"), column.share("window_missing_share"))
        guard before > 0 || now > 0 else { return "–" }
        return "\(Quantity.percent(before)) → \(Quantity.percent(now))"
    }

    /// One bar a window, as high as the effect; drifting ones in the colour of what is bad.
    static func strip(_ name: String, _ windows: [MonitorWindow]) -> HTML {
        let shown = windows.suffix(40)
        let bars = shown.enumerated().compactMap { index, window -> HTML? in
            guard let column = window.columns.first(where: { $0.subject == name }) else { return nil }
            let height = max(1, (column.effect * 18).rounded())
            let paint: HTML =
                column.verdict == .bad ? "fill=\"var(--bad)\"" : "fill=\"currentColor\" fill-opacity=\"0.45\""
            return """
                <rect x="\(index * 4)" y="\(18 - height)" width="3" height="\(height)" \(paint)>\
                <title>Window \(window.number): \(Quantity.number(column.effect, digits: 3))</title></rect>
                """
        }
        let drifting = shown.filter { $0.drifting.contains(name) }.count
        let words = "\(drifting) of \(shown.count) windows drifted"
        return """
            <svg class="strip" role="img" width="\(shown.count * 4)" height="18"><title>\(words)</title>\(bars)</svg>
            """
    }

    /// How the numbers come about, for those who want to know.
    static var legend: HTML {
        """
        <details><summary>How drift is measured</summary>
        <p>Each window is compared with the rows the model version was trained on. <em>Effect</em> is the Jensen–Shannon \
        distance, base 2, over bins that both can fill, less what two samples of one law would show: 0 is no change, 1 is \
        nothing in common. <em>p</em> is from a Kolmogorov–Smirnov test for numbers, a chi-square or exact test for names \
        and numbers of few values, with both sample sizes. <em>Adjusted p</em> takes all columns of the window together \
        (Benjamini–Hochberg).</p>
        </details>
        """
    }
}

extension Finding {
    fileprivate var name: String { subject ?? code }
    fileprivate var effect: Double { value ?? 0 }
    fileprivate func share(_ name: String) -> Double { details[name]?.doubleValue ?? 0 }
}

extension MonitorStore {
    /// How the drift of an alert came about: the effect of its columns over the newest windows of its monitor.
    @Sendable package func course(of alert: Alert) async throws -> HTML? {
        guard alert.topic.family == .drift else { return nil }
        let windows = try await windows(of: alert.monitor, limit: MonitorView.windowLimit)
        return "\(DriftPage.chart(windows, of: alert.subjects, minimumEffect: nil))\(DriftPage.legend)"
    }
}
