import Incidents
import Predictions
import Statistics
import Web
import Wire

/// The page of a column: what it was like, what it is like now, since when, and in which predictions.
struct ColumnPage {
    let view: ColumnView
    let now: Timestamp

    private var monitor: Monitor { view.status.monitor }
    private var path: String { "/monitors/\(monitor.name)" }
    private static let troubleLimit = 20

    var page: Web.Page {
        let drift = view.drift
        return Web.Page(
            title: view.column,
            trail: [
                MonitorPage.section, Link(monitor.name, path),
                Link(view.column, "\(path)/columns/\(view.column.queryEscaped)"),
            ],
            badge: drift.map { $0.verdict == .bad ? .badge("drift", .bad) : .badge("as before", .good) },
            modules: ["view.js"],
            body: """
                \(rangeChoice)
                \(facts)
                \(distribution)
                \(troubles)
                \(predictions)
                """)
    }

    private var rangeChoice: HTML {
        TimeRangePage(
            range: view.range, path: "\(path)/columns/\(view.column.queryEscaped)",
            count: view.count.map { (view.windows.count, $0) }
        ).html
    }

    private var facts: HTML {
        guard let drift = view.drift else {
            return """
                <p class="quiet">Nothing is said of this column's distribution: it is off, or there is nothing to compare \
                with.</p>
                """
        }
        let limit = drift.limit.map { "<small>counts from \(Quantity.number($0))</small>" as HTML }
        let reference = drift.referenceRows.map { "<small>against \(Quantity.count($0))</small>" as HTML }
        return .numbers(
            [
                "effect": "\(drift.value.map { Quantity.decimal($0) } ?? "–")\(limit)",
                "adjusted p": "\(drift.adjustedPValue.map(Quantity.pValue) ?? "–")",
                "rows": "\(Quantity.count(drift.rows))\(reference)",
            ],
            meanings: [
                "effect": "How far the newest window is from the reference.",
                "adjusted p": "How likely so much or more would be by chance, corrected for all columns of the window.",
                "rows": "Rows with a value in the newest window, and in the reference.",
            ])
    }

    private var distribution: HTML {
        guard let last = view.last, let (before, after) = last.profiles(of: view.column) else {
            return .empty("The newest window does not have this column, or only whole hours of it are kept.")
        }
        let name = "window \(last.window.number)"
        return """
            <h2>Distribution <small>\(name), \(HTML.times(from: last.window.start, to: last.window.end))</small></h2>
            <div class="columns">
            <div class="large">
            \(before == nil ? nil : DistributionChart.key(before: "reference", now: name))
            \(DriftPage.picture(view.column, last) ?? Self.alone(after))
            \(chart)
            </div>
            \(ColumnFactsPage.table(before: before, after: after, name: name))
            </div>
            """
    }

    private static func alone(_ profile: ColumnProfile) -> HTML {
        let histogram = ColumnHistogram(profile, nil) { Quantity.number($0, digits: 3) }
        return DistributionChart(histogram.bars.map { .init($0.label, before: $0.reference) }, hasNow: false).html
    }

    private var chart: HTML {
        let points = view.windows.compactMap { window in
            view.drift(in: window).map { Chart.Point(x: Double(window.number), y: $0.value ?? .nan) }
        }
        let missing = view.windows.compactMap { window in
            view.drift(in: window).map {
                Chart.Point(
                    x: Double(window.number), y: 100 * ($0.details["window_missing_share"]?.doubleValue ?? .nan))
            }
        }
        guard !points.isEmpty else { return "" }
        let level = view.drift?.limit.map { [Chart.Level("counts from here", at: $0)] } ?? []
        let effect = Chart(
            "Effect by window", [.init("effect", points: points)], xLabel: "window", levels: level, fromZero: true)
        let share = Chart(
            "Missing by window, in percent", [.init("missing", points: missing)], xLabel: "window", fromZero: true)
        let isEverMissing = missing.contains { $0.y > 0 }
        return "<div class=\"charts\">\(effect.html)\(isEverMissing ? share.html : nil)</div>"
    }

    private var troubles: HTML? {
        let found = view.troubles
        guard !found.isEmpty else { return nil }
        let rows = found.prefix(Self.troubleLimit).map { window, finding -> [HTML] in
            [
                "\(window.number)", .time(window.start, now: now), FindingPage.badge(finding), "\(finding.words)",
                FindingPage.value(finding.value, in: finding), FindingPage.pValue(finding),
                "<span class=\"name\">\(HTML.name(finding.slice.words))</span>",
            ]
        }
        return """
            <h2>Findings <small>newest first</small></h2>
            \(HTML.table(
                [
                    .number("window", "Windows of a monitor are numbered as they begin."),
                    "began", "found", "in words",
                    .number("value", "What was found; the words beside say of what."),
                    .number("adjusted p", "How likely so much or more would be by chance, corrected for all tests of the window."),
                    "slice",
                ], rows: rows))
            """
    }

    private var predictions: HTML? {
        guard !view.predictions.isEmpty else { return nil }
        let rows = view.predictions.map { prediction -> [HTML] in
            [
                .link(prediction.id.text, to: "/predictions/\(prediction.id.text)"),
                .time(prediction.time, now: now), "<code>\(value(in: prediction))</code>",
                "<code>\(String(prediction.output.text.prefix(60)))</code>",
                "\(prediction.label.map { String($0.text.prefix(60)) } ?? "–")",
            ]
        }
        return """
            <h2>Predictions <small>some of the newest window</small></h2>
            \(HTML.table(["prediction", "when", .words(view.column), "output", "label"], rows: rows))
            """
    }

    private func value(in prediction: Prediction) -> String {
        let value = prediction.inputs.json[view.column] ?? prediction.output.json[view.column]
        if prediction.masked.contains(view.column) { return "masked" }
        return value.map { String($0.text.prefix(60)) } ?? (view.column == "prediction" ? "the output" : "missing")
    }
}
