/// Weighted counts of decisions between several classes: rows are the truth, columns what was predicted; mergeable by
/// adding.
package struct ClassConfusion: Sendable, Equatable {
    package let classes: Int
    /// Row by row.
    package private(set) var counts: [Double]

    package init(classes: Int) {
        self.classes = classes
        counts = Array(repeating: 0, count: classes * classes)
    }

    /// - Precondition: `counts` has `classes`² elements; otherwise it is taken for empty.
    package init(classes: Int, counts: [Double]) {
        self.init(classes: classes)
        if counts.count == self.counts.count { self.counts = counts }
    }

    package mutating func add(truth: Int, prediction: Int, weight: Double = 1) {
        counts[truth * classes + prediction] += weight
    }

    /// Adds the counts of another matrix of the same classes.
    package mutating func merge(_ other: ClassConfusion) {
        for index in counts.indices where index < other.counts.count { counts[index] += other.counts[index] }
    }

    package func count(truth: Int, prediction: Int) -> Double { counts[truth * classes + prediction] }

    package var total: Double { counts.reduce(0, +) }
    /// Weight by true class.
    package var truths: [Double] {
        (0..<classes).map { row in (0..<classes).reduce(0) { $0 + count(truth: row, prediction: $1) } }
    }
    /// Weight by predicted class.
    package var predictions: [Double] {
        (0..<classes).map { column in (0..<classes).reduce(0) { $0 + count(truth: $1, prediction: column) } }
    }
    private var hits: Double { (0..<classes).reduce(0) { $0 + count(truth: $1, prediction: $1) } }

    /// NaN without rows.
    package var accuracy: Double { hits / total }

    /// One class against all others.
    package func binary(_ index: Int) -> ConfusionMatrix {
        Margins(self).binary(index, in: self)
    }

    /// Computed once for all classes.
    private struct Margins {
        let truths: [Double]
        let predictions: [Double]
        let total: Double

        init(_ confusion: ClassConfusion) {
            truths = confusion.truths
            predictions = confusion.predictions
            total = truths.reduce(0, +)
        }

        func binary(_ index: Int, in confusion: ClassConfusion) -> ConfusionMatrix {
            let (hit, truth) = (confusion.count(truth: index, prediction: index), truths[index])
            let predicted = predictions[index]
            return ConfusionMatrix(
                truePositives: hit, falsePositives: predicted - hit, falseNegatives: truth - hit,
                trueNegatives: total - truth - predicted + hit)
        }
    }

    /// Mean recall of the classes that occur.
    package var balancedAccuracy: Double {
        let truths = truths
        let present = (0..<classes).filter { truths[$0] > 0 }
        return present.reduce(0) { $0 + count(truth: $1, prediction: $1) / truths[$1] } / Double(present.count)
    }

    /// Matthews' correlation for several classes (Gorodkin's R_K); 0 when one side knows a single class.
    package var matthewsCorrelation: Double {
        let (truths, predictions, total) = (truths, predictions, total)
        let covariance = hits * total - zip(truths, predictions).reduce(0) { $0 + $1.0 * $1.1 }
        let spread = [truths, predictions].map { margin in
            total * total - margin.reduce(0) { $0 + $1 * $1 }
        }
        let scale = (spread[0] * spread[1]).squareRoot()
        return scale > 0 ? covariance / scale : 0
    }

    /// How much disagreement between two classes weighs in κ.
    package enum Disagreement: Sendable {
        case equal
        /// By the square of the distance of their places: for classes with an order.
        case quadratic
    }

    /// Cohen's κ: agreement beyond what the margins alone would give.
    package func cohenKappa(_ disagreement: Disagreement = .equal) -> Double {
        let (truths, predictions, total) = (truths, predictions, total)
        var (observed, expected) = (0.0, 0.0)
        for row in 0..<classes {
            for column in 0..<classes {
                let distance = Double(row - column)
                let weight = disagreement == .quadratic ? distance * distance : (row == column ? 0 : 1)
                observed += weight * count(truth: row, prediction: column)
                expected += weight * truths[row] * predictions[column] / total
            }
        }
        return expected > 0 ? 1 - observed / expected : 0
    }

    /// How the values of the classes become one.
    package enum Average: Sendable {
        /// Each class counts alike.
        case macro
        /// Each row counts alike: over the counts of all classes together.
        case micro
        /// Each class counts by its rows.
        case weighted
    }

    /// A measure of two-class decisions over all classes that occur or were predicted.
    package func average(_ average: Average, of measure: (ConfusionMatrix) -> Double) -> Double {
        let margins = Margins(self)
        let present = (0..<classes).filter { margins.truths[$0] + margins.predictions[$0] > 0 }
        switch average {
        case .macro:
            return present.reduce(0) { $0 + measure(margins.binary($1, in: self)) } / Double(present.count)
        case .weighted:
            let sum = present.reduce(0) { $0 + margins.truths[$1] * measure(margins.binary($1, in: self)) }
            return sum / margins.total
        case .micro:
            var all = ConfusionMatrix()
            for index in present { all.merge(margins.binary(index, in: self)) }
            return measure(all)
        }
    }
}
