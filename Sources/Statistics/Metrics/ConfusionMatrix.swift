/// Weighted counts of a two-class decision against the truth; mergeable by adding.
package struct ConfusionMatrix: Sendable, Equatable {
    package var truePositives: Double
    package var falsePositives: Double
    package var falseNegatives: Double
    package var trueNegatives: Double

    package init(
        truePositives: Double = 0, falsePositives: Double = 0, falseNegatives: Double = 0, trueNegatives: Double = 0
    ) {
        self.truePositives = truePositives
        self.falsePositives = falsePositives
        self.falseNegatives = falseNegatives
        self.trueNegatives = trueNegatives
    }

    package mutating func add(isPositive: Bool, isPredictedPositive: Bool, weight: Double = 1) {
        switch (isPositive, isPredictedPositive) {
        case (true, true): truePositives += weight
        case (true, false): falseNegatives += weight
        case (false, true): falsePositives += weight
        case (false, false): trueNegatives += weight
        }
    }

    package mutating func merge(_ other: ConfusionMatrix) {
        truePositives += other.truePositives
        falsePositives += other.falsePositives
        falseNegatives += other.falseNegatives
        trueNegatives += other.trueNegatives
    }

    package var total: Double { positives + negatives }
    package var positives: Double { truePositives + falseNegatives }
    package var negatives: Double { trueNegatives + falsePositives }
    private var predictedPositives: Double { truePositives + falsePositives }
    private var predictedNegatives: Double { trueNegatives + falseNegatives }

    package var accuracy: Double { Self.ratio(truePositives + trueNegatives, total) }
    package var precision: Double { Self.ratio(truePositives, predictedPositives) }
    /// True positive rate.
    package var recall: Double { Self.ratio(truePositives, positives) }
    /// True negative rate.
    package var specificity: Double { Self.ratio(trueNegatives, negatives) }
    package var falsePositiveRate: Double { Self.ratio(falsePositives, negatives) }
    package var falseNegativeRate: Double { Self.ratio(falseNegatives, positives) }
    package var negativePredictiveValue: Double { Self.ratio(trueNegatives, predictedNegatives) }
    package var balancedAccuracy: Double { (recall + specificity) / 2 }
    package var jaccard: Double { Self.ratio(truePositives, total - trueNegatives) }
    package var youdenJ: Double { recall + specificity - 1 }

    /// (1 + β²) P R / (β² P + R); β = 2 weighs recall four times.
    package func fScore(beta: Double = 1) -> Double {
        let square = beta * beta
        return Self.ratio(
            (1 + square) * truePositives, (1 + square) * truePositives + square * falseNegatives + falsePositives)
    }

    /// Matthews' correlation coefficient.
    package var matthewsCorrelation: Double {
        let margins = (predictedPositives * positives).squareRoot() * (predictedNegatives * negatives).squareRoot()
        return Self.ratio(truePositives * trueNegatives - falsePositives * falseNegatives, margins)
    }

    /// Cohen's κ: agreement beyond what the margins alone would give.
    package var cohenKappa: Double {
        let byChance = predictedPositives * positives + predictedNegatives * negatives
        let expected = byChance / (total * total)
        return Self.ratio(accuracy - expected, 1 - expected)
    }

    /// The sum of each cell's count times its value.
    package func value(truePositive: Double, falsePositive: Double, falseNegative: Double, trueNegative: Double)
        -> Double
    {
        let right = truePositives * truePositive + trueNegatives * trueNegative
        return right + falsePositives * falsePositive + falseNegatives * falseNegative
    }

    /// 0 when there is nothing to divide by, as scikit-learn's `zero_division=0`.
    private static func ratio(_ part: Double, _ whole: Double) -> Double { whole == 0 ? 0 : part / whole }
}
