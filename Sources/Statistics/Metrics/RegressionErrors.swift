#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Measures of predicted against true numbers; errors are prediction − truth.
package struct RegressionErrors: Sendable {
    private let pairs: [(truth: Double, prediction: Double)]
    private let errors: Moments

    /// One truth and prediction for each row; the longer column is cut.
    package init(truths: [Double], predictions: [Double]) {
        pairs = zip(truths, predictions).map { ($0, $1) }
        errors = Moments(pairs.map { $0.prediction - $0.truth })
    }

    private func mean(_ value: (_ truth: Double, _ prediction: Double) -> Double) -> Double {
        pairs.reduce(0) { $0 + value($1.truth, $1.prediction) } / Double(pairs.count)
    }

    private var truths: Moments { Moments(pairs.map(\.truth)) }

    package var meanSquared: Double { mean { ($0 - $1) * ($0 - $1) } }
    package var rootMeanSquared: Double { meanSquared.squareRoot() }
    package var meanAbsolute: Double { mean { abs($0 - $1) } }
    package var medianAbsolute: Double { pairs.map { abs($0.truth - $0.prediction) }.median }
    package var maximum: Double { pairs.reduce(0) { max($0, abs($1.truth - $1.prediction)) } }
    package var bias: Double { errors.mean }
    package var sampleDeviation: Double { errors.sampleDeviation }

    /// Mean |error| / |truth| as a fraction, the truth held above machine ε.
    package var meanAbsolutePercentage: Double { mean { abs($0 - $1) / max(abs($0), .ulpOfOne) } }
    /// Mean 2 |error| / (|truth| + |prediction|).
    package var symmetricPercentage: Double { mean { 2 * abs($0 - $1) / (abs($0) + abs($1)) } }
    /// Σ |error| / Σ |truth|.
    package var weightedPercentage: Double { meanAbsolute / mean { truth, _ in abs(truth) } }

    /// 1 − residual / total sum of squares.
    package var rSquared: Double { 1 - meanSquared / truths.populationVariance }
    /// As R², blind to a constant bias.
    package var explainedVariance: Double { 1 - errors.populationVariance / truths.populationVariance }

    /// Mean squared difference of ln(1 + x); for values above −1.
    package var meanSquaredLogarithmic: Double {
        mean { truth, prediction in
            let difference = log1p(truth) - log1p(prediction)
            return difference * difference
        }
    }

    /// The loss of a prediction of quantile `q`.
    package func pinball(_ q: Double) -> Double {
        mean { truth, prediction in max(q * (truth - prediction), (q - 1) * (truth - prediction)) }
    }

    /// Tweedie's deviance of power 1 (Poisson), 2 (gamma) or any between or beyond; for positive values.
    package func tweedieDeviance(power: Double) -> Double {
        switch power {
        case 1:
            return 2
                * mean { truth, prediction in
                    (truth > 0 ? truth * log(truth / prediction) : 0) - truth + prediction
                }
        case 2:
            return 2 * mean { truth, prediction in log(prediction / truth) + truth / prediction - 1 }
        default:
            return 2
                * mean { truth, prediction in
                    let own = pow(truth, 2 - power) / ((1 - power) * (2 - power))
                    let cross = truth * pow(prediction, 1 - power) / (1 - power)
                    return own - cross + pow(prediction, 2 - power) / (2 - power)
                }
        }
    }

    /// 1 − mean absolute error / that of always predicting the median.
    package var absoluteSkill: Double {
        let median = pairs.map(\.truth).median
        return 1 - meanAbsolute / mean { truth, _ in abs(truth - median) }
    }

    /// Squared below `delta`, linear above.
    package func huber(delta: Double) -> Double {
        mean { truth, prediction in
            let error = abs(truth - prediction)
            return error <= delta ? error * error / 2 : delta * (error - delta / 2)
        }
    }

    /// Pearson's correlation of truth and prediction.
    package var correlation: Double {
        let predictions = Moments(pairs.map(\.prediction))
        let truths = truths
        let covariance = mean { ($0 - truths.mean) * ($1 - predictions.mean) }
        return covariance / (truths.populationDeviation * predictions.populationDeviation)
    }
}
