#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Anderson and Darling's test that two samples come from one law, which weighs the tails (Scholz & Stephens 1987).
package struct AndersonDarlingTest: Sendable {
    /// How equal values are treated.
    package enum Ties: Sendable {
        /// Half of them on each side.
        case midrank
        /// F is read after all of them.
        case right
    }

    /// The sum less its mean, over its standard deviation.
    package let statistic: Double
    /// From 0.001 to 0.25: between the tabulated points a quadratic through their logarithms, the nearest of them outside.
    package let pValue: Double

    /// The statistics at which `levels` are reached.
    package static let criticalValues = zip(zip(base, first), second).map { $0.0 + $0.1 + $1 }
    package static let levels = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001]

    // Table 2 of Scholz & Stephens, for two samples.
    private static let base = [0.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085]
    private static let first = [-0.245, 0.25, 0.678, 1.149, 1.822, 2.364, 3.615]
    private static let second = [-0.105, -0.305, -0.362, -0.391, -0.396, -0.345, -0.154]

    /// Tests two samples without NaN; both are NaN unless there are four values or more and two different ones.
    package init(_ a: [Double], _ b: [Double], ties: Ties = .midrank) {
        let sum = Self.sum(a.sorted(), b.sorted(), ties)
        statistic = (sum - 1) / Self.variance(Double(a.count), Double(b.count)).squareRoot()
        pValue = Self.pValue(statistic)
    }

    /// Σ over distinct pooled values of squared differences of counts and expected counts, over their variances.
    private static func sum(_ a: [Double], _ b: [Double], _ ties: Ties) -> Double {
        let counts = [Double(a.count), Double(b.count)]
        let total = counts[0] + counts[1]
        guard total >= 4, let low = a.first, let lowest = b.first, let high = a.last, let highest = b.last,
            min(low, lowest) < max(high, highest)
        else { return .nan }
        var below = [0, 0]
        var sum = 0.0
        while below[0] < a.count || below[1] < b.count {
            let value =
                below[1] == b.count || (below[0] < a.count && a[below[0]] <= b[below[1]]) ? a[below[0]] : b[below[1]]
            var equal = [0, 0]
            while below[0] + equal[0] < a.count, a[below[0] + equal[0]] == value { equal[0] += 1 }
            while below[1] + equal[1] < b.count, b[below[1] + equal[1]] == value { equal[1] += 1 }
            let share = ties == .midrank ? 0.5 : 1
            let tied = Double(equal[0] + equal[1])
            let pooled = Double(below[0] + below[1]) + share * tied
            let spread = pooled * (total - pooled) - (ties == .midrank ? total * tied / 4 : 0)
            for side in 0...1 where spread > 0 {
                let own = Double(below[side]) + share * Double(equal[side])
                let distance = total * own - pooled * counts[side]
                sum += tied / total * distance * distance / spread / counts[side]
            }
            below = [below[0] + equal[0], below[1] + equal[1]]
        }
        return ties == .midrank ? sum * (total - 1) / total : sum
    }

    /// The variance of the sum under the hypothesis (Scholz & Stephens, 4).
    private static func variance(_ n: Double, _ m: Double) -> Double {
        let total = n + m
        guard total >= 4 else { return .nan }
        let inverse = 1 / n + 1 / m
        var harmonic = 0.0
        var g = 0.0
        for index in 2..<Int(total) {
            harmonic += 1 / (total + 1 - Double(index))
            g += harmonic / Double(index)
        }
        let h = harmonic + 1
        let a = 4 * g - 6 + (10 - 6 * g) * inverse
        let b = 4 * (2 * g - 4) + 16 * h + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6
        let c = 4 * (6 * h + 2 * g - 2) + 2 * (4 * h - 4 * g + 6) + (2 * h - 6) * inverse + 4 * h
        let d = 4 * (2 * h + 6) - 8 * h
        return (((a * total + b) * total + c) * total + d) / ((total - 1) * (total - 2) * (total - 3))
    }

    private static func pValue(_ statistic: Double) -> Double {
        guard !statistic.isNaN else { return .nan }
        guard statistic >= criticalValues[0] else { return 0.25 }
        guard statistic <= criticalValues[criticalValues.count - 1] else { return 0.001 }
        let (constant, linear, square) = quadratic
        return exp(constant + statistic * (linear + statistic * square))
    }

    /// The least-squares parabola through the logarithms of the levels, by its normal equations around the mean argument.
    private static let quadratic: (Double, Double, Double) = {
        let center = criticalValues.reduce(0, +) / Double(criticalValues.count)
        let x = criticalValues.map { $0 - center }
        let y = levels.map { log($0) }
        let n = Double(x.count)
        let power = { (k: Double) in x.reduce(0) { $0 + pow($1, k) } }
        let mixed = { (k: Double) in zip(x, y).reduce(0) { $0 + pow($1.0, k) * $1.1 } }
        let (s2, s3, s4) = (power(2), power(3), power(4))
        let (t0, t1, t2) = (mixed(0), mixed(1), mixed(2))
        // Σx = 0 around the mean, so the linear coefficient follows from the square one alone.
        let curve = (t2 - s2 * t0 / n - s3 * t1 / s2) / (s4 - s2 * s2 / n - s3 * s3 / s2)
        let slope = (t1 - curve * s3) / s2
        let level = (t0 - curve * s2) / n
        return (level - slope * center + curve * center * center, slope - 2 * curve * center, curve)
    }()
}
