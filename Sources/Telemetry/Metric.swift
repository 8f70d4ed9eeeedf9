import Synchronization

/// What a series of numbers is: its name, what it says, and how it is counted.
package struct MetricFamily: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case counter
        case gauge
        /// With the upper bounds of its classes, ascending; a last class without one is there always.
        case histogram(bounds: [Double])
    }

    /// Of letters, digits and underscores, with its unit at the end: `martlet_prediction_duration_seconds`.
    package let name: String
    package let help: String
    package let kind: Kind

    package init(_ name: String, _ help: String, kind: Kind) {
        self.name = name
        self.help = help
        self.kind = kind
    }

    /// Durations in seconds, from those of a model inside the server to those that people notice.
    package static func durations(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(name, help, kind: .histogram(bounds: Histogram.durationBounds))
    }
}

/// What only grows, until the server starts again. Adding takes a few nanoseconds.
package final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    package func add(_ amount: Int = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: Int { count.load(ordering: .relaxed) }
}

/// What goes up and down.
package final class Gauge: Sendable {
    private let level = Mutex(0.0)

    package init() {}

    package func set(_ value: Double) {
        level.withLock { $0 = value }
    }

    package func add(_ amount: Double) {
        level.withLock { $0 += amount }
    }

    package var value: Double { level.withLock(\.self) }
}

/// Values counted in fixed classes.
package final class Histogram: Sendable {
    /// 10 µs to 10 s.
    package static let durationBounds = [
        0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
        2.5, 5, 10,
    ]

    /// What was counted until a moment.
    package struct Snapshot: Sendable, Hashable {
        /// For each bound how many values were in its class alone, and last how many were above all.
        package var counts: [Int]
        package var sum = 0.0

        package var count: Int { counts.reduce(0, +) }
    }

    package let bounds: [Double]
    private let state: Mutex<Snapshot>

    /// - Parameter bounds: ascending; a value equal to one belongs to its class.
    package init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Snapshot(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    package func record(_ value: Double) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    package func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    package var snapshot: Snapshot { state.withLock(\.self) }
}
