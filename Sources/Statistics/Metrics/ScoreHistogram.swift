/// Weights of positives and negatives by score, in bins of a thousandth: what is left of scores that several windows, slices
/// and servers can add up.
///
/// Scores with up to three decimals lose nothing. Of others the area under the curve is known up to half the pairs within
/// one bin (`rocAUCError`), and so is the difference of rates at any threshold up to what one bin holds.
package struct ScoreHistogram: Sendable, Equatable {
    package struct Bin: Sendable, Equatable {
        package var positive = 0.0
        package var negative = 0.0
    }

    /// Scores are 0 to 1.
    static let resolution = 1000.0
    /// By the rounded thousandth; empty bins are left out.
    package private(set) var bins: [Int: Bin]
    /// Whether any score had more than three decimals.
    package private(set) var hasFinerScores: Bool

    package init(bins: [Int: Bin] = [:], hasFinerScores: Bool = false) {
        self.bins = bins
        self.hasFinerScores = hasFinerScores
    }

    /// Adds a row; a score outside 0...1 counts as the nearest end.
    package mutating func add(score: Double, isPositive: Bool, weight: Double = 1) {
        let place = min(1, max(0, score)) * Self.resolution
        let index = Int(place.rounded())
        // What a decimal fraction lacks of its value in binary is no fourth decimal.
        if abs(place - place.rounded()) > 1e-9 { hasFinerScores = true }
        if isPositive {
            bins[index, default: Bin()].positive += weight
        } else {
            bins[index, default: Bin()].negative += weight
        }
    }

    package mutating func merge(_ other: ScoreHistogram) {
        hasFinerScores = hasFinerScores || other.hasFinerScores
        for (index, bin) in other.bins {
            bins[index, default: Bin()].positive += bin.positive
            bins[index, default: Bin()].negative += bin.negative
        }
    }

    /// From the highest score down.
    private var steps: [Bin] { bins.sorted { $0.key > $1.key }.map(\.value) }

    package var positives: Double { bins.values.reduce(0) { $0 + $1.positive } }
    package var negatives: Double { bins.values.reduce(0) { $0 + $1.negative } }

    /// The area under the curve with DeLong's standard error (1988); nil with one class only.
    package var rocAUC: MetricEstimate? {
        let (positives, negatives) = (positives, negatives)
        guard positives > 0, negatives > 0 else { return nil }
        // How positives place among negatives, and negatives among positives.
        var (ofPositives, ofNegatives, above) = (LossSum(), LossSum(), Bin())
        var within = 0.0
        for bin in steps {
            let below = negatives - above.negative - bin.negative
            ofPositives.add((below + bin.negative / 2) / negatives, weight: bin.positive)
            ofNegatives.add((above.positive + bin.positive / 2) / positives, weight: bin.negative)
            within += bin.positive * bin.negative
            above.positive += bin.positive
            above.negative += bin.negative
        }
        let variance = [(ofPositives, positives), (ofNegatives, negatives)].reduce(0) { sum, side in
            sum + side.0.populationVariance / max(1, side.1 - 1)
        }
        // A perfect order has no variance to see: the next best table stands for it.
        let least = 1 / (positives * negatives)
        return MetricEstimate(
            ofPositives.mean, standardError: max(variance, least * least).squareRoot(), rows: positives + negatives,
            within: 0...1, errorBound: rocAUCError)
    }

    /// How far the exact area may be from that of the bins: half the pairs that share a bin, as a share of all pairs. Rows
    /// whose scores have at most three decimals are ties there, and none are left out by it.
    package var rocAUCError: Double {
        guard hasFinerScores else { return 0 }
        let pairs = bins.values.reduce(0) { $0 + $1.positive * $1.negative }
        return pairs / (2 * positives * negatives)
    }

    /// Σ (Rₖ − Rₖ₋₁) Pₖ over the bins, with the interval of the logit scale (Boyd, Eng & Page 2013); nil without positives.
    package var averagePrecision: MetricEstimate? {
        let positives = positives
        guard positives > 0 else { return nil }
        var (hits, taken, area) = (0.0, 0.0, 0.0)
        for bin in steps {
            hits += bin.positive
            taken += bin.positive + bin.negative
            area += bin.positive / positives * hits / taken
        }
        let held = min(max(area, 0.5 / positives), 1 - 0.5 / positives)
        let error = (held * (1 - held) / positives).squareRoot()
        return MetricEstimate(area, standardError: error, rows: positives + negatives, within: 0...1)
    }

    /// The greatest difference of true and false positive rate over the bins' edges; nil with one class only.
    package var kolmogorovSmirnov: MetricEstimate? {
        let (positives, negatives) = (positives, negatives)
        guard positives > 0, negatives > 0 else { return nil }
        var (seen, largest, rates) = (Bin(), 0.0, (0.0, 0.0))
        for bin in steps {
            seen.positive += bin.positive
            seen.negative += bin.negative
            let (hit, alarm) = (seen.positive / positives, seen.negative / negatives)
            if hit - alarm > largest { (largest, rates) = (hit - alarm, (hit, alarm)) }
        }
        let variance = rates.0 * (1 - rates.0) / positives + rates.1 * (1 - rates.1) / negatives
        return MetricEstimate(
            largest, standardError: variance.squareRoot(), rows: positives + negatives, within: 0...1)
    }

    /// How many times the overall rate of positives the `fraction` of rows with the highest scores holds; rows of one bin
    /// share the places that are left. Nil without positives.
    package func lift(_ fraction: Double) -> MetricEstimate? {
        let (positives, total) = (positives, positives + negatives)
        guard positives > 0, fraction > 0 else { return nil }
        var (left, hits) = (fraction * total, 0.0)
        for bin in steps where left > 0 {
            let rows = bin.positive + bin.negative
            hits += bin.positive * min(1, left / rows)
            left -= rows
        }
        let rate = positives / total
        let share = MetricEstimate.share(hits, of: fraction * total, effectiveRows: fraction * total)
        return share?.scaled(by: 1 / rate, plus: 0)
    }
}
