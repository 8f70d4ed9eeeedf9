import Synchronization
package import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The calls that an endpoint had within the last hour, a minute at a time, in memory.
package final class EndpointTraffic: Sendable {
    private let minutes = Mutex<[Minute]>([])
    private static let kept: Int64 = 60

    private struct Minute {
        /// Since 1970.
        let number: Int64
        var calls = 0
        var refused = 0
        var failed = 0
        /// Of the whole, and of the stages that are told apart.
        var latencies = LatencyHistogram()
        var queue = LatencyHistogram()
        var model = LatencyHistogram()
    }

    package init() {}

    /// How a call ended.
    package enum Outcome: Sendable {
        /// - Parameters:
        ///   - queueUs: of it, waiting for a turn; nil where that is not told apart.
        ///   - modelUs: of it, in the model.
        case answered(latencyUs: Int64, queueUs: Int64? = nil, modelUs: Int64? = nil)
        /// The request was wrong: a 4xx.
        case refused
        /// The server or the model failed: a 5xx.
        case failed
    }

    func record(_ outcome: Outcome, at moment: Timestamp) {
        let number = moment.milliseconds / 60_000
        minutes.withLock { minutes in
            if minutes.last.map({ $0.number < number }) ?? true {
                minutes.append(Minute(number: number))
                minutes.removeAll { $0.number <= number - Self.kept }
            }
            let last = minutes.count - 1
            minutes[last].calls += 1
            switch outcome {
            case .answered(let latencyUs, let queueUs, let modelUs):
                minutes[last].latencies.add(latencyUs)
                if let queueUs { minutes[last].queue.add(queueUs) }
                if let modelUs { minutes[last].model.add(modelUs) }
            case .refused: minutes[last].refused += 1
            case .failed: minutes[last].failed += 1
            }
        }
    }

    /// The last hour as of `now`.
    package func summary(now: Timestamp) -> Summary {
        let number = now.milliseconds / 60_000
        let recent = minutes.withLock { $0.filter { $0.number > number - Self.kept } }
        var latencies = LatencyHistogram()
        for minute in recent { latencies.add(minute.latencies) }
        return Summary(
            callsPerMinute: (number - Self.kept + 1...number).map { moment in
                let found = recent.first { $0.number == moment }
                return Summary.Minute(
                    start: Timestamp(milliseconds: moment * 60_000), calls: found?.calls ?? 0,
                    refused: found?.refused ?? 0, failed: found?.failed ?? 0,
                    whole: found.flatMap { Summary.Quantiles($0.latencies) },
                    queue: found.flatMap { Summary.Quantiles($0.queue) },
                    model: found.flatMap { Summary.Quantiles($0.model) })
            },
            calls: recent.map(\.calls).reduce(0, +), refused: recent.map(\.refused).reduce(0, +),
            failed: recent.map(\.failed).reduce(0, +), p50Us: latencies.quantile(0.5),
            p95Us: latencies.quantile(0.95))
    }

    package struct Summary: Sendable, Hashable {
        package struct Minute: Sendable, Hashable {
            package let start: Timestamp
            package let calls: Int
            package var refused = 0
            package var failed = 0
            /// Nil where none was answered.
            package var whole: Quantiles?
            package var queue: Quantiles?
            package var model: Quantiles?
        }

        /// Of latencies, in microseconds, to about 5 %.
        package struct Quantiles: Sendable, Hashable {
            package let p50: Int64
            package let p95: Int64
            package let p99: Int64

            init?(_ histogram: LatencyHistogram) {
                guard let p50 = histogram.quantile(0.5), let p95 = histogram.quantile(0.95),
                    let p99 = histogram.quantile(0.99)
                else { return nil }
                (self.p50, self.p95, self.p99) = (p50, p95, p99)
            }
        }

        /// Sixty minutes, oldest first; the last one is not over.
        package let callsPerMinute: [Minute]
        package let calls: Int
        /// Calls answered with a 4xx.
        package let refused: Int
        /// Calls answered with a 5xx.
        package let failed: Int
        /// In microseconds, to about 5 %; nil without an answered call.
        package let p50Us: Int64?
        package let p95Us: Int64?
    }
}

extension EndpointTraffic.Summary: JSONRepresentable {
    package var json: JSON {
        .compact([
            "calls": .integer(Int64(calls)), "refused": .integer(Int64(refused)), "failed": .integer(Int64(failed)),
            "p50_us": p50Us.map(JSON.integer), "p95_us": p95Us.map(JSON.integer),
            "calls_per_minute": .array(callsPerMinute.map { .integer(Int64($0.calls)) }),
        ])
    }
}

/// Latencies counted in classes that grow by a tenth each, so that a quantile is right to about 5 %.
struct LatencyHistogram: Sendable {
    private var counts: [Int32] = []
    private var total = 0

    private static let growth = 1.1
    private static let maximumClass = 240  // 1.1^240 µs are some two and a half hours.

    mutating func add(_ latencyUs: Int64) {
        let position = latencyUs < 1 ? 0 : Int(log(Double(latencyUs)) / log(Self.growth)) + 1
        let index = min(position, Self.maximumClass)
        if counts.count <= index { counts += Array(repeating: 0, count: index + 1 - counts.count) }
        counts[index] += 1
        total += 1
    }

    mutating func add(_ other: LatencyHistogram) {
        if counts.count < other.counts.count {
            counts += Array(repeating: 0, count: other.counts.count - counts.count)
        }
        for (index, count) in other.counts.enumerated() { counts[index] += count }
        total += other.total
    }

    /// The middle of the class that the quantile falls into.
    func quantile(_ share: Double) -> Int64? {
        guard total > 0 else { return nil }
        var left = Int((Double(total) * share).rounded(.up))
        for (index, count) in counts.enumerated() {
            left -= Int(count)
            if left <= 0 { return index == 0 ? 0 : Int64(exp((Double(index) - 0.5) * log(Self.growth)).rounded()) }
        }
        return nil
    }
}
