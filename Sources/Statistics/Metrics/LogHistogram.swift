#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Weights and sums of numbers by their size, in buckets that grow by 2 %: the median and the mean distance from it to
/// within 1 % of the numbers, mergeable by adding.
package struct LogHistogram: Sendable, Equatable {
    package struct Bucket: Sendable, Equatable {
        package var weight = 0.0
        package var sum = 0.0
    }

    private static let growth = log(1.02)
    /// Smaller numbers count as 0, larger ones as the largest.
    private static let range = -2000...2000

    /// By sign and size: 0 for 0, ±(1 + place) for others, so that keys ascend as the numbers do.
    package private(set) var buckets: [Int: Bucket]

    package init(buckets: [Int: Bucket] = [:]) {
        self.buckets = buckets
    }

    /// Adds a finite number.
    package mutating func add(_ value: Double, weight: Double = 1) {
        let key = Self.key(value)
        buckets[key, default: Bucket()].weight += weight
        buckets[key, default: Bucket()].sum += weight * value
    }

    private static func key(_ value: Double) -> Int {
        let place = value == 0 ? range.lowerBound - 1 : Int((log(abs(value)) / growth).rounded(.down))
        guard place >= range.lowerBound else { return 0 }
        let key = min(place, range.upperBound) - range.lowerBound + 1
        return value < 0 ? -key : key
    }

    package mutating func merge(_ other: LogHistogram) {
        for (key, bucket) in other.buckets {
            buckets[key, default: Bucket()].weight += bucket.weight
            buckets[key, default: Bucket()].sum += bucket.sum
        }
    }

    package var weight: Double { buckets.values.reduce(0) { $0 + $1.weight } }

    /// The mean of the bucket that holds the middle; NaN when empty.
    package var median: Double {
        let half = weight / 2
        var seen = 0.0
        for (_, bucket) in buckets.sorted(by: { $0.key < $1.key }) {
            seen += bucket.weight
            if seen >= half { return bucket.sum / bucket.weight }
        }
        return .nan
    }

    /// Mean |x − center|.
    package func meanDistance(from center: Double) -> Double {
        buckets.values.reduce(0) { $0 + abs($1.sum - center * $1.weight) } / weight
    }
}
