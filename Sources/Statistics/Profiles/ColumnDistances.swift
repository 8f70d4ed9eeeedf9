/// All common distances between two profiles of one column, for display beside the verdict of `ColumnDrift`.
///
/// Those of shares are taken over the cells of the anchors, a cell more for rows without a usable value; none is corrected
/// for the size of the samples.
package struct ColumnDistances: Sendable, Equatable {
    /// With empty cells raised to `shareFloor`.
    package let populationStabilityIndex: Double
    /// The distance, base 2.
    package let jensenShannon: Double
    package let hellinger: Double
    package let totalVariation: Double
    package let largestDifference: Double
    /// The largest difference of the distribution functions, at the cuts; nil for names.
    package let kolmogorovSmirnov: Double?
    /// In the column's unit; nil for names and where a side has no finite number.
    package let wasserstein: Double?
    /// Divided by the reference's standard deviation; nil where that is 0.
    package let normedWasserstein: Double?

    package static let shareFloor = 0.0001

    /// Compares two profiles with the same anchors; nil when one of them has no rows.
    package init?(reference: ColumnProfile, window: ColumnProfile) {
        guard reference.rows > 0, window.rows > 0 else { return nil }
        let p = (reference.cellCounts + [reference.unusable]).map { Double($0) / Double(reference.rows) }
        let q = (window.cellCounts + [window.unusable]).map { Double($0) / Double(window.rows) }
        populationStabilityIndex = ShareDistance.populationStabilityIndex(p, q, floor: Self.shareFloor)
        jensenShannon = ShareDistance.jensenShannon(p, q, base: 2)
        hellinger = ShareDistance.hellinger(p, q)
        totalVariation = ShareDistance.totalVariation(p, q)
        largestDifference = ShareDistance.largestDifference(p, q)
        guard let a = reference.numeric, let b = window.numeric, a.finite > 0, b.finite > 0 else {
            (kolmogorovSmirnov, wasserstein, normedWasserstein) = (nil, nil, nil)
            return
        }
        kolmogorovSmirnov = Self.largestGap(a, b)
        let distance = Self.wasserstein(a, b)
        wasserstein = distance
        let deviation = a.moments.populationDeviation
        normedWasserstein = deviation > 0 ? distance / deviation : nil
    }

    private static func largestGap(_ a: NumericProfile, _ b: NumericProfile) -> Double {
        let (n, m) = (Double(a.total), Double(b.total))
        var (belowA, belowB, largest) = (0, 0, 0.0)
        for (countA, countB) in zip(a.counts, b.counts) {
            belowA += countA
            belowB += countB
            largest = max(largest, abs(Double(belowA) / n - Double(belowB) / m))
        }
        return largest
    }

    /// ∫ |F − G|, of the finite numbers.
    ///
    /// Counts give F at both ends of a cell and the sum of its numbers gives ∫ F over it: [x F(x)] − Σ x / n. So the
    /// integral of F − G over each cell is exact, tails of any weight included, and the distance is too where F and G do
    /// not cross inside a cell; where they do it is a little too small.
    private static func wasserstein(_ a: NumericProfile, _ b: NumericProfile) -> Double {
        let anchors = a.anchors
        let low = min(a.extremes.least, b.extremes.least)
        let high = max(a.extremes.greatest, b.extremes.greatest)
        // Bounds of the cells as deviations, the outer ones where the numbers end.
        let inner = anchors.cuts.map { min(high, max(low, $0)) - anchors.pivot }
        let bounds = [low - anchors.pivot] + inner + [high - anchors.pivot]
        let (sideA, sideB) = (FiniteCells(a), FiniteCells(b))
        var (belowA, belowB, distance) = (0.0, 0.0, 0.0)
        for cell in 0..<anchors.cellCount {
            let (left, right) = (bounds[cell], bounds[cell + 1])
            let (nextA, nextB) = (belowA + sideA.shares[cell], belowB + sideB.shares[cell])
            let ends = right * (nextA - nextB) - left * (belowA - belowB)
            distance += abs(ends - (sideA.means[cell] - sideB.means[cell]))
            (belowA, belowB) = (nextA, nextB)
        }
        return distance
    }

    /// Shares and sums of deviations by cell, divided by the count of finite numbers.
    private struct FiniteCells {
        var shares: [Double]
        let means: [Double]

        init(_ profile: NumericProfile) {
            let n = Double(profile.finite)
            shares = profile.counts.map { Double($0) / n }
            shares[0] -= Double(profile.negativeInfinities) / n
            shares[shares.count - 1] -= Double(profile.positiveInfinities) / n
            means = profile.deviations.map { $0 / n }
        }
    }
}
