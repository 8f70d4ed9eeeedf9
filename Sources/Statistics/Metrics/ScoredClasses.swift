#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Probabilities of several classes with the true class of each row.
package struct ScoredClasses: Sendable {
    /// The place of the true class.
    package let labels: [Int]
    /// By row and class.
    package let probabilities: [[Double]]
    package let weights: [Double]
    package let classes: Int

    /// One label, one probability for each class, and one weight (default 1) for each row.
    package init(labels: [Int], probabilities: [[Double]], weights: [Double]? = nil) {
        self.labels = labels
        self.probabilities = probabilities
        self.weights = weights ?? Array(repeating: 1, count: labels.count)
        classes = max((labels.max() ?? -1) + 1, probabilities.first?.count ?? 0)
    }

    /// The class of highest probability; of several the first.
    package static func decision(_ probabilities: [Double]) -> Int {
        probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
    }

    package var confusion: ClassConfusion {
        var confusion = ClassConfusion(classes: classes)
        for row in labels.indices {
            confusion.add(
                truth: labels[row], prediction: Self.decision(probabilities[row]), weight: weights[row])
        }
        return confusion
    }

    /// −ln of the probability given to the truth, the row brought to sum 1 and held within machine ε of 0 and 1.
    package static func logLoss(_ probabilities: [Double], label: Int) -> Double {
        let share = probabilities[label] / probabilities.reduce(0, +)
        return -log(min(max(share, .ulpOfOne), 1 - .ulpOfOne))
    }

    /// The sum over classes of the squared difference of probability and truth.
    package static func brierScore(_ probabilities: [Double], label: Int) -> Double {
        probabilities.indices.reduce(0) { sum, index in
            let error = probabilities[index] - (index == label ? 1 : 0)
            return sum + error * error
        }
    }

    /// How many classes are given at least the probability of the truth, it included; ties go to the later class, as
    /// scikit-learn breaks them.
    package static func place(_ probabilities: [Double], label: Int) -> Int {
        1
            + probabilities.indices.count {
                probabilities[$0] > probabilities[label] || (probabilities[$0] == probabilities[label] && $0 > label)
            }
    }

    package var logLoss: Double { mean { Self.logLoss(probabilities[$0], label: labels[$0]) } }
    package var brierScore: Double { mean { Self.brierScore(probabilities[$0], label: labels[$0]) } }

    /// The share of rows whose truth is among the `count` classes of highest probability.
    package func topAccuracy(_ count: Int) -> Double {
        mean { Self.place(probabilities[$0], label: labels[$0]) <= count ? 1 : 0 }
    }

    /// The mean over classes of the area under the curve of each against all others.
    /// - Parameter isWeighted: classes count by their rows instead of alike.
    package func rocAUCOneVersusRest(isWeighted: Bool = false) -> Double {
        average(
            (0..<classes).map { index in
                let rows = Array(labels.indices)
                return (area(of: index, rows: rows), isWeighted ? weight { labels[$0] == index } : 1)
            })
    }

    /// The mean over pairs of classes of how well their rows are told apart (Hand & Till 2001).
    /// - Parameter isWeighted: pairs count by their rows instead of alike.
    package func rocAUCOneVersusOne(isWeighted: Bool = false) -> Double {
        var pairs: [(area: Double, weight: Double)] = []
        for first in 0..<classes {
            for second in first + 1..<max(classes, first + 1) {
                let rows = labels.indices.filter { labels[$0] == first || labels[$0] == second }
                let areas = (area(of: first, rows: rows) + area(of: second, rows: rows)) / 2
                pairs.append((areas, isWeighted ? weight { labels[$0] == first || labels[$0] == second } : 1))
            }
        }
        return average(pairs)
    }

    private func area(of index: Int, rows: [Int]) -> Double {
        let scores = rows.map { row in
            let probabilities = probabilities[row]
            return probabilities[index] / probabilities.reduce(0, +)
        }
        return ScoredLabels(
            labels: rows.map { labels[$0] == index }, scores: scores, weights: rows.map { weights[$0] }
        ).rocAUC
    }

    private func average(_ values: [(area: Double, weight: Double)]) -> Double {
        values.reduce(0) { $0 + $1.area * $1.weight } / values.reduce(0) { $0 + $1.weight }
    }

    private func weight(where condition: (Int) -> Bool) -> Double {
        labels.indices.reduce(0) { $0 + (condition($1) ? weights[$1] : 0) }
    }

    private func mean(_ value: (Int) -> Double) -> Double {
        labels.indices.reduce(0) { $0 + weights[$1] * value($1) } / weights.reduce(0, +)
    }
}
