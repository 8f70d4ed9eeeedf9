import Web
import Wire

/// The last hour of an endpoint as charts: requests and errors of each variant, and how long each stage of a request took.
struct EndpointChartsPage {
    let whole: EndpointTraffic.Summary
    let variants: [(variant: String, traffic: EndpointTraffic.Summary)]
    /// Where more than the last hour is told; nil where nobody watches the endpoint.
    let monitor: String?

    var html: HTML {
        let more: HTML =
            monitor.map {
                "Longer times are on \(HTML.link("the page of its monitor", to: "/monitors/\($0)/traffic"))."
            }
            ?? "A monitor of the endpoint tells more than that."
        return """
            <h2>Last hour</h2>
            <div class="charts">\(requests)\(errors)\(stages)</div>
            <p class="quiet">Counted by this server in memory, since it was started. A request waits in the <em>queue</em> for its \
            turn, is answered by the <em>model</em>; the <em>whole</em> is both and reading what was sent. \(more)</p>
            """
    }

    private var hour: ClosedRange<Double>? {
        let starts = whole.callsPerMinute.map { Double($0.start.milliseconds) }
        return starts.first.flatMap { first in starts.last.map { first...$0 } }
    }

    private var requests: HTML {
        let series =
            variants.count > 1
            ? variants.map { line($0.variant, $0.traffic) { Double($0.calls) } }
            : [line("requests", whole) { Double($0.calls) }]
        return Chart("Requests a minute", series, xAxis: .time, fromZero: true, over: hour).html
    }

    private var errors: HTML {
        let isSplit = variants.count > 1
        let each = isSplit ? variants.map { line($0.variant, $0.traffic) { Double($0.refused + $0.failed) } } : []
        // What the endpoint refuses before a variant has it, such as under overload, is of none of them.
        let all = [
            line(isSplit ? "all refused" : "refused", whole) { Double($0.refused) },
            line(isSplit ? "all failed" : "failed", whole) { Double($0.failed) },
        ]
        return Chart("Errors a minute", all + each, xAxis: .time, fromZero: true, over: hour).html
    }

    private var stages: HTML {
        typealias Stage = (EndpointTraffic.Summary.Minute) -> EndpointTraffic.Summary.Quantiles?
        let stages: [(String, Stage)] = [
            ("Latency, whole, ms", { $0.whole }), ("Latency in the model, ms", { $0.model }),
            ("Latency in the queue, ms", { $0.queue }),
        ]
        let charts = stages.filter { stage in whole.callsPerMinute.contains { stage.1($0) != nil } }.map {
            title, stage in
            Chart(
                title,
                [
                    line("p50", whole) { Self.milliseconds(stage($0)?.p50) },
                    line("p95", whole) { Self.milliseconds(stage($0)?.p95) },
                    line("p99", whole) { Self.milliseconds(stage($0)?.p99) },
                ], xAxis: .time, fromZero: true, over: hour
            ).html
        }
        return "\(charts)"
    }

    private static func milliseconds(_ microseconds: Int64?) -> Double {
        microseconds.map { Double($0) / 1000 } ?? .nan
    }

    private func line(
        _ name: String, _ traffic: EndpointTraffic.Summary, _ value: (EndpointTraffic.Summary.Minute) -> Double
    ) -> Chart.Series {
        Chart.Series(
            name, points: traffic.callsPerMinute.map { Chart.Point(x: Double($0.start.milliseconds), y: value($0)) })
    }
}
