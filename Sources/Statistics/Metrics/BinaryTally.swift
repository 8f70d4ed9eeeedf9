#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What labelled rows of a two-class model add up to. Confusion counts, losses and calibration are exact; areas come from
/// the histogram of scores, with its bound. Mergeable.
package struct BinaryTally: Sendable, Equatable {
    package var confusion = ConfusionMatrix()
    package var squaredWeight = 0.0
    /// Of rows that had a score.
    package var scores = ScoreHistogram()
    package var logLoss = LossSum()
    package var brierScore = LossSum()
    /// By tenth of the score, a score on an edge in the bin below: weight, Σ w·score, weight of positives.
    package var calibration = [Double](repeating: 0, count: 3 * Self.calibrationBins)

    package static let calibrationBins = 10

    package init() {}

    /// Adds a row.
    /// - Parameter score: the probability of the positive class; nil when only the decision is known, and without effect
    ///   outside 0...1.
    package mutating func add(isPositive: Bool, isPredictedPositive: Bool, score: Double?, weight: Double = 1) {
        confusion.add(isPositive: isPositive, isPredictedPositive: isPredictedPositive, weight: weight)
        squaredWeight += weight * weight
        guard let score, score >= 0, score <= 1 else { return }
        scores.add(score: score, isPositive: isPositive, weight: weight)
        logLoss.add(Self.logLoss(score, isPositive: isPositive), weight: weight)
        let error = score - (isPositive ? 1 : 0)
        brierScore.add(error * error, weight: weight)
        let bin = max(0, Int((score * Double(Self.calibrationBins)).rounded(.up)) - 1)
        calibration[3 * bin] += weight
        calibration[3 * bin + 1] += weight * score
        calibration[3 * bin + 2] += isPositive ? weight : 0
    }

    /// −ln of the probability given to the truth, held within machine ε of 0 and 1.
    package static func logLoss(_ score: Double, isPositive: Bool) -> Double {
        let held = min(max(score, .ulpOfOne), 1 - .ulpOfOne)
        return -log(isPositive ? held : 1 - held)
    }

    package mutating func merge(_ other: BinaryTally) {
        confusion.merge(other.confusion)
        squaredWeight += other.squaredWeight
        scores.merge(other.scores)
        logLoss.merge(other.logLoss)
        brierScore.merge(other.brierScore)
        for index in calibration.indices { calibration[index] += other.calibration[index] }
    }

    package var effectiveRows: Double {
        squaredWeight > 0 ? confusion.total * confusion.total / squaredWeight : 0
    }

    /// Mean probability and rate of positives of the tenths of the score that have rows.
    package var calibrationCurve: [(weight: Double, meanProbability: Double, positiveRate: Double)] {
        (0..<Self.calibrationBins).compactMap { bin in
            let weight = calibration[3 * bin]
            guard weight > 0 else { return nil }
            return (weight, calibration[3 * bin + 1] / weight, calibration[3 * bin + 2] / weight)
        }
    }

    /// The mean gap of probability and rate (ECE), or the widest (MCE). Its standard error is that of the gaps it is made
    /// of; a small window's is larger than 0 without any fault of calibration.
    package func calibrationError(isWidest: Bool) -> MetricEstimate? {
        let curve = calibrationCurve
        let total = curve.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return nil }
        let rowsPerWeight = effectiveRows / confusion.total
        let bins = curve.map { bin -> (gap: Double, variance: Double, share: Double) in
            let rows = bin.weight * rowsPerWeight
            let variance = bin.meanProbability * (1 - bin.meanProbability) / max(1, rows)
            return (abs(bin.meanProbability - bin.positiveRate), variance, bin.weight / total)
        }
        if isWidest {
            guard let widest = bins.max(by: { $0.gap < $1.gap }) else { return nil }
            return MetricEstimate(
                widest.gap, standardError: widest.variance.squareRoot(), rows: effectiveRows, within: 0...1)
        }
        let value = bins.reduce(0) { $0 + $1.share * $1.gap }
        let variance = bins.reduce(0) { $0 + $1.share * $1.share * $1.variance }
        return MetricEstimate(value, standardError: variance.squareRoot(), rows: effectiveRows, within: 0...1)
    }
}
