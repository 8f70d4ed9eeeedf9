/// Mann and Whitney's test that neither sample tends to hold the larger values.
package struct MannWhitneyTest: Sendable {
    package enum Alternative: Sendable {
        case twoSided
        /// The first sample tends to hold the smaller values.
        case less
    }

    /// Where the p-value comes from.
    package enum Law: Sendable {
        /// The normal approximation, corrected for ties and for continuity.
        case normal
        /// All orders of the pooled sample without ties when either sample has eight values or fewer, normal otherwise: SciPy's
        /// "auto".
        case automatic
    }

    /// Pairs in which the first sample's value is the larger, a tie counting half.
    package let statistic: Double
    package let pValue: Double
    /// Of the statistic when both samples come from one law, given the ties; its mean is half the pairs.
    package let variance: Double

    /// Tests two samples, neither empty nor holding NaN.
    package init(_ a: [Double], _ b: [Double], alternative: Alternative = .twoSided, law: Law = .normal) {
        let pooled = MidRanks(a + b)
        let (n, m) = (Double(a.count), Double(b.count))
        let rankSum = pooled.ranks.prefix(a.count).reduce(0, +)
        statistic = rankSum - n * (n + 1) / 2
        let isTwoSided = alternative == .twoSided
        let extreme = isTwoSided ? max(statistic, n * m - statistic) : n * m - statistic
        variance = Self.variance(n, m, tieSizes: pooled.tieSizes)
        let hasTies = pooled.tieSizes.contains { $0 > 1 }
        let tail =
            law == .automatic && !hasTies && min(a.count, b.count) <= 8
            ? Self.exactTail(Int(extreme), a.count, b.count)
            : Self.normalTail(extreme - n * m / 2, variance)
        pValue = isTwoSided ? min(1, 2 * tail) : tail
    }

    private static func variance(_ n: Double, _ m: Double, tieSizes: [Int]) -> Double {
        let total = n + m
        let ties = tieSizes.reduce(0.0) { sum, size in
            let t = Double(size)
            return sum + t * t * t - t
        }
        return n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    }

    private static func normalTail(_ distance: Double, _ variance: Double) -> Double {
        variance > 0 ? NormalDistribution.upperTail((distance - 0.5) / variance.squareRoot()) : 1
    }

    /// P(U ≥ u) without ties: U is the sum of one part each of 0...larger for every value of the smaller sample, counted by
    /// the recursion of Gaussian binomial coefficients.
    private static func exactTail(_ u: Int, _ n: Int, _ m: Int) -> Double {
        let (small, large) = (min(n, m), max(n, m))
        var counts = [Double](repeating: 0, count: n * m + 1)
        counts[0] = 1
        for part in 1...small {
            for sum in stride(from: n * m, through: part + large, by: -1) { counts[sum] -= counts[sum - part - large] }
            for sum in part...(n * m) { counts[sum] += counts[sum - part] }
        }
        // The law is symmetric; the shorter side keeps its precision.
        let total = counts.reduce(0, +)
        return counts[max(0, u)...].reduce(0, +) / total
    }
}
