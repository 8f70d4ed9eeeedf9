#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How good the decisions of a two-class model are expected to be, judged by the probabilities of its own scores: what is
/// left to know before labels come (NannyML's confidence-based estimation, CBPE).
///
/// It holds as far as the probabilities are calibrated on the rows in question: a changed relation of inputs and truth,
/// and inputs in regions that the calibration never saw, are beyond it.
package struct ExpectedLabels: Sendable {
    /// That a row is positive.
    package let probabilities: [Double]
    /// What the model said, by which rows are ordered and decided.
    package let scores: [Double]
    package let threshold: Double

    /// - Parameter probabilities: calibrated; the scores themselves when they are.
    package init(scores: [Double], probabilities: [Double]? = nil, threshold: Double) {
        self.scores = scores
        self.probabilities = probabilities ?? scores
        self.threshold = threshold
    }

    package var confusion: ConfusionMatrix {
        var matrix = ConfusionMatrix()
        for (score, probability) in zip(scores, probabilities) {
            matrix.add(isPositive: true, isPredictedPositive: score >= threshold, weight: probability)
            matrix.add(isPositive: false, isPredictedPositive: score >= threshold, weight: 1 - probability)
        }
        return matrix
    }

    /// Both labels of each row, weighted by how likely each is: every measure of labels becomes its expectation, up to the
    /// correlation of numerator and denominator.
    package var weightedLabels: ScoredLabels {
        let count = scores.count
        return ScoredLabels(
            labels: Array(repeating: true, count: count) + Array(repeating: false, count: count),
            scores: scores + scores, weights: probabilities + probabilities.map { 1 - $0 })
    }

    /// Variances of the weights of true positives and of false negatives, given the scores.
    package var variances: (truePositives: Double, falseNegatives: Double) {
        zip(scores, probabilities).reduce(into: (0, 0)) { sums, row in
            let variance = row.1 * (1 - row.1)
            if row.0 >= threshold { sums.0 += variance } else { sums.1 += variance }
        }
    }

    /// The standard deviation with which a measure of the confusion matrix of these rows falls around its expectation, to
    /// first order: true positives and false negatives vary independently, the number of decisions of each kind is known.
    package func standardDeviation(of measure: (ConfusionMatrix) -> Double) -> Double {
        let center = confusion
        let step = max(1e-6, center.total * 1e-6)
        func slope(
            _ positives: WritableKeyPath<ConfusionMatrix, Double>, _ others: WritableKeyPath<ConfusionMatrix, Double>
        )
            -> Double
        {
            var (up, down) = (center, center)
            up[keyPath: positives] += step
            up[keyPath: others] -= step
            down[keyPath: positives] -= step
            down[keyPath: others] += step
            return (measure(up) - measure(down)) / (2 * step)
        }
        let (hits, misses) = variances
        let byHits = slope(\.truePositives, \.falsePositives)
        let byMisses = slope(\.falseNegatives, \.trueNegatives)
        return (byHits * byHits * hits + byMisses * byMisses * misses).squareRoot()
    }

    /// The share of right decisions that a model of several classes is expected to have: the mean of the highest
    /// probability.
    package static func accuracy(ofClasses probabilities: [[Double]]) -> Double {
        probabilities.reduce(0) { $0 + ($1.max() ?? 0) } / Double(probabilities.count)
    }
}

/// NannyML 0.13.1's way to the two areas: sums rounded to five digits, and rows of one score taken one after the other.
package struct NannyMLExpectedAreas: Sendable {
    private let hits: [Double]
    private let misses: [Double]

    package init(_ expected: ExpectedLabels) {
        let order = expected.scores.indices.sorted { expected.scores[$0] > expected.scores[$1] }
        var (sum, hits, misses) = (0.0, [0.0], [0.0])
        for (place, index) in order.enumerated() {
            sum += expected.probabilities[index]
            hits.append(Self.rounded(sum))
            misses.append(Self.rounded(Double(place + 1) - sum))
        }
        self.hits = hits
        self.misses = misses
    }

    private static func rounded(_ value: Double) -> Double { (value * 1e5).rounded(.toNearestOrEven) / 1e5 }

    package var rocAUC: Double {
        guard let positives = hits.last, let negatives = misses.last else { return .nan }
        return hits.indices.dropFirst().reduce(0) { area, index in
            let width = (misses[index] - misses[index - 1]) / negatives
            return area + width * (hits[index] + hits[index - 1]) / (2 * positives)
        }
    }

    package var averagePrecision: Double {
        guard let positives = hits.last else { return .nan }
        return hits.indices.dropFirst().reduce(0) { area, index in
            area + (hits[index] - hits[index - 1]) / positives * hits[index] / Double(index)
        }
    }
}
