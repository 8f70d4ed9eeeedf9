#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Scores of a two-class model with the true labels, and how good the scores are without choosing a threshold.
package struct ScoredLabels: Sendable {
    package let labels: [Bool]
    package let scores: [Double]
    package let weights: [Double]

    /// One label, score and weight (default 1) for each row; shorter columns cut the longer ones.
    package init(labels: [Bool], scores: [Double], weights: [Double]? = nil) {
        let count = min(labels.count, scores.count, weights?.count ?? .max)
        self.labels = Array(labels.prefix(count))
        self.scores = Array(scores.prefix(count))
        self.weights = Array((weights ?? Array(repeating: 1, count: count)).prefix(count))
    }

    /// The confusion matrix of the rule "positive when score ≥ threshold".
    package func confusion(threshold: Double) -> ConfusionMatrix {
        var matrix = ConfusionMatrix()
        for index in labels.indices {
            matrix.add(
                isPositive: labels[index], isPredictedPositive: scores[index] >= threshold, weight: weights[index])
        }
        return matrix
    }

    /// Weights of positives and negatives at each distinct score, from the highest score down.
    private var steps: [(positive: Double, negative: Double)] {
        var steps: [(positive: Double, negative: Double)] = []
        var previous: Double?
        for index in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
            if scores[index] != previous { steps.append((0, 0)) }
            previous = scores[index]
            if labels[index] {
                steps[steps.count - 1].positive += weights[index]
            } else {
                steps[steps.count - 1].negative += weights[index]
            }
        }
        return steps
    }

    /// The chance that a random positive scores above a random negative, a tie counting half; NaN with one class only.
    package var rocAUC: Double {
        var area = 0.0
        var positives = 0.0
        var negatives = 0.0
        for step in steps {
            area += step.negative * (positives + step.positive / 2)
            positives += step.positive
            negatives += step.negative
        }
        return area / (positives * negatives)
    }

    /// 2·AUC − 1.
    package var gini: Double { 2 * rocAUC - 1 }

    /// The greatest difference of true and false positive rate over all thresholds.
    package var kolmogorovSmirnov: Double {
        let steps = steps
        let positives = steps.reduce(0) { $0 + $1.positive }
        let negatives = steps.reduce(0) { $0 + $1.negative }
        var (seenPositives, seenNegatives, largest) = (0.0, 0.0, 0.0)
        for step in steps {
            seenPositives += step.positive
            seenNegatives += step.negative
            largest = max(largest, seenPositives / positives - seenNegatives / negatives)
        }
        return largest
    }

    /// Precision and recall after each distinct score, from the highest down.
    private var precisionRecall: [(precision: Double, recall: Double)] {
        let steps = steps
        let positives = steps.reduce(0) { $0 + $1.positive }
        var (hits, taken) = (0.0, 0.0)
        return steps.map { step in
            hits += step.positive
            taken += step.positive + step.negative
            return (hits / taken, hits / positives)
        }
    }

    /// Σ (Rₖ − Rₖ₋₁) Pₖ, the step-wise area under precision and recall.
    package var averagePrecision: Double {
        var recall = 0.0
        return precisionRecall.reduce(0) { sum, point in
            defer { recall = point.recall }
            return sum + (point.recall - recall) * point.precision
        }
    }

    /// The area under precision and recall by trapezoids: too kind, kept for comparison with tools that report it.
    package var trapezoidalPrecisionRecallArea: Double {
        var previous = (precision: 1.0, recall: 0.0)
        return precisionRecall.reduce(0) { sum, point in
            defer { previous = point }
            return sum + (point.recall - previous.recall) * (point.precision + previous.precision) / 2
        }
    }

    /// Mean −ln of the probability given to the truth, probabilities held within machine ε of 0 and 1.
    package var logLoss: Double {
        weightedMean { index in
            let score = min(max(scores[index], .ulpOfOne), 1 - .ulpOfOne)
            return -log(labels[index] ? score : 1 - score)
        }
    }

    /// Mean squared difference of probability and truth.
    package var brierScore: Double {
        weightedMean { index in
            let error = scores[index] - (labels[index] ? 1 : 0)
            return error * error
        }
    }

    package var positiveRate: Double { weightedMean { labels[$0] ? 1 : 0 } }

    /// Among the `fraction` of rows with the highest scores (rounded up, ties in their order): their number, the share of
    /// all positives in them, and how many times the overall rate they hold.
    package func top(fraction: Double) -> (count: Int, capture: Double, lift: Double) {
        let count = Int((fraction * Double(scores.count)).rounded(.up))
        let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
        let hits = Double(order.prefix(count).filter { labels[$0] }.count)
        let positives = Double(labels.filter { $0 }.count)
        return (count, hits / positives, hits / Double(count) / (positives / Double(labels.count)))
    }

    private func weightedMean(_ value: (Int) -> Double) -> Double {
        let total = weights.reduce(0, +)
        return labels.indices.reduce(0) { $0 + weights[$1] * value($1) } / total
    }
}
