#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What labelled rows of a model of numbers add up to; errors are prediction − truth. Sums are exact up to rounding; the
/// median and the skill against it are known to 1 %. Mergeable.
package struct ErrorTally: Sendable, Equatable {
    package enum Loss: Int, Sendable, CaseIterable {
        case error, absolute, squared, absolutePercentage, symmetricPercentage, squaredLogarithmic, pinball10, pinball90
        case poisson, gamma, tweedie15, huber
        /// Of the truth: for shares of it.
        case truth, absoluteTruth, prediction
    }

    package var sums = [LossSum](repeating: LossSum(), count: Loss.allCases.count)
    /// Σ w (truth − mean) (prediction − mean).
    package var comoment = 0.0
    package var maximum = 0.0
    package var absoluteErrors = LogHistogram()
    package var truths = LogHistogram()

    package init() {}

    package func sum(_ loss: Loss) -> LossSum { sums[loss.rawValue] }

    /// Adds a row of finite numbers; others are left out.
    package mutating func add(truth: Double, prediction: Double, weight: Double = 1) {
        let error = prediction - truth
        guard error.isFinite, weight > 0 else { return }
        for loss in Loss.allCases {
            guard let value = Self.value(loss, truth, prediction) else { continue }
            if loss == .prediction { addComoment(truth, prediction, weight) }
            sums[loss.rawValue].add(value, weight: weight)
        }
        maximum = max(maximum, abs(error))
        absoluteErrors.add(abs(error), weight: weight)
        truths.add(truth, weight: weight)
    }

    /// Called when `truth` is counted and `prediction` is not yet.
    private mutating func addComoment(_ truth: Double, _ prediction: Double, _ weight: Double) {
        let former = sum(.prediction)
        guard former.weight > 0 else { return }
        let formerTruth = (sum(.truth).sum - weight * truth) / former.weight
        let share = weight * former.weight / (weight + former.weight)
        comoment += share * (truth - formerTruth) * (prediction - former.mean)
    }

    /// Nil where a loss has no value for such numbers.
    private static func value(_ loss: Loss, _ truth: Double, _ prediction: Double) -> Double? {
        let error = prediction - truth
        switch loss {
        case .error: return error
        case .absolute: return abs(error)
        case .squared: return error * error
        case .absolutePercentage: return abs(error) / max(abs(truth), .ulpOfOne)
        case .symmetricPercentage:
            let size = abs(truth) + abs(prediction)
            return size > 0 ? 2 * abs(error) / size : 0
        case .squaredLogarithmic:
            guard truth > -1, prediction > -1 else { return nil }
            let difference = log1p(truth) - log1p(prediction)
            return difference * difference
        case .pinball10: return max(-0.1 * error, 0.9 * error)
        case .pinball90: return max(-0.9 * error, 0.1 * error)
        case .poisson:
            guard truth >= 0, prediction > 0 else { return nil }
            return 2 * ((truth > 0 ? truth * log(truth / prediction) : 0) + error)
        case .gamma:
            guard truth > 0, prediction > 0 else { return nil }
            return 2 * (log(prediction / truth) + truth / prediction - 1)
        case .tweedie15:
            guard truth >= 0, prediction > 0 else { return nil }
            return 4 * (prediction.squareRoot() + truth / prediction.squareRoot() - 2 * truth.squareRoot())
        case .huber: return abs(error) <= 1 ? error * error / 2 : abs(error) - 0.5
        case .truth: return truth
        case .absoluteTruth: return abs(truth)
        case .prediction: return prediction
        }
    }

    package mutating func merge(_ other: ErrorTally) {
        let (a, b) = (sum(.truth), other.sum(.truth))
        if a.weight > 0, b.weight > 0 {
            let share = a.weight * b.weight / (a.weight + b.weight)
            let distance = other.sum(.prediction).mean - sum(.prediction).mean
            comoment += other.comoment + share * (b.mean - a.mean) * distance
        } else {
            comoment += other.comoment
        }
        for index in sums.indices { sums[index].merge(other.sums[index]) }
        maximum = max(maximum, other.maximum)
        absoluteErrors.merge(other.absoluteErrors)
        truths.merge(other.truths)
    }

    package var rows: Double { sum(.error).effectiveRows }

    /// The square root of a mean, its error by the delta method.
    package func root(_ loss: Loss) -> MetricEstimate? {
        sum(loss).estimate.map { mean in
            let root = mean.value.squareRoot()
            let error = root > 0 ? mean.standardError.map { $0 / (2 * root) } : mean.standardError.map { _ in 0 }
            return MetricEstimate(root, standardError: error, rows: mean.rows, within: 0...(.infinity))
        }
    }

    /// 1 − mean loss / `scale`, with the error of the mean loss; nil where there is nothing to explain.
    package func skill(_ loss: LossSum, against scale: Double) -> MetricEstimate? {
        guard scale > 0, scale.isFinite, let mean = loss.estimate else { return nil }
        return mean.scaled(by: -1 / scale, plus: 1)
    }

    /// Pearson's correlation with Fisher's standard error; nil when either side is constant.
    package var correlation: MetricEstimate? {
        let scale = (sum(.truth).m2 * sum(.prediction).m2).squareRoot()
        guard scale > 0 else { return nil }
        let value = min(1, max(-1, comoment / scale))
        let error = rows > 3 ? (1 - value * value) / (rows - 3).squareRoot() : nil
        return MetricEstimate(value, standardError: error, rows: rows, within: -1...1)
    }
}
