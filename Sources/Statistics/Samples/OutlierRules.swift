/// Which values of a sample lie outside by the usual rules.
package struct OutlierRules: Sendable {
    /// Tukey's fences, 1.5 interquartile ranges from the quartiles.
    package let fences: ClosedRange<Double>
    /// Beyond the fences.
    package let fencedCount: Int
    /// More than three population deviations from the mean.
    package let threeDeviationCount: Int
    /// The largest 0.6745 |x − median| / MAD (Iglewicz & Hoaglin 1993); NaN or infinite when more than half of the values are equal.
    package let largestModifiedScore: Double
    /// Modified scores above 3.5.
    package let modifiedScoreCount: Int

    /// Of a sample that is neither empty nor holds NaN.
    package init(_ values: [Double]) {
        let sorted = values.sorted()
        let quartiles = [0.25, 0.75].map { QuantileMethod.linear.quantile($0, ofSorted: sorted) }
        let reach = 1.5 * (quartiles[1] - quartiles[0])
        let fences = (quartiles[0] - reach)...(quartiles[1] + reach)
        let moments = Moments(values)
        let median = QuantileMethod.linear.quantile(0.5, ofSorted: sorted)
        let spread = values.map { abs($0 - median) }.median
        let scores = values.map { 0.6745 * abs($0 - median) / spread }
        self.fences = fences
        fencedCount = values.count { !fences.contains($0) }
        threeDeviationCount = values.count { abs($0 - moments.mean) > 3 * moments.populationDeviation }
        largestModifiedScore = scores.max() ?? .nan
        modifiedScoreCount = scores.count { $0 > 3.5 }
    }
}
