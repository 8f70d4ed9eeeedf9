package import Wire

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How long requests took, in classes an eighth of an octave wide (9 %), from a microsecond to a day.
package struct LatencyHistogram: Sendable, Hashable {
    /// Requests by class: class i ends at 2^(i/8) milliseconds.
    private var counts: [Int: Int] = [:]
    package private(set) var count = 0

    package init() {}

    package mutating func add(_ milliseconds: Double) {
        let bounded = max(0.001, min(86_400_000, milliseconds))
        counts[Int((8 * log2(bounded)).rounded(.up)), default: 0] += 1
        count += 1
    }

    package mutating func add(_ other: LatencyHistogram) {
        counts.merge(other.counts, uniquingKeysWith: +)
        count += other.count
    }

    /// The upper end of the class that holds the quantile; nil when there is nothing.
    package func quantile(_ quantile: Double) -> Double? {
        let rank = quantile * Double(count)
        var below = 0
        for (index, count) in counts.sorted(by: { $0.key < $1.key }) {
            below += count
            if Double(below) >= rank { return exp2(Double(index) / 8) }
        }
        return nil
    }
}

extension LatencyHistogram: JSONRepresentable {
    /// Pairs of class and count.
    package var json: JSON {
        .array(
            counts.sorted { $0.key < $1.key }.map { [.integer(Int64($0.key)), .integer(Int64($0.value))] })
    }

    init(json: JSON) {
        for pair in json.arrayValue ?? [] {
            guard let index = pair.arrayValue?.first?.integerValue, let count = pair.arrayValue?.last?.integerValue
            else { continue }
            counts[Int(index), default: 0] += Int(count)
            self.count += Int(count)
        }
    }
}
