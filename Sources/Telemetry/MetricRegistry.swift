import Synchronization

/// All numbers that the server tells of itself. Whoever counts something asks for its series once and keeps it: counting
/// looks nothing up.
package final class MetricRegistry: Sendable {
    /// Names and values, in the order in which they are shown.
    package typealias Labels = [(name: String, value: String)]

    enum Series {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        /// Asked when somebody looks.
        case observed(@Sendable () -> Double)
    }

    struct LabelSet: Hashable, Comparable {
        let names: [String]
        let values: [String]

        static func < (one: LabelSet, other: LabelSet) -> Bool {
            one.values.lexicographicallyPrecedes(other.values)
        }
    }

    private let seriesLimit: Int
    private let families = Mutex<[String: (family: MetricFamily, series: [LabelSet: Series])]>([:])

    /// - Parameter seriesLimit: how many series a family may have. What comes beyond is counted in one series whose labels
    ///   all say `other`, so that no request can fill the memory with labels.
    package init(seriesLimit: Int = 2000) {
        self.seriesLimit = seriesLimit
    }

    package func counter(_ family: MetricFamily, _ labels: Labels = []) -> Counter {
        let series = series(family, labels) { .counter(Counter()) }
        // A family that is known under another kind is counted and never shown.
        guard case .counter(let counter) = series else { return Counter() }
        return counter
    }

    package func gauge(_ family: MetricFamily, _ labels: Labels = []) -> Gauge {
        guard case .gauge(let gauge) = series(family, labels, { .gauge(Gauge()) }) else { return Gauge() }
        return gauge
    }

    package func histogram(_ family: MetricFamily, _ labels: Labels = []) -> Histogram {
        var bounds: [Double] = []
        if case .histogram(let wanted) = family.kind { bounds = wanted }
        let series = series(family, labels) { .histogram(Histogram(bounds: bounds)) }
        guard case .histogram(let histogram) = series else { return Histogram(bounds: bounds) }
        return histogram
    }

    /// A gauge that is read when somebody looks; replaces the one there was.
    package func observe(_ family: MetricFamily, _ labels: Labels = [], _ read: @escaping @Sendable () -> Double) {
        remove(family, labels)
        _ = series(family, labels) { .observed(read) }
    }

    /// Lets a family have these values and no others: for what is known as a whole at a moment.
    package func replace(_ family: MetricFamily, with values: [(labels: Labels, value: Double)]) {
        let series = values.prefix(seriesLimit).map { entry in
            (LabelSet(entry.labels), Series.observed { entry.value })
        }
        families.withLock { $0[family.name] = (family, Dictionary(series) { $1 }) }
    }

    /// Shows a series no more.
    package func remove(_ family: MetricFamily, _ labels: Labels = []) {
        families.withLock { families in
            _ = families[family.name]?.series.removeValue(forKey: LabelSet(labels))
        }
    }

    /// Shows no more what has all of these labels, whatever others it has: what they name is gone.
    package func removeAll(with labels: Labels) {
        families.withLock { families in
            families = families.mapValues { family, series in
                (family, series.filter { !$0.key.contains(labels) })
            }
        }
    }

    private func series(_ family: MetricFamily, _ labels: Labels, _ make: () -> Series) -> Series {
        var key = LabelSet(labels)
        return families.withLock { families in
            var entry = families[family.name] ?? (family, [:])
            if entry.series[key] == nil, entry.series.count >= seriesLimit { key = key.other }
            if let known = entry.series[key] { return known }
            let series = make()
            entry.series[key] = series
            families[family.name] = entry
            return series
        }
    }

    /// Each family with its series, by name.
    var all: [(family: MetricFamily, series: [(LabelSet, Series)])] {
        families.withLock { families in
            families.values.sorted { $0.family.name < $1.family.name }.map { family, series in
                (family, series.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
            }
        }
    }
}

extension MetricRegistry.LabelSet {
    fileprivate init(_ labels: MetricRegistry.Labels) {
        self.init(names: labels.map(\.name), values: labels.map(\.value))
    }

    fileprivate var other: Self { Self(names: names, values: names.map { _ in "other" }) }

    fileprivate func contains(_ labels: MetricRegistry.Labels) -> Bool {
        labels.allSatisfy { label in
            zip(names, values).contains { $0 == label.name && $1 == label.value }
        }
    }
}
