/// Turns the scores of a two-class model into probabilities, where rows whose truth is known say that this helps.
package struct ScoreCalibration: Sendable, Equatable {
    /// Nil when the scores are as good as they are.
    package let fit: IsotonicFit?
    /// The Brier scores, of rows that were not learned from, of the scores themselves and of the fit.
    package let brierBefore: Double
    package let brierAfter: Double

    package init(fit: IsotonicFit?, brierBefore: Double, brierAfter: Double) {
        self.fit = fit
        self.brierBefore = brierBefore
        self.brierAfter = brierAfter
    }

    /// Learns from one half of the rows whether the other half is better calibrated by it, both ways round; then from all.
    package init(scores: [Double], outcomes: [Double]) {
        var (before, after) = (0.0, 0.0)
        for parity in 0..<2 {
            let taught = stride(from: parity, to: scores.count, by: 2).map { $0 }
            let kept = stride(from: 1 - parity, to: scores.count, by: 2).map { $0 }
            let fit = IsotonicFit(scores: taught.map { scores[$0] }, outcomes: taught.map { outcomes[$0] })
            for row in kept {
                let (raw, fitted) = (scores[row] - outcomes[row], fit(scores[row]) - outcomes[row])
                before += raw * raw
                after += fitted.isNaN ? raw * raw : fitted * fitted
            }
        }
        let count = Double(max(1, scores.count))
        brierBefore = before / count
        brierAfter = after / count
        fit = brierAfter < brierBefore ? IsotonicFit(scores: scores, outcomes: outcomes) : nil
    }

    /// The probability that a row with this score is positive.
    package func callAsFunction(_ score: Double) -> Double {
        min(1, max(0, fit?(score) ?? score))
    }
}
