extension ExpectedLabels {
    /// What a measure is expected to be on these rows, and how far the truth may fall from it though the probabilities are
    /// right; nil when two-class models have no such measure.
    package func estimate(_ metric: PerformanceMetric) -> MetricEstimate? {
        let count = Double(scores.count)
        guard count > 0 else { return nil }
        if let measure = metric.kind.ofDecisions {
            let isSigned = [.matthews, .kappa, .youden].contains(metric.kind)
            return MetricEstimate(
                measure(confusion), standardError: standardDeviation(of: measure), rows: count,
                within: isSigned ? -1...1 : 0...1)
        }
        var tally = BinaryTally()
        for (score, probability) in zip(scores, probabilities) {
            let isPredictedPositive = score >= threshold
            tally.add(
                isPositive: true, isPredictedPositive: isPredictedPositive, score: score, weight: probability)
            tally.add(
                isPositive: false, isPredictedPositive: isPredictedPositive, score: score, weight: 1 - probability)
        }
        return tally.estimate(metric).map { $0.onRows(count) }
    }
}

/// The same for a model of several classes.
package struct ExpectedClasses: Sendable {
    private let tally: ClassTally
    private let rows: Double

    /// - Parameters:
    ///   - probabilities: of each row, calibrated, in the order of `classes` and of sum 1.
    ///   - decisions: the place of the class that each row was given.
    package init(classes: [String], probabilities: [[Double]], decisions: [Int]) {
        var tally = ClassTally(classes: classes)
        for (probabilities, decision) in zip(probabilities, decisions) {
            for (label, probability) in probabilities.enumerated() where probability > 0 {
                tally.add(label: label, prediction: decision, probabilities: probabilities, weight: probability)
            }
        }
        self.tally = tally
        rows = Double(decisions.count)
    }

    package func estimate(_ metric: PerformanceMetric) -> MetricEstimate? {
        tally.estimate(metric).map { $0.onRows(rows) }
    }
}

extension MetricEstimate {
    /// With the error of so many rows, where several weighted ones stood for each.
    fileprivate func onRows(_ count: Double) -> MetricEstimate {
        let error = standardError.map { $0 * (rows / max(1, count)).squareRoot() }
        return MetricEstimate(value, standardError: error, rows: count, errorBound: errorBound)
    }
}
