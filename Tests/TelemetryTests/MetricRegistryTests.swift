import CoreMetrics
import Telemetry
import Testing

@Suite struct MetricRegistryTests {
    private static let calls = MetricFamily("calls_total", "Calls \\ of\nall kinds.", kind: .counter)
    private static let level = MetricFamily("level", "How high it stands.", kind: .gauge)
    private static let seconds = MetricFamily("took_seconds", "How long.", kind: .histogram(bounds: [0.1, 1]))

    @Test func showsEachKindInTheTextFormatOfPrometheus() {
        let registry = MetricRegistry()
        registry.counter(Self.calls, [("endpoint", "b\"\\\n"), ("status", "200")]).add(3)
        registry.counter(Self.calls, [("endpoint", "a"), ("status", "200")]).add()
        registry.gauge(Self.level).set(2.5)
        let histogram = registry.histogram(Self.seconds, [("stage", "decode")])
        for value in [0.05, 0.1, 0.5, 3] { histogram.record(value) }
        let expected = #"""
            # HELP calls_total Calls \\ of\nall kinds.
            # TYPE calls_total counter
            calls_total{endpoint="a",status="200"} 1
            calls_total{endpoint="b\"\\\n",status="200"} 3
            # HELP level How high it stands.
            # TYPE level gauge
            level 2.5
            # HELP took_seconds How long.
            # TYPE took_seconds histogram
            took_seconds_bucket{stage="decode",le="0.1"} 2
            took_seconds_bucket{stage="decode",le="1.0"} 3
            took_seconds_bucket{stage="decode",le="+Inf"} 4
            took_seconds_sum{stage="decode"} 3.65
            took_seconds_count{stage="decode"} 4

            """#
        #expect(registry.exposition == expected)
    }

    @Test func givesTheSameSeriesForTheSameLabels() {
        let registry = MetricRegistry()
        let one = registry.counter(Self.calls, [("endpoint", "a")])
        #expect(one === registry.counter(Self.calls, [("endpoint", "a")]))
        #expect(one !== registry.counter(Self.calls, [("endpoint", "b")]))
    }

    @Test func countsTogetherWhatWouldBeTooManySeries() {
        let registry = MetricRegistry(seriesLimit: 3)
        for index in 0..<100 { registry.counter(Self.calls, [("caller", "c\(index)")]).add() }
        let lines = registry.exposition.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 4)
        #expect(lines.contains("calls_total{caller=\"other\"} 97"))
    }

    @Test func replacesAFamilyAsAWhole() {
        let registry = MetricRegistry(seriesLimit: 2)
        registry.replace(Self.calls, with: [([("endpoint", "a")], 1), ([("endpoint", "b")], 2)])
        registry.replace(
            Self.calls, with: [([("endpoint", "b")], 3), ([("endpoint", "c")], 4), ([("endpoint", "d")], 5)])
        let lines = registry.exposition.split(separator: "\n").dropFirst(2)
        #expect(Array(lines) == [#"calls_total{endpoint="b"} 3.0"#, #"calls_total{endpoint="c"} 4.0"#])
    }

    @Test func forgetsWhatIsGone() {
        let registry = MetricRegistry()
        registry.counter(Self.calls, [("endpoint", "a"), ("version", "1")]).add()
        registry.counter(Self.calls, [("endpoint", "a"), ("version", "2")]).add()
        registry.histogram(Self.seconds, [("endpoint", "a"), ("version", "1")]).record(1.0)
        registry.removeAll(with: [("endpoint", "a"), ("version", "1")])
        #expect(!registry.exposition.contains("version=\"1\""))
        #expect(registry.exposition.contains("calls_total{endpoint=\"a\",version=\"2\"} 1"))
        // A family without series is not shown at all.
        #expect(!registry.exposition.contains("took_seconds"))
    }

    @Test func asksForWhatIsObserved() {
        let registry = MetricRegistry()
        registry.observe(Self.level) { 1 }
        registry.observe(Self.level) { .infinity }
        #expect(registry.exposition.contains("level +Inf\n"))
    }

    @Test func countsForSwiftMetrics() {
        let registry = MetricRegistry()
        CoreMetrics.Counter(label: "http.calls", dimensions: [("a.b", "c")], factory: registry).increment(by: 2)
        CoreMetrics.Meter(label: "depth", factory: registry).set(4)
        CoreMetrics.Timer(label: "took", factory: registry).recordMilliseconds(2)
        #expect(registry.exposition.contains("http_calls{a_b=\"c\"} 2\n"))
        #expect(registry.exposition.contains("depth 4.0\n"))
        #expect(registry.exposition.contains("took_bucket{le=\"0.0025\"} 1\n"))
        #expect(registry.exposition.contains("took_bucket{le=\"0.001\"} 0\n"))
    }
}
