/// The value of a measure on some rows, and how far it may be from that of all such rows.
package struct MetricEstimate: Sendable, Equatable {
    /// Never NaN.
    package let value: Double
    /// Of `value` by the chance of which rows came; nil where no formula is known.
    package let standardError: Double?
    /// 95 %.
    package let interval: ClosedRange<Double>?
    /// How far `value` may be from the exact one because scores were counted in bins; 0 for exact ones.
    package let errorBound: Double
    /// What it rests on; rows of unequal weight count as fewer.
    package let rows: Double

    private static let z = NormalDistribution.quantile(0.975)

    /// A measure whose interval is ± 1.96 standard errors, held within `range`.
    package init(
        _ value: Double, standardError: Double?, rows: Double, within range: ClosedRange<Double>? = nil,
        errorBound: Double = 0
    ) {
        self.value = value
        self.standardError = standardError.flatMap { $0.isFinite ? $0 : nil }
        self.rows = rows
        self.errorBound = errorBound
        interval = self.standardError.map { error in
            let (low, high) = (value - Self.z * error - errorBound, value + Self.z * error + errorBound)
            guard let range else { return low...high }
            return max(
                range.lowerBound, min(low, range.upperBound))...max(range.lowerBound, min(high, range.upperBound))
        }
    }

    private init(_ value: Double, standardError: Double, interval: ClosedRange<Double>, rows: Double) {
        self.value = value
        self.standardError = standardError
        self.interval = interval
        self.rows = rows
        errorBound = 0
    }

    /// A share of `trials` rows with Wilson's interval; nil without rows. Its standard error is that of Agresti and Coull's
    /// adjusted share, which does not vanish at 0 and 1.
    package static func share(_ part: Double, of trials: Double, effectiveRows: Double) -> MetricEstimate? {
        guard trials > 0, effectiveRows > 0 else { return nil }
        let (share, n) = (part / trials, effectiveRows)
        let center = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        let error = (center * (1 - center) / (n + z * z)).squareRoot()
        return MetricEstimate(
            share, standardError: error, interval: max(0, center - half)...min(1, center + half), rows: n)
    }

    /// `factor` · value + `offset`, such as Gini's 2·AUC − 1.
    package func scaled(by factor: Double, plus offset: Double) -> MetricEstimate {
        MetricEstimate(
            factor * value + offset, standardError: standardError.map { abs(factor) * $0 }, rows: rows,
            errorBound: abs(factor) * errorBound)
    }

    /// The p-value of the test that this one and `other` measure the same, against this one being smaller; nil when the
    /// chance of either is not known. Bounds of binning count against a difference.
    package func pValueLess(than other: MetricEstimate) -> Double? {
        guard let a = standardError, let b = other.standardError else { return nil }
        let bounds = errorBound + other.errorBound
        let spread = (a * a + b * b).squareRoot()
        let gap = other.value - value - bounds
        guard spread > 0 else { return gap > 0 ? 0 : 1 }
        return NormalDistribution.upperTail(gap / spread)
    }
}
