/// What a box plot shows of a sample (Tukey, Exploratory Data Analysis, 1977, chapter 2C): the quartiles, whiskers to the outermost
/// values within 1.5 interquartile ranges of them, and what lies beyond.
package struct BoxSummary: Sendable, Hashable {
    package let lowWhisker: Double
    package let lowQuartile: Double
    package let median: Double
    package let highQuartile: Double
    package let highWhisker: Double
    /// Where in the sample the values beyond the whiskers stand.
    package let outliers: [Int]

    /// Quartiles are interpolated between neighbours (Hyndman and Fan's seventh definition, the usual one of NumPy and R).
    /// - Parameter values: below 1e300 in size, so that their distances are numbers too.
    /// - Returns: nil for no values, and for others.
    package init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let least = sorted.first, let most = sorted.last, sorted.allSatisfy({ abs($0) < 1e300 }) else {
            return nil
        }
        func quantile(_ q: Double) -> Double { QuantileMethod.linear.quantile(q, ofSorted: sorted) }
        let (low, high) = (quantile(0.25), quantile(0.75))
        let reach = 1.5 * (high - low)
        let fences = (low - reach)...(high + reach)
        lowQuartile = low
        median = quantile(0.5)
        highQuartile = high
        lowWhisker = sorted.first(where: fences.contains) ?? least
        highWhisker = sorted.last(where: fences.contains) ?? most
        outliers = values.indices.filter { !fences.contains(values[$0]) }
    }
}
