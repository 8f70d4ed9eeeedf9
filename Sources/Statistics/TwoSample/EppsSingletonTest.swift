#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Epps and Singleton's test that two samples come from one law, which need not be continuous: by their empirical
/// characteristic functions at a few points (1986).
package struct EppsSingletonTest: Sendable {
    package let statistic: Double
    package let pValue: Double

    /// Tests two samples of five values or more whose pooled interquartile range is above 0; both are NaN otherwise.
    ///
    /// `points` are in units of 1 / half the interquartile range.
    package init(_ a: [Double], _ b: [Double], points: [Double] = [0.4, 0.8]) {
        let pooled = (a + b).sorted()
        let quartile = QuantileMethod.linear
        let sigma = (quartile.quantile(0.75, ofSorted: pooled) - quartile.quantile(0.25, ofSorted: pooled)) / 2
        guard a.count >= 5, b.count >= 5, sigma > 0, sigma < .infinity else {
            (statistic, pValue) = (.nan, .nan)
            return
        }
        let (n, m) = (Double(a.count), Double(b.count))
        let total = n + m
        let first = Self.waves(a, points.map { $0 / sigma })
        let second = Self.waves(b, points.map { $0 / sigma })
        var covariance = first.covariance
        for index in covariance.elements.indices {
            covariance.elements[index] = total / n * covariance.elements[index]
            covariance.elements[index] += total / m * second.covariance.elements[index]
        }
        let difference = zip(first.means, second.means).map { $0 - $1 }
        let inverse = SymmetricEigen(covariance).pseudoInverse(difference)
        guard inverse.rank > 0 else {
            // Neither sample has any spread: they are the same or they are not.
            let isSame = difference.allSatisfy { $0 == 0 }
            (self.statistic, pValue) = isSame ? (0, 1) : (.infinity, 0)
            return
        }
        var statistic = total * zip(difference, inverse.product).reduce(0) { $0 + $1.0 * $1.1 }
        if max(a.count, b.count) < 25 {
            // The correction of the source for small samples.
            statistic /= 1 + pow(total, -0.45) + 10.1 * (pow(n, -1.7) + pow(m, -1.7))
        }
        self.statistic = statistic
        pValue = TailProbability.chiSquared(statistic, degreesOfFreedom: Double(inverse.rank))
    }

    /// Means and population covariances of cos(tx) and sin(tx).
    private static func waves(_ values: [Double], _ points: [Double]) -> (means: [Double], covariance: Matrix) {
        let columns = points.map { t in values.map { cos(t * $0) } } + points.map { t in values.map { sin(t * $0) } }
        return (columns.map { $0.reduce(0, +) / Double($0.count) }, Matrix(covarianceOf: columns))
    }
}
