/// What labelled rows of a model of several classes add up to. Mergeable.
package struct ClassTally: Sendable, Equatable {
    /// Their names; probabilities and counts are in this order.
    package let classes: [String]
    package var confusion: ClassConfusion
    package var squaredWeight = 0.0
    package var logLoss = LossSum()
    package var brierScore = LossSum()
    /// Weight of rows whose truth was on place 1, 2, … of the probabilities.
    package var places: [Double]
    /// By class whose probability it is, and true class, such as `[2 * classes + 0]`; empty for models of more than
    /// `maximumScoredClasses`, or without probabilities.
    package var scores: [ScoreHistogram]

    package static let maximumScoredClasses = 20
    /// Of places that are counted.
    package static let maximumPlace = 10

    package init(classes: [String]) {
        self.classes = classes
        confusion = ClassConfusion(classes: classes.count)
        places = Array(repeating: 0, count: Self.maximumPlace)
        scores = []
    }

    /// Adds a row.
    /// - Parameter probabilities: of all classes, in their order; nil when only the decision is known.
    package mutating func add(label: Int, prediction: Int, probabilities: [Double]?, weight: Double = 1) {
        confusion.add(truth: label, prediction: prediction, weight: weight)
        squaredWeight += weight * weight
        guard let probabilities, probabilities.count == classes.count else { return }
        let total = probabilities.reduce(0, +)
        guard total > 0, total.isFinite else { return }
        let place = ScoredClasses.place(probabilities, label: label)
        if place <= places.count { places[place - 1] += weight }
        logLoss.add(ScoredClasses.logLoss(probabilities, label: label), weight: weight)
        brierScore.add(ScoredClasses.brierScore(probabilities, label: label), weight: weight)
        guard classes.count <= Self.maximumScoredClasses else { return }
        if scores.isEmpty { scores = Array(repeating: ScoreHistogram(), count: classes.count * classes.count) }
        for (index, probability) in probabilities.enumerated() {
            // Which side it stands on is decided when two of them are compared.
            scores[index * classes.count + label].add(score: probability / total, isPositive: true, weight: weight)
        }
    }

    /// Adds the rows of another tally of the same classes; of others it takes nothing.
    package mutating func merge(_ other: ClassTally) {
        guard other.classes == classes else { return }
        confusion.merge(other.confusion)
        squaredWeight += other.squaredWeight
        logLoss.merge(other.logLoss)
        brierScore.merge(other.brierScore)
        for index in places.indices { places[index] += other.places[index] }
        if scores.isEmpty {
            scores = other.scores
        } else if other.scores.count == scores.count {
            for index in scores.indices { scores[index].merge(other.scores[index]) }
        }
    }

    package var effectiveRows: Double {
        squaredWeight > 0 ? confusion.total * confusion.total / squaredWeight : 0
    }

    /// The share of rows whose truth is among the first `count` places; nil without probabilities.
    package func topAccuracy(_ count: Int) -> MetricEstimate? {
        guard logLoss.weight > 0, count >= 1, count <= places.count else { return nil }
        return .share(
            places.prefix(count).reduce(0, +), of: logLoss.weight, effectiveRows: logLoss.effectiveRows)
    }

    /// Scores of class `index`, rows of `positives` against rows of `negatives`.
    private func histogram(of index: Int, positives: [Int], negatives: [Int]) -> ScoreHistogram {
        var sum = ScoreHistogram()
        for label in positives { sum.merge(scores[index * classes.count + label]) }
        for label in negatives { sum.merge(scores[index * classes.count + label].swapped) }
        return sum
    }

    /// The mean area under the curve of each class against all others, or of all pairs of classes; nil when a class that
    /// counts has no rows.
    package func rocAUC(byPairs: Bool, isWeighted: Bool) -> MetricEstimate? {
        guard !scores.isEmpty else { return nil }
        let truths = confusion.truths
        let present = truths.indices.filter { truths[$0] > 0 }
        var areas: [(estimate: MetricEstimate?, weight: Double)] = []
        if byPairs {
            for (place, first) in present.enumerated() {
                for second in present.dropFirst(place + 1) {
                    let a = histogram(of: first, positives: [first], negatives: [second]).rocAUC
                    let b = histogram(of: second, positives: [second], negatives: [first]).rocAUC
                    let weight = (truths[first] + truths[second]) / 2
                    areas += [(a, isWeighted ? weight : 1), (b, isWeighted ? weight : 1)]
                }
            }
        } else {
            for index in present {
                let others = present.filter { $0 != index }
                let area = histogram(of: index, positives: [index], negatives: others).rocAUC
                areas.append((area, isWeighted ? truths[index] : 1))
            }
        }
        return mean(areas)
    }

    /// Areas of one model vary together: their standard errors are averaged, which is never too small.
    private func mean(_ areas: [(estimate: MetricEstimate?, weight: Double)]) -> MetricEstimate? {
        let total = areas.reduce(0) { $0 + $1.weight }
        let known = areas.compactMap { area in area.estimate.map { ($0, area.weight / total) } }
        guard total > 0, known.count == areas.count else { return nil }
        return MetricEstimate(
            known.reduce(0) { $0 + $1.0.value * $1.1 },
            standardError: known.reduce(0) { $0 + ($1.0.standardError ?? 0) * $1.1 }, rows: effectiveRows,
            within: 0...1, errorBound: known.reduce(0) { $0 + $1.0.errorBound * $1.1 })
    }
}

extension ScoreHistogram {
    /// Positives and negatives in each other's place.
    fileprivate var swapped: ScoreHistogram {
        ScoreHistogram(
            bins: bins.mapValues { Bin(positive: $0.negative, negative: $0.positive) }, hasFinerScores: hasFinerScores)
    }
}
