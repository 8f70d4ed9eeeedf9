/// Mann and Whitney's test that neither sample tends to hold the larger values: two-sided, by the normal approximation
/// with correction for ties and for continuity.
package struct MannWhitneyTest: Sendable {
    /// Pairs in which the first sample's value is the larger, a tie counting half.
    package let statistic: Double
    package let pValue: Double

    /// Tests two samples, neither empty nor holding NaN.
    package init(_ a: [Double], _ b: [Double]) {
        let pooled = MidRanks(a + b)
        let (n, m) = (Double(a.count), Double(b.count))
        let rankSum = pooled.ranks.prefix(a.count).reduce(0, +)
        statistic = rankSum - n * (n + 1) / 2
        let total = n + m
        let ties = pooled.tieSizes.reduce(0.0) { sum, size in
            let t = Double(size)
            return sum + t * t * t - t
        }
        let deviation = (n * m / 12 * (total + 1 - ties / (total * (total - 1)))).squareRoot()
        let largest = max(statistic, n * m - statistic)
        let z = (largest - n * m / 2 - 0.5) / deviation
        pValue = deviation > 0 ? min(1, 2 * NormalDistribution.upperTail(z)) : 1
    }
}
