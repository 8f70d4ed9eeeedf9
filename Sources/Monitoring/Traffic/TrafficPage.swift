import Incidents
import Statistics
import Web
import Wire

/// How much comes to a monitor, from whom, and how quickly it is answered.
struct TrafficPage {
    let view: TrafficView
    let monitor: Monitor
    let range: TimeRange
    let now: Timestamp

    private static let callerLimit = 20
    private var path: String { "/monitors/\(monitor.name)/traffic" }

    var page: Web.Page {
        Web.Page(
            title: "Traffic of \(monitor.name)",
            trail: [MonitorPage.section, Link(monitor.name, "/monitors/\(monitor.name)"), Link("traffic", path)],
            modules: ["view.js"], isLive: range.isShort,
            body: "\(TimeRangePage(range: range, path: path).html)\(spans)\(body)")
    }

    /// How finely the time is cut.
    private var spans: HTML {
        "<p class=\"quiet\">By \(view.span.name), \(HTML.times(from: view.from, to: view.to)).</p>"
    }

    private var body: HTML {
        guard !view.series.isEmpty else {
            return .empty("Nothing came in this time. Predictions are counted within a second or two.")
        }
        let merged = view.merged
        return "\(numbers(merged))\(charts)\(callers(merged))\(slices)"
    }

    private func numbers(_ record: WindowRecord) -> HTML {
        .numbers(
            [
                "requests": "\(Quantity.count(record.requests))", "rows": "\(Quantity.count(record.rows))",
                "p50": latency(record, .p50), "p95": latency(record, .p95), "p99": latency(record, .p99),
                "callers": "\(record.calls.callers.count)", "newest": record.lastTime.map { .time($0, now: now) },
            ],
            meanings: [
                "requests": "Requests of the stretch shown, whatever number of rows each had.",
                "rows": "Rows that were predicted, of all requests.",
                "p50": "Half of the answers took no longer.",
                "p95": "19 of 20 answers took no longer.",
                "p99": "99 of 100 answers took no longer.",
                "callers": "Whoever asked, each once.",
            ])
    }

    /// Of requests or of rows, as the monitor is about.
    private func latency(_ record: WindowRecord, _ quantile: LatencyRule.Quantile) -> HTML {
        milliseconds(record, quantile).map { "\(Quantity.latency(microseconds: 1000 * $0))" } ?? "–"
    }

    private func milliseconds(_ record: WindowRecord, _ quantile: LatencyRule.Quantile) -> Double? {
        let sketch = monitor.latency.unit == .row ? record.latency.perRow : record.latency.perRequest
        return sketch.quantile(quantile.rank)
    }

    private var charts: HTML {
        let length = Int64(60_000 * view.span.minutes)
        let records = Dictionary(view.series.map { ($0.start.milliseconds, $0.record) }) { first, _ in first }
        let starts = stride(from: view.from.milliseconds, to: view.to.milliseconds, by: Int(length))
        // A stretch in which nothing came is 0 requests, and no latency.
        let calls = starts.map { Chart.Point(x: Double($0), y: Double(records[$0]?.requests ?? 0)) }
        let rows = starts.map { Chart.Point(x: Double($0), y: Double(records[$0]?.rows ?? 0)) }
        let latencies = LatencyRule.Quantile.allCases.map { quantile in
            Chart.Series(
                quantile.rawValue,
                points: starts.map { start in
                    Chart.Point(x: Double(start), y: records[start].flatMap { milliseconds($0, quantile) } ?? .nan)
                })
        }
        let limits = LatencyRule.Quantile.allCases.compactMap { quantile in
            monitor.latency.limits[quantile].map { Chart.Level("\(quantile.rawValue) at most", at: $0) }
        }
        let shown = Double(view.from.milliseconds)...Double(view.to.milliseconds)
        let volume = Chart(
            "Calls by \(view.span.name)", [.init("requests", points: calls), .init("rows", points: rows)],
            xAxis: .time, fromZero: true, over: shown)
        let latency = Chart(
            "Latency of \(monitor.latency.unit == .row ? "rows" : "requests"), ms", latencies, xAxis: .time,
            levels: limits, fromZero: true, over: shown)
        return "<div class=\"charts\">\(volume.html)\(latency.html)</div>"
    }

    private func callers(_ record: WindowRecord) -> HTML {
        let sorted = record.calls.callers.sorted { ($1.value.requests, $0.key) < ($0.value.requests, $1.key) }
        var rows = sorted.prefix(Self.callerLimit).map { name, count -> [HTML] in
            [.name(name), "\(Quantity.count(count.requests))", "\(Quantity.count(count.rows))"]
        }
        let rest = sorted.dropFirst(Self.callerLimit).reduce(into: record.calls.others) { sum, caller in
            sum.requests += caller.value.requests
            sum.rows += caller.value.rows
        }
        if rest.requests > 0 {
            rows.append(["all others", "\(Quantity.count(rest.requests))", "\(Quantity.count(rest.rows))"])
        }
        let table = HTML.table(
            [
                "caller", .number("requests", "Requests, whatever number of rows each had."),
                .number("rows", "Rows that were predicted, of all requests."),
            ], rows: rows)
        return "<h2>Callers</h2><div class=\"data\">\(table)</div>"
    }

    private var slices: HTML {
        let rows = view.slices.map { slice, record -> [HTML] in
            [
                "<span class=\"name\">\(HTML.name(slice.words))</span>", "\(Quantity.count(record?.requests ?? 0))",
                "\(Quantity.count(record?.rows ?? 0))", record.map { latency($0, .p50) } ?? "–",
                record.map { latency($0, .p95) } ?? "–", record?.lastTime.map { .time($0, now: now) } ?? "–",
            ]
        }
        return """
            <h2>Versions and segments</h2>
            \(HTML.table(
                ["slice",
                 .number("requests", "Requests, whatever number of rows each had."),
                 .number("rows", "Rows that were predicted, of all requests."),
                 .number("p50", "Half of the answers took no longer."),
                 .number("p95", "19 of 20 answers took no longer."),
                 "newest"], rows: rows))
            """
    }
}

extension WindowSpan {
    /// The word of queries and pages.
    var name: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .day: "day"
        }
    }

    /// - Throws: `FieldProblem` for a word that is none.
    init(named name: String) throws {
        guard let span = Self.allCases.first(where: { $0.name == name }) else {
            throw FieldProblem("Parameter 'by' must be one of minute, hour, day, not '\(name.prefix(40))'.")
        }
        self = span
    }
}
