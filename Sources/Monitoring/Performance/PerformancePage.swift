import Incidents
import Statistics
import Web
import Wire

/// How good the model behind a monitor is, window by window, slice by slice.
struct PerformancePage {
    let report: PerformanceReport
    let range: TimeRange
    /// How many windows of the range were looked at; nil for the newest.
    let count: Int?
    let now: Timestamp
    let origin: String

    var page: Web.Page {
        let name = report.monitor.name
        return Web.Page(
            title: "Quality of \(name)",
            trail: [
                Link("Monitors", "/monitors"), Link(name, "/monitors/\(name)"),
                Link("quality", "/monitors/\(name)/performance"),
            ], modules: ["view.js"],
            body: "\(choice.html)\(body)")
    }

    private var choice: TimeRangePage {
        TimeRangePage(
            range: range, path: "/monitors/\(report.monitor.name)/performance",
            count: count.map { (report.windows.count, $0) }, shownWords: "the newest; all measures are of these")
    }

    private var body: HTML {
        guard let last = report.windows.last else {
            guard range == .newest else { return .empty("No window that was looked at lies in this time.") }
            return .empty(
                "No window has been looked at yet. What turned out to be true is sent by the id that came with the answer.",
                code: """
                    curl \(origin)/api/v1/labels -H 'Content-Type: application/json' \\
                      -d '{"labels": [{"prediction_id": "p-…", "value": 1}]}'
                    """)
        }
        let searched = report.windows.last { !$0.slices.isEmpty } ?? last
        return """
            \(facts(last))\(charts)\(measures)\(slices(report.subject ?? last))\(weak(searched))\(estimates(last))\
            \(windowTable)\(Self.legend)
            """
    }

    private func facts(_ last: WindowPerformance) -> HTML {
        let days = Quantity.count(report.monitor.performance.labelDays)
        let state: HTML =
            last.isFinal
            ? .badge("final", .plain)
            : "\(HTML.badge("provisional", .warning)) labels are waited for \(days) days"
        let basis = report.basis.map { "\(Quantity.count($0.rows)) rows of \($0.origin.words)" } ?? "nothing yet"
        return .facts([
            "Labels": "\(Quantity.count(last.labelled)) of \(Quantity.count(last.rows)) rows of window \(last.number)",
            "State": state, "Compared with": "\(basis)",
        ])
    }

    private var charts: HTML {
        estimateChart.map { "<div class=\"charts\">\(chart)\($0)</div>" } ?? chart
    }

    private var chart: HTML {
        guard let profile = report.merged?.profile else { return "" }
        let metrics = Array(report.monitor.performance.metrics(of: profile).filter(\.isBounded).prefix(4))
        guard !metrics.isEmpty else { return "" }
        let series = metrics.enumerated().flatMap { place, metric in
            Self.parts(
                metric.name, report.windows.map { ($0, $0.whole?.profile?.estimate(metric)?.value) }, colour: place)
        }
        let levels = report.monitor.performance.limits.filter { metrics.contains($0.metric) }.map {
            Chart.Level("\($0.isMinimum ? "minimum" : "maximum") \($0.metric.name)", at: $0.value)
        }
        return Chart("Quality by window", series, xLabel: "window", levels: levels, fromZero: false).html
    }

    /// What may still change by labels is drawn apart, from the last window that does not.
    private static func parts(
        _ name: String, _ values: [(window: WindowPerformance, value: Double?)], colour: Int
    ) -> [Chart.Series] {
        func points(_ isShown: (Int) -> Bool) -> [Chart.Point] {
            values.enumerated().map { place, each in
                Chart.Point(x: Double(each.window.number), y: isShown(place) ? each.value ?? .nan : .nan)
            }
        }
        let isFinal = values.map(\.window.isFinal)
        let final = Chart.Series(name, points: points { isFinal[$0] }, colour: colour)
        guard isFinal.contains(false) else { return [final] }
        let provisional = Chart.Series(
            "\(name), provisional",
            points: points { !isFinal[$0] || ($0 + 1 < isFinal.count && !isFinal[$0 + 1]) }, colour: colour,
            isTentative: true)
        return isFinal.contains(true) ? [final, provisional] : [provisional]
    }

    /// What was estimated before labels came, and what they said then.
    private var estimateChart: HTML? {
        guard report.monitor.performance.hasEstimate else { return nil }
        var names: [String] = []
        for estimate in report.windows.flatMap(\.estimates) where estimate.slice == .whole {
            if !names.contains(estimate.metric) { names.append(estimate.metric) }
        }
        guard !names.isEmpty else { return nil }
        let series = names.prefix(2).enumerated().flatMap { place, name -> [Chart.Series] in
            let found = report.windows.map { window in
                (window, window.estimates.first { $0.metric == name && $0.slice == .whole })
            }
            let band = found.compactMap { window, estimate in
                estimate.map { (x: Double(window.number), low: $0.low, high: $0.high) }
            }
            let estimated = Chart.Series(
                "\(name), estimated",
                points: found.map { Chart.Point(x: Double($0.number), y: $1?.value ?? .nan) }, ground: .band(band),
                colour: place, isTentative: true)
            let realised = Chart.Series(
                "\(name), by labels",
                points: found.map { Chart.Point(x: Double($0.number), y: $1?.realised ?? .nan) }, colour: place)
            return realised.points.contains { $0.y.isFinite } ? [estimated, realised] : [estimated]
        }
        return Chart("Estimates without labels, with their 95 % bands", series, xLabel: "window").html
    }

    /// Of all windows shown together.
    private var measures: HTML {
        guard let merged = report.merged, merged.profile != nil else {
            return .notice(.warning, "<p>No label could be read yet.</p>")
        }
        let rows = report.lines(of: merged).map { line -> [HTML] in
            [
                "\(line.metric.name)", "\(Quantity.decimal(line.estimate.value))", interval(line.estimate),
                "\(line.expected.map { Quantity.decimal($0.value) } ?? "–")",
            ]
        }
        let version = report.subject.map { "\($0.model)/\($0.version)" } ?? ""
        return """
            \(unlabelled)
            <h2>Measures <small>of \(version): \(Quantity.count(merged.labelled)) labelled rows of the windows shown, together\
            </small></h2>
            \(HTML.table(["measure",
            .number("value", "Over all labelled rows of the windows shown, together."),
            .number("95 % interval", "Between these it is in 19 of 20 samples."),
            .number("basis", "What the basis said above had of it, which it is held against.")], rows: rows))
            """
    }

    /// Said when the version that answers now is not the one that measures are of.
    private var unlabelled: HTML? {
        guard let last = report.windows.last, let subject = report.subject else { return nil }
        guard (last.model, last.version) != (subject.model, subject.version) else { return nil }
        return .notice(
            .plain, "<p>\(last.model)/\(last.version), which answers now, has no labels yet.</p>")
    }

    private func interval(_ estimate: MetricEstimate) -> HTML {
        guard let interval = estimate.interval else { return "–" }
        return
            "\(Quantity.decimal(interval.lowerBound)) to \(Quantity.decimal(interval.upperBound))"
    }

    private func slices(_ last: WindowPerformance) -> HTML? {
        guard last.parts.count > 1, let profile = last.whole?.profile else { return nil }
        let estimated = last.estimates.contains { $0.slice != .whole }
        let metrics = Array(report.monitor.performance.metrics(of: profile).prefix(4))
        let rows = last.parts.map { part -> [HTML] in
            [.name(part.slice.words), "\(Quantity.count(part.labelled))", "\(Self.coverage(part, last))"]
                + (estimated ? [Self.estimate(of: part.slice, last)] : [])
                + metrics.map { metric in
                    "\(part.profile?.estimate(metric).map { Quantity.decimal($0.value) } ?? "–")"
                }
        }
        return """
            <h2>Slices <small>window \(last.number)</small></h2>
            \(HTML.table(
                ["slice",
                 .number("labelled", "Rows, or the share of them, whose label has come."),
                 .number("coverage", "The share of the rows of which the label has come.")] + (estimated ? ["estimate"] : []) + metrics.map { .number($0.name) }, rows: rows))
            """
    }

    /// The share of a slice's rows with a label.
    private static func coverage(_ part: WindowPerformance.Part, _ window: WindowPerformance) -> String {
        (part.slice == .whole ? window.coverage : part.coverage).map { Quantity.percent($0) } ?? "–"
    }

    /// The first measure that is estimated of a slice.
    private static func estimate(of slice: TrafficSlice, _ window: WindowPerformance) -> HTML {
        guard let estimate = window.estimates.first(where: { $0.slice == slice }) else { return "–" }
        return "\(estimate.metric) \(Quantity.decimal(estimate.value))"
    }

    private func weak(_ last: WindowPerformance) -> HTML? {
        guard !last.slices.isEmpty else { return nil }
        let rows = last.slices.map { slice -> [HTML] in
            [
                "<code>\(HTML.name(slice.condition))</code>",
                "\(slice.kind == .loss ? "higher loss" : "more rows than before")",
                "\(Quantity.count(slice.rows))", "\(Quantity.decimal(slice.effect))",
                "\(Quantity.decimal(slice.mean))", "\(Quantity.decimal(slice.restMean))",
                "\(Quantity.pValue(slice.adjustedPValue))",
            ]
        }
        return """
            <h2>Slices that search found <small>window \(last.number)</small></h2>
            \(HTML.table(
                [
                    "where", "what",
                    .number("rows", "Rows that the condition holds for."),
                    .number("effect", "The difference of the means, or of the shares, in standard deviations."),
                    .number("mean", "The mean of the rows there."),
                    .number("elsewhere", "The mean of all other rows."),
                    .number("adjusted p", "How likely so much or more would be by chance, corrected for all slices that were looked at."),
                ], rows: rows))
            """
    }

    private func estimates(_ last: WindowPerformance) -> HTML? {
        guard report.monitor.performance.hasEstimate, let method = last.estimates.first?.method else { return nil }
        let rows = last.estimates.filter { $0.slice == .whole }.map { estimate -> [HTML] in
            let verdict: HTML =
                switch estimate.isRefuted {
                case nil: .badge("no labels yet", .plain)
                case true?: .badge("was wrong", .bad)
                case false?: .badge("held", .good)
                }
            return [
                "\(estimate.metric)", "\(Quantity.decimal(estimate.value))",
                "\(Quantity.decimal(estimate.low)) to \(Quantity.decimal(estimate.high))",
                "\(estimate.realised.map { Quantity.decimal($0) } ?? "–")", verdict,
            ]
        }
        let assumptions = method.assumptions.map { "<li>\($0)</li>" as HTML }
        return """
            <h2>Estimates <small>window \(last.number), from \(Quantity.count(last.estimates[0].rows)) rows without their \
            labels</small></h2>
            \(HTML.table(
                ["measure",
                 .number("estimate", "Computed from predictions alone, before labels come."),
                 .number("95 % band", "Within it the measure will be in 19 of 20 windows, if the assumptions below hold."),
                 .number("by labels", "The same measure once labels had come."),
                 "verdict"], rows: rows))
            <details><summary>What has to hold for them</summary><ul>\(assumptions)</ul></details>
            """
    }

    private var windowTable: HTML {
        let rows = report.windows.reversed().map { window -> [HTML] in
            let leading = window.whole.flatMap { report.lines(of: $0).first }
            return [
                "\(window.number)", .times(from: window.start, to: window.end),
                "<span class=\"name\">\(HTML.name("\(window.model)/\(window.version)"))</span>",
                "\(Quantity.percent(window.coverage))",
                window.isFinal ? .badge("final", .plain) : .badge("provisional", .warning),
                "\(leading.map { "\($0.metric.name) \(Quantity.decimal($0.estimate.value))" } ?? "–")",
            ]
        }
        return """
            <h2>Windows</h2>
            \(HTML.table(
                [.number("window", "Windows of a monitor are numbered as they begin."),
                 "rows from", "version",
                 .number("labelled", "Rows, or the share of them, whose label has come."),
                 "state", "leading measure"], rows: rows))
            """
    }

    private static var legend: HTML {
        """
        <details><summary>How quality is measured</summary>
        <p>What is dotted may still change: labels of those windows are still waited for, or there are none and it is estimated.</p>
        <p>Each measure is of the rows whose truth is known, with a 95 % interval. It is called bad when its whole interval \
        lies beyond a declared limit, or when it is clearly and significantly worse than on the basis. Windows are counted \
        again when labels come, and final when all came or the time to wait for them is over.</p>
        </details>
        """
    }
}
