/// What NannyML 0.13.1 says of one column chunk by chunk: the method's value and whether it alarms.
///
///     let drift = try NannyMLDrift(reference: .decimals(ages))
///     drift.verdict(.decimals(agesOfThisWindow)).isDrifted
///
/// The threshold is the mean of the method's values over the chunks of the reference plus three of their standard deviations.
package struct NannyMLDrift: Sendable {
    package let reference: NannyMLReference
    package let thresholds: ThresholdBand

    /// Fits `method`, Jensen–Shannon unless it is said otherwise, to the reference and cuts that into chunks, ten of them and
    /// what is left over unless a size is given.
    package init(
        reference: RawColumn, method: NannyMLMethod = .jensenShannon, chunkRows: Int? = nil
    ) throws(NannyMLRefusal) {
        let fit = try NannyMLReference(reference, method: method)
        self.reference = fit
        let values = Self.chunks(rows: reference.rows, of: chunkRows).map { fit.value(reference[$0]) }
        let band = ThresholdBand(values, upperLimit: method == .kolmogorovSmirnov ? 1 : nil)
        thresholds = ThresholdBand(lower: nil, upper: method == .chiSquare ? nil : band.upper)
    }

    /// The value of a chunk, and whether it alarms: above the upper threshold; for χ², when its p-value is below 0.05.
    package func verdict(_ chunk: RawColumn) -> NannyMLVerdict {
        let (value, pValue) = reference.evaluate(chunk)
        let isDrifted = reference.method == .chiSquare ? pValue < 0.05 : thresholds.isOutside(value)
        return NannyMLVerdict(method: reference.method, value: value, thresholds: thresholds, isDrifted: isDrifted)
    }

    /// The rows of each chunk, the last one perhaps shorter. Fewer than six of them make an unsteady threshold.
    package static func chunks(rows: Int, of chunkRows: Int? = nil) -> [Range<Int>] {
        let size = max(1, chunkRows ?? rows / 10)
        return stride(from: 0, to: rows, by: size).map { $0..<min(rows, $0 + size) }
    }
}

/// One chunk's result.
package struct NannyMLVerdict: Sendable, Equatable {
    package let method: NannyMLMethod
    /// NaN for a chunk without values, which does not alarm.
    package let value: Double
    package let thresholds: ThresholdBand
    package let isDrifted: Bool
}

/// Limits beyond which a value alarms; NaN never does.
package struct ThresholdBand: Sendable, Equatable {
    package let lower: Double?
    package let upper: Double?

    package init(lower: Double?, upper: Double?) {
        self.lower = lower
        self.upper = upper
    }

    /// Mean ± `deviations` population standard deviations of values, NaN left out, held within limits that the values cannot
    /// pass.
    package init(
        _ values: [Double], deviations: Double = 3, lowerLimit: Double? = nil, upperLimit: Double? = nil
    ) {
        let moments = Moments(values.filter { !$0.isNaN })
        let half = deviations * moments.populationDeviation
        lower = max(moments.mean - half, lowerLimit ?? -.infinity)
        upper = min(moments.mean + half, upperLimit ?? .infinity)
    }

    package func isOutside(_ value: Double) -> Bool {
        if let lower, value < lower { return true }
        if let upper, value > upper { return true }
        return false
    }
}
