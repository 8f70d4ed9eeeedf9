import Wire

/// What a metric of one run has come to: all that showing and searching runs need, so that neither reads points.
struct MetricSummary: Sendable, Hashable {
    /// The point that counts as the metric's value.
    private(set) var latest: Metric
    /// The earliest by step, timestamp and value, the least and the greatest of the points that are numbers; nil while
    /// there are none.
    private(set) var first: Metric?
    private(set) var minimum: Double?
    private(set) var maximum: Double?

    init(latest: Metric, first: Metric?, minimum: Double?, maximum: Double?) {
        self.latest = latest
        self.first = first
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Of a metric with one point.
    init(of point: Metric) {
        self.init(latest: point, first: nil, minimum: nil, maximum: nil)
        add(point)
    }

    /// Points may come in any order, and more than once.
    mutating func add(_ point: Metric) {
        if point.isLater(than: latest) { latest = point }
        guard !point.value.isNaN else { return }
        if first.map({ $0.isLater(than: point) }) ?? true { first = point }
        minimum = min(minimum ?? point.value, point.value)
        maximum = max(maximum ?? point.value, point.value)
    }
}
