/// What is known of the units of one arm: their number, and sums over their values y and their values x from before the
/// experiment. Two add up to what both saw.
package struct PairedSums: Sendable, Hashable {
    package var count: Int
    package var y: Double
    package var yy: Double
    package var x: Double
    package var xx: Double
    package var xy: Double

    package init(
        count: Int = 0, y: Double = 0, yy: Double = 0, x: Double = 0, xx: Double = 0, xy: Double = 0
    ) {
        self.count = count
        self.y = y
        self.yy = yy
        self.x = x
        self.xx = xx
        self.xy = xy
    }

    /// Adds a unit.
    package mutating func add(_ value: Double, before: Double = 0) {
        self += PairedSums(
            count: 1, y: value, yy: value * value, x: before, xx: before * before, xy: before * value)
    }

    package static func += (sums: inout PairedSums, other: PairedSums) {
        sums.count += other.count
        sums.y += other.y
        sums.yy += other.yy
        sums.x += other.x
        sums.xx += other.xx
        sums.xy += other.xy
    }

    package static func + (a: PairedSums, b: PairedSums) -> PairedSums {
        var sums = a
        sums += b
        return sums
    }

    private var n: Double { Double(count) }

    package var mean: Double { count > 0 ? y / n : .nan }
    package var meanBefore: Double { count > 0 ? x / n : .nan }
    package var variance: Double { max(0, yy - y * y / n) / (n - 1) }
    package var varianceBefore: Double { max(0, xx - x * x / n) / (n - 1) }
    package var covariance: Double { (xy - x * y / n) / (n - 1) }

    /// The sample as a mean with a variance.
    package var sample: SampleMean { SampleMean(count: count, mean: mean, variance: variance) }
}

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
}

/// Less noise by what was known before: y − θ (x − mean x), whose variance is that of y times 1 − r²
/// (Deng, Xu, Kohavi & Walker, WSDM 2013).
package struct CovariateAdjustment: Sendable, Hashable {
    /// cov(y, x) / var(x) of all arms together, so that no arm is favoured.
    package let theta: Double
    private let meanBefore: Double

    /// - Parameter arms: of each arm; nil when x has no spread.
    package init?(_ arms: [PairedSums]) {
        // Within arms, so that an effect does not pass for a relation with x.
        let freedom = arms.reduce(0.0) { $0 + Double($1.count - 1) }
        let covariance = arms.reduce(0.0) { $0 + ($1.count > 1 ? $1.covariance * Double($1.count - 1) : 0) }
        let variance = arms.reduce(0.0) { $0 + ($1.count > 1 ? $1.varianceBefore * Double($1.count - 1) : 0) }
        guard freedom > 0, variance > 0 else { return nil }
        theta = covariance / variance
        let all = arms.reduce(PairedSums(), +)
        meanBefore = all.meanBefore
    }

    /// The arm's mean and variance, adjusted.
    package func adjusted(_ arm: PairedSums) -> SampleMean {
        let variance = arm.variance - 2 * theta * arm.covariance + theta * theta * arm.varianceBefore
        return SampleMean(
            count: arm.count, mean: arm.mean - theta * (arm.meanBefore - meanBefore), variance: max(0, variance))
    }
}
