#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Page's cumulative sum in tabular form (1954; Montgomery, Statistical Quality Control, 9.1): how far values have strayed to
/// either side of a level, each less an allowance.
///
/// g⁺ = max(0, g⁺ + z − k) and g⁻ = max(0, g⁻ − z − k) with z the distance from the level in deviations; an alarm is raised
/// above h. With k = 0.5 it finds shifts of one deviation soonest; h = 4 gives about 168 values between false alarms of either
/// side, h = 5 about 465.
package struct CumulativeSum: SequentialDetector {
    package enum Side: String, Sendable, Codable {
        case up, down
    }

    package let level: Double
    package let deviation: Double
    package let allowance: Double
    package let limit: Double
    /// g⁺ and g⁻ after the last value; both begin anew at 0 after an alarm.
    package private(set) var upper = 0.0
    package private(set) var lower = 0.0

    /// `deviation`, `allowance` (k) and `limit` (h) are above 0.
    package init(level: Double, deviation: Double, allowance: Double = 0.5, limit: Double = 5) {
        self.level = level
        self.deviation = deviation
        self.allowance = allowance
        self.limit = limit
    }

    /// With the limit that raises `falseAlarms` alarms of either side in `values` values without a change.
    package init(
        level: Double, deviation: Double, allowance: Double = 0.5, falseAlarms: Double, in values: Double
    ) {
        var (low, high) = (0.0, 1_000.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if Self.valuesBetweenAlarms(allowance: allowance, limit: middle) < values / falseAlarms {
                low = middle
            } else {
                high = middle
            }
        }
        self.init(level: level, deviation: deviation, allowance: allowance, limit: high)
    }

    /// How many normal values at the level lie between alarms of either side: Siegmund's approximation (1985; Montgomery, 9.5),
    /// (e^2kb − 2kb − 1) / 2k² for each side with b = h + 1.166.
    package static func valuesBetweenAlarms(allowance: Double, limit: Double) -> Double {
        let product = 2 * allowance * (limit + 1.166)
        return (exp(product) - product - 1) / (2 * allowance * allowance) / 2
    }

    package mutating func update(_ value: Double) {
        if isDrifting { (upper, lower) = (0, 0) }
        let z = (value - level) / deviation
        upper = max(0, upper + z - allowance)
        lower = max(0, lower - z - allowance)
    }

    /// The side of the alarm that the last value raised.
    package var alarm: Side? { upper > limit ? .up : lower > limit ? .down : nil }

    package var isDrifting: Bool { alarm != nil }
}
