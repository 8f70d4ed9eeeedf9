/// The mean of a sample with the variance of its values.
package struct SampleMean: Sendable, Hashable {
    package let count: Int
    package let mean: Double
    /// Of the values, not of the mean.
    package let variance: Double

    package init(count: Int, mean: Double, variance: Double) {
        self.count = count
        self.mean = mean
        self.variance = variance
    }

    /// The arms' means over several periods, each period weighted by its units in all arms: when shares of traffic changed
    /// and so did the level, arms are compared only within a period (post-stratification). `variance` is that of the mean
    /// times `count`.
    ///
    /// - Parameter periods: of each period its arms, in the same order, each with two units or more.
    package static func stratified(_ periods: [[SampleMean]]) -> [SampleMean] {
        let sizes = periods.map { arms in arms.reduce(0) { $0 + Double($1.count) } }
        let total = sizes.reduce(0, +)
        return (periods.first ?? []).indices.map { arm in
            var mean = 0.0
            var variance = 0.0
            var count = 0
            for (size, arms) in zip(sizes, periods) {
                let weight = size / total
                mean += weight * arms[arm].mean
                variance += weight * weight * arms[arm].variance / Double(arms[arm].count)
                count += arms[arm].count
            }
            return SampleMean(count: count, mean: mean, variance: variance * Double(count))
        }
    }
}
