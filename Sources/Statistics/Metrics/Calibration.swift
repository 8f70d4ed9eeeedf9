/// How well probabilities agree with what happened, in bins of the probability.
package struct Calibration: Sendable {
    package struct Bin: Sendable, Equatable {
        package let count: Int
        /// NaN in an empty bin.
        package let meanProbability: Double
        package let positiveRate: Double
    }

    package enum Binning: Sendable {
        case equalWidth, equalMass
    }

    package let bins: [Bin]

    /// A value on an inner edge belongs to the bin below it; equal-mass edges are linear quantiles.
    package init(_ scored: ScoredLabels, binning: Binning, bins count: Int = 10) {
        let shares = (1..<count).map { Double($0) / Double(count) }
        let inner =
            switch binning {
            case .equalWidth: shares
            case .equalMass:
                Self.quantiles(shares, of: scored.scores)
            }
        var counts = [Int](repeating: 0, count: count)
        var sums = [Double](repeating: 0, count: count)
        var hits = [Double](repeating: 0, count: count)
        for (label, score) in zip(scored.labels, scored.scores) {
            let bin = inner.partitioningIndex { $0 >= score }
            counts[bin] += 1
            sums[bin] += score
            hits[bin] += label ? 1 : 0
        }
        bins = counts.indices.map { index in
            let n = Double(counts[index])
            return Bin(count: counts[index], meanProbability: sums[index] / n, positiveRate: hits[index] / n)
        }
    }

    private static func quantiles(_ shares: [Double], of values: [Double]) -> [Double] {
        let sorted = values.sorted()
        return shares.map { QuantileMethod.linear.quantile($0, ofSorted: sorted) }
    }

    private var gaps: [(count: Int, gap: Double)] {
        bins.filter { $0.count > 0 }.map { ($0.count, abs($0.meanProbability - $0.positiveRate)) }
    }

    /// Mean gap of probability and rate, weighted by rows.
    package var expectedError: Double {
        let total = gaps.reduce(0) { $0 + $1.count }
        return gaps.reduce(0) { $0 + Double($1.count) * $1.gap } / Double(total)
    }

    /// The widest gap of any bin.
    package var maximumError: Double { gaps.map(\.gap).max() ?? .nan }
}
