package import CoreMetrics

/// What libraries count through swift-metrics is shown beside the rest, once the program has made the registry their
/// factory.
extension MetricRegistry: MetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(MetricFamily(label.metricName, "Counted by a library.", kind: .counter), dimensions.labels)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(MetricFamily(label.metricName, "Measured by a library.", kind: .gauge), dimensions.labels)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let bounds = (0..<20).map { Double(1 << $0) }
        let family = MetricFamily(label.metricName, "Recorded by a library.", kind: .histogram(bounds: bounds))
        return histogram(family, dimensions.labels)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(.durations(label.metricName, "Timed by a library."), dimensions.labels)
    }

    // What a library counts stays when its handle goes: many make one for each time they count.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

extension Counter: CounterHandler {
    package func increment(by amount: Int64) {
        add(Int(amount))
    }

    package func reset() {
        add(-value)
    }
}

extension Gauge: MeterHandler {
    package func set(_ value: Int64) {
        set(Double(value))
    }

    package func increment(by amount: Double) {
        add(amount)
    }

    package func decrement(by amount: Double) {
        add(-amount)
    }
}

extension Histogram: RecorderHandler, TimerHandler {
    package func record(_ value: Int64) {
        record(Double(value))
    }

    package func recordNanoseconds(_ duration: Int64) {
        record(Double(duration) * 1e-9)
    }
}

extension [(String, String)] {
    fileprivate var labels: MetricRegistry.Labels { map { ($0.0.metricName, $0.1) } }
}

extension String {
    /// The name with underscores for what may not stand in one.
    fileprivate var metricName: String {
        let name = String(map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return name.first?.isNumber ?? true ? "_" + name : name
    }
}
