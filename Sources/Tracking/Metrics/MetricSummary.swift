import Wire

/// A value of a metric at a moment and a step, whichever metric it is.
struct MetricPoint: Sendable, Hashable {
    let timestamp: Timestamp
    let step: Int64
    /// Finite or NaN.
    let value: Double

    /// The value as a column holds it: SQL has no NaN that every engine keeps, so it is 0 beside a flag.
    var storedValue: Double { value.isNaN ? 0 : value }

    /// Whether it counts as the latest value of its metric beside `other`: the greater step, then timestamp, then value,
    /// where NaN counts as 0.
    func isLater(than other: MetricPoint) -> Bool {
        if step != other.step { return step > other.step }
        if timestamp != other.timestamp { return timestamp > other.timestamp }
        return storedValue > other.storedValue
    }
}

extension Metric {
    var point: MetricPoint { MetricPoint(timestamp: timestamp, step: step, value: value) }
}

/// What a metric of one run has come to: all that showing and searching runs need, so that neither reads points.
struct MetricSummary: Sendable, Hashable {
    /// The point that counts as the metric's value.
    private(set) var latest: MetricPoint
    /// The earliest by step, timestamp and value, the least and the greatest of the points that are numbers; nil while
    /// there are none.
    private(set) var first: MetricPoint?
    private(set) var minimum: Double?
    private(set) var maximum: Double?

    init(latest: MetricPoint, first: MetricPoint?, minimum: Double?, maximum: Double?) {
        self.latest = latest
        self.first = first
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Of a metric with one point.
    init(of point: MetricPoint) {
        self.init(latest: point, first: nil, minimum: nil, maximum: nil)
        add(point)
    }

    /// Points may come in any order, and more than once.
    /// - Returns: whether that changed anything.
    @discardableResult
    mutating func add(_ point: MetricPoint) -> Bool {
        let before = self
        if point.isLater(than: latest) { latest = point }
        guard !point.value.isNaN else { return latest != before.latest }
        if first.map({ $0.isLater(than: point) }) ?? true { first = point }
        minimum = min(minimum ?? point.value, point.value)
        maximum = max(maximum ?? point.value, point.value)
        return self != before
    }
}
