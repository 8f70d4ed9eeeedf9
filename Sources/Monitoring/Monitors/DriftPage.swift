import Statistics
import Web
import Wire

/// How drift is shown, on the page of a monitor and on that of an alert.
enum DriftPage {
    /// The effect of the columns that drifted most, window by window, with the effect from which it counts.
    static func chart(_ windows: [MonitorWindow], of names: [String], minimumEffect: Double?) -> HTML {
        let series = names.prefix(6).map { name in
            Chart.Series(
                name,
                points: windows.map { window in
                    let column = window.columns.first { $0.name == name }
                    return Chart.Point(x: Double(window.number), y: column?.effect ?? .nan)
                })
        }
        let level = minimumEffect.map { [Chart.Level("minimum effect", at: $0)] } ?? []
        return Chart("Effect by window", Array(series), xLabel: "window", levels: level, fromZero: true).html
    }

    /// The columns with the largest effect in any of the windows, drifting ones first.
    static func leadingColumns(_ windows: [MonitorWindow]) -> [String] {
        var best: [String: (drifts: Int, effect: Double)] = [:]
        for column in windows.flatMap(\.columns) {
            let former = best[column.name] ?? (0, 0)
            best[column.name] = (former.drifts + (column.isDrifting ? 1 : 0), max(former.effect, column.effect))
        }
        return best.sorted { a, b in
            (b.value.drifts, b.value.effect, a.key) < (a.value.drifts, a.value.effect, b.key)
        }.map(\.key)
    }

    /// Verdicts as a table, largest effect first, each with its course over `windows`.
    static func table(_ columns: [ColumnVerdict], over windows: [MonitorWindow]) -> HTML {
        let rows = columns.sorted { ($1.effect, $0.name) < ($0.effect, $1.name) }.map { column -> [HTML] in
            [
                "\(column.name)", column.isDrifting ? .badge("drift", .bad) : .badge("as before", .good),
                "\(Quantity.number(column.effect, digits: 3))", "\(Quantity.pValue(column.pValue))",
                "\(Quantity.pValue(column.adjustedPValue))", "\(Quantity.count(column.referenceRows))",
                "\(Quantity.count(column.windowRows))", missing(column), strip(column.name, windows),
            ]
        }
        return .table(
            [
                "column", "verdict", .number("effect"), .number("p"), .number("adjusted p"), .number("reference rows"),
                .number("window rows"), .number("missing"), "effect over windows",
            ], rows: rows)
    }

    private static func missing(_ column: ColumnVerdict) -> HTML {
        let (before, now) = (column.referenceMissingShare, column.windowMissingShare)
        guard before > 0 || now > 0 else { return "–" }
        return "\(Quantity.number(100 * before, digits: 2)) → \(Quantity.number(100 * now, digits: 2)) %"
    }

    /// One bar a window, as high as the effect; drifting ones in the colour of what is bad.
    private static func strip(_ name: String, _ windows: [MonitorWindow]) -> HTML {
        let shown = windows.suffix(40)
        let bars = shown.enumerated().compactMap { index, window -> HTML? in
            guard let column = window.columns.first(where: { $0.name == name }) else { return nil }
            let height = max(1, (column.effect * 18).rounded())
            let paint: HTML = column.isDrifting ? "fill=\"var(--bad)\"" : "fill=\"currentColor\" fill-opacity=\"0.45\""
            return """
                <rect x="\(index * 4)" y="\(18 - height)" width="3" height="\(height)" \(paint)>\
                <title>Window \(window.number): \(Quantity.number(column.effect, digits: 3))</title></rect>
                """
        }
        let drifting = shown.filter { $0.drifting.contains(name) }.count
        let words = "\(drifting) of \(shown.count) windows drifted"
        return """
            <svg role="img" width="\(shown.count * 4)" height="18"><title>\(words)</title>\(bars)</svg>
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
