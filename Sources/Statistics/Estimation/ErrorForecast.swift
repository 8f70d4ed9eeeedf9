/// Tells how large the errors of a model of numbers are likely to be, row by row, before the truth is known (direct loss
/// estimation): stumps that learned the absolute and the squared error from inputs and predictions whose truth is known.
///
/// It holds as far as errors depend on what it sees: a changed relation of inputs and truth is beyond it. It is only made
/// where it told rows apart that it had not learned from (`skill`).
package struct ErrorForecast: Sendable, Equatable {
    package let absolute: BoostedStumps
    package let squared: BoostedStumps
    /// How the absolute and the squared errors of single rows fall around their forecasts: standard deviations, measured on
    /// rows that were not learned from.
    package let absoluteDeviation: Double
    package let squaredDeviation: Double
    /// The share of the variance of absolute errors that was forecast, on rows that were not learned from.
    package let skill: Double

    package init(
        absolute: BoostedStumps, squared: BoostedStumps, absoluteDeviation: Double, squaredDeviation: Double,
        skill: Double
    ) {
        self.absolute = absolute
        self.squared = squared
        self.absoluteDeviation = absoluteDeviation
        self.squaredDeviation = squaredDeviation
        self.skill = skill
    }

    /// Fewer rows teach nothing.
    package static let minimumRows = 200
    /// Less than this and a forecast is only the mean of the past.
    package static let minimumSkill = 0.01

    /// Learns from rows whose truth is known.
    /// - Parameters:
    ///   - columns: what is known of each row, by column: inputs and the prediction.
    ///   - errors: prediction − truth, finite, by row.
    /// - Returns: nil when there are too few rows, or errors do not depend on anything that it sees.
    package init?(columns: [(name: String, values: [ColumnValue])], errors: [Double]) {
        guard errors.count >= Self.minimumRows else { return nil }
        let binned = columns.map { BinnedColumn($0.name, $0.values, bins: 32) }
        let codes = zip(binned, columns).map { column, source in source.values.map(column.code) }
        let (absolute, squared) = (errors.map { abs($0) }, errors.map { $0 * $0 })
        // Every other row is kept back to see how good the forecasts are.
        let taught = stride(from: 0, to: errors.count, by: 2).map { $0 }
        let kept = stride(from: 1, to: errors.count, by: 2).map { $0 }
        func trial(_ losses: [Double]) -> (residual: Moments, own: Moments) {
            let stumps = BoostedStumps(
                binned, codes: codes.map { column in taught.map { column[$0] } }, targets: taught.map { losses[$0] })
            let residual = Moments(kept.map { row in losses[row] - stumps { codes[$0][row] } })
            return (residual, Moments(kept.map { losses[$0] }))
        }
        let (byAbsolute, bySquared) = (trial(absolute), trial(squared))
        let skill = 1 - byAbsolute.residual.populationVariance / byAbsolute.own.populationVariance
        guard skill >= Self.minimumSkill else { return nil }
        self.init(
            absolute: BoostedStumps(binned, codes: codes, targets: absolute),
            squared: BoostedStumps(binned, codes: codes, targets: squared),
            absoluteDeviation: byAbsolute.residual.sampleDeviation,
            squaredDeviation: bySquared.residual.sampleDeviation, skill: skill)
    }

    /// The mean errors that are expected of rows.
    /// - Parameter rows: what is known of each, by the names it was taught with.
    /// - Returns: nil for no rows.
    package func callAsFunction(_ rows: [(String) -> ColumnValue]) -> (
        absolute: MetricEstimate, squared: MetricEstimate
    )? {
        guard !rows.isEmpty else { return nil }
        let count = Double(rows.count)
        func mean(_ stumps: BoostedStumps, _ deviation: Double) -> MetricEstimate {
            let used = Set(stumps.stumps.map(\.column))
            let sum = rows.reduce(0.0) { sum, row in
                var codes: [Int: UInt8] = [:]
                for column in used { codes[column] = stumps.columns[column].code(row(stumps.columns[column].name)) }
                return sum + stumps { codes[$0] ?? 0 }
            }
            return MetricEstimate(
                max(0, sum / count), standardError: deviation / count.squareRoot(), rows: count,
                within: 0...(.infinity))
        }
        return (mean(absolute, absoluteDeviation), mean(squared, squaredDeviation))
    }
}
