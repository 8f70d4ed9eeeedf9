import Incidents
import Web
import Wire

/// What was wrong with rows, window by window: missing, of another type, out of range, never seen before.
struct QualityPage {
    let monitor: Monitor
    /// Oldest first.
    let windows: [MonitorWindow]
    let range: TimeRangePage
    let now: Timestamp

    private var path: String { "/monitors/\(monitor.name)" }

    var page: Web.Page {
        Web.Page(
            title: "Data quality of \(monitor.name)",
            trail: [MonitorPage.section, Link(monitor.name, path), Link("data quality", "\(path)/quality")],
            modules: ["view.js"], body: "\(range.html)\(body)")
    }

    private var body: HTML {
        guard !windows.isEmpty else { return .empty("No window ended in this time.") }
        let courses = QualityRule.Check.allCases.map { QualityCourse($0, in: windows) }
        let quiet = courses.filter(\.columns.isEmpty).map { $0.check.title.lowercased() }
        let charts = courses.filter { !$0.columns.isEmpty }.map(chart)
        let calm: HTML? =
            quiet.isEmpty
            ? nil : "<p class=\"quiet\">Nothing beyond chance: \(quiet.joined(separator: ", ")).</p>"
        let findings = windows.reversed().flatMap { window in
            window.bad.filter { $0.family == .quality }.map { (window, $0) }
        }
        return """
            \(charts.isEmpty ? nil : "<div class=\"charts\">\(charts)</div>" as HTML)
            \(calm)
            \(table(findings))
            <details><summary>How data quality is measured</summary>
            <p>Each window’s rows are held against the reference: a share is shown where it is larger than in the reference and \
            chance does not explain it. Where a curve breaks off nothing of the kind was found. What is missing is counted in \
            every window.</p></details>
            """
    }

    private func chart(_ course: QualityCourse) -> HTML {
        let series = course.columns.map { name, shares in
            Chart.Series(
                name,
                points: zip(windows, shares).map { window, share in
                    Chart.Point(x: Double(window.number), y: share.map { 100 * $0 } ?? .nan)
                })
        }
        let level = course.columns.count == 1 ? course.limit.map { [Chart.Level("allowed", at: 100 * $0)] } ?? [] : []
        return Chart(
            "\(course.check.title), % of the rows", series, xLabel: "window", levels: level, fromZero: true
        ).html
    }

    private func table(_ findings: [(MonitorWindow, Finding)]) -> HTML {
        guard !findings.isEmpty else { return .empty("No column was beyond its limits in this time.") }
        let rows = findings.prefix(60).map { window, finding -> [HTML] in
            [
                "\(window.number)", .time(window.end, now: now), FindingPage.subject(finding, of: monitor.name),
                FindingPage.badge(finding), "\(finding.words)", FindingPage.value(finding.value, in: finding),
                FindingPage.value(finding.expected, in: finding), FindingPage.value(finding.limit, in: finding),
                FindingPage.pValue(finding), "<span class=\"name\">\(HTML.name(finding.slice.words))</span>",
            ]
        }
        let left = findings.count - 60
        let more: HTML? = left > 0 ? "<p class=\"quiet\">And \(Quantity.count(left)) more in this time.</p>" : nil
        return """
            <h2>Beyond its limits <small>newest first</small></h2>
            \(HTML.table(
                [
                    .number("window"), "ended", "about", "found", "in words", .number("value"), .number("in the reference"),
                    .number("limit"), .number("adjusted p"), "slice",
                ], rows: rows))
            \(more)
            """
    }
}
