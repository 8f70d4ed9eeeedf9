/// Kolmogorov and Smirnov's test that two samples come from one continuous law: D = sup |F − G|.
package struct KolmogorovSmirnovTest: Sendable {
    package enum Alternative: Sendable {
        case twoSided
        /// F of the first sample lies below G somewhere: its values are larger.
        case less
        /// F of the first sample lies above G somewhere: its values are smaller.
        case greater
    }

    /// Where the p-value comes from.
    package enum Law: Sendable {
        /// All lattice paths, O(n·m); right for any size when values do not repeat, and on the safe side when they do.
        case exact
        /// The one-sample law of a sample of n·m / (n + m), as SciPy's "asymp".
        case finite
        /// The textbook limit, 2 Σ (−1)^(k−1) e^(−2k²λ²).
        case limit
        /// Exact up to 10,000 values in each sample, finite above: SciPy's "auto".
        case automatic
    }

    package let statistic: Double
    package let pValue: Double
    /// A value at which the distance is reached.
    package let location: Double
    /// 1 when F of the first sample lies above there, −1 when below.
    package let sign: Int

    /// Tests two samples, neither empty nor holding NaN.
    package init(_ a: [Double], _ b: [Double], alternative: Alternative = .twoSided, law: Law = .automatic) {
        let reach = Self.reach(a.sorted(), b.sorted())
        let isAbove =
            switch alternative {
            case .greater: true
            case .less: false
            case .twoSided: reach.below.distance < reach.above.distance
            }
        let largest = isAbove ? reach.above : reach.below
        statistic = largest.distance
        location = largest.location
        sign = isAbove ? 1 : -1
        pValue = Self.pValue(
            statistic: largest.distance, counts: (a.count, b.count), alternative: alternative, law: law)
    }

    private typealias Extreme = (distance: Double, location: Double)

    /// The greatest F − G and G − F over the pooled values, taken after all equal values.
    private static func reach(_ a: [Double], _ b: [Double]) -> (above: Extreme, below: Extreme) {
        var above: Extreme = (0, a.first ?? .nan)
        var below: Extreme = (0, a.first ?? .nan)
        var i = 0
        var j = 0
        while i < a.count || j < b.count {
            let value = j == b.count || (i < a.count && a[i] <= b[j]) ? a[i] : b[j]
            while i < a.count, a[i] == value { i += 1 }
            while j < b.count, b[j] == value { j += 1 }
            let difference = Double(i) / Double(a.count) - Double(j) / Double(b.count)
            if difference > above.distance { above = (difference, value) }
            if -difference > below.distance { below = (-difference, value) }
        }
        return (above, below)
    }

    /// P(D ≥ `statistic`) when both samples come from one continuous law.
    package static func pValue(
        statistic: Double, counts: (Int, Int), alternative: Alternative = .twoSided, law: Law = .automatic
    ) -> Double {
        let (n, m) = counts
        guard n > 0, m > 0, statistic > 0 else { return 1 }
        let effective = Double(n) * Double(m) / Double(n + m)
        switch law {
        case .exact: return OrderPaths(n, m, statistic: statistic, isTwoSided: alternative == .twoSided).share
        case .automatic where max(n, m) <= 10_000:
            return OrderPaths(n, m, statistic: statistic, isTwoSided: alternative == .twoSided).share
        case .finite, .automatic:
            let count = max(1, Int(effective.rounded(.toNearestOrEven)))
            return alternative == .twoSided
                ? KolmogorovDistribution.upperTail(statistic, count: count)
                : KolmogorovDistribution.smirnovUpperTail(statistic, count: count)
        case .limit:
            return KolmogorovDistribution.limitingUpperTail(effective.squareRoot() * statistic)
        }
    }
}
