/// Tests that two samples have the same mean, two-sided.
package struct TTest: Sendable {
    package let statistic: Double
    package let degreesOfFreedom: Double
    package let pValue: Double

    /// Welch's test: the variances may differ; Satterthwaite's degrees of freedom.
    package static func welch(_ a: Moments, _ b: Moments) -> TTest {
        let (n, m) = (Double(a.count), Double(b.count))
        let (varianceA, varianceB) = (a.sampleVariance / n, b.sampleVariance / m)
        let variance = varianceA + varianceB
        let freedom =
            variance * variance / (varianceA * varianceA / (n - 1) + varianceB * varianceB / (m - 1))
        // Without any spread the statistic is infinite or NaN, whatever the degrees of freedom.
        return TTest(difference: a.mean - b.mean, variance: variance, degreesOfFreedom: freedom.isNaN ? 1 : freedom)
    }

    /// The statistic of Welch's test, without its p-value, which takes much longer.
    package static func welchStatistic(_ a: Moments, _ b: Moments) -> Double {
        (a.mean - b.mean) / (a.sampleVariance / Double(a.count) + b.sampleVariance / Double(b.count)).squareRoot()
    }

    /// Student's test: one variance, pooled.
    package static func student(_ a: Moments, _ b: Moments) -> TTest {
        let (n, m) = (Double(a.count), Double(b.count))
        let pooled = (a.m2 + b.m2) / (n + m - 2)
        return TTest(difference: a.mean - b.mean, variance: pooled * (1 / n + 1 / m), degreesOfFreedom: n + m - 2)
    }

    private init(difference: Double, variance: Double, degreesOfFreedom: Double) {
        statistic = difference / variance.squareRoot()
        self.degreesOfFreedom = degreesOfFreedom
        pValue = TailProbability.studentTwoSided(statistic, degreesOfFreedom: degreesOfFreedom)
    }
}

/// Brown and Forsythe's form of Levene's test that two samples have the same spread: an analysis of variance of the
/// distances from each sample's median.
package struct LeveneTest: Sendable {
    package let statistic: Double
    package let pValue: Double

    package init(_ a: [Double], _ b: [Double]) {
        let groups = [a, b].map { sample in
            let median = sample.median
            return Moments(sample.map { abs($0 - median) })
        }
        var all = groups[0]
        all.merge(groups[1])
        let within = groups[0].m2 + groups[1].m2
        let freedom = Double(a.count + b.count - 2)
        statistic = (all.m2 - within) / (within / freedom)
        pValue = TailProbability.fisher(statistic, between: 1, within: freedom)
    }
}
