/// Mean and central moments computed from exact sums of powers in integers, rounded once at the end: nothing cancels,
/// however far from zero or however close together the numbers are.
struct CentralMoments {
    let count: Int
    let mean: Double
    /// Σ (x − mean)² / n.
    let populationVariance: Double
    /// Σ (x − mean)² / (n − 1).
    let sampleVariance: Double
    /// Σ (x − mean)^k, k = 2, 3, 4.
    let m2: Double
    let m3: Double
    let m4: Double

    /// - Parameter far: what lies beyond the grid, by tier.
    init(_ near: PowerSums, far: [(tier: Int, sums: PowerSums)], grid: NumericGrid) {
        var total = Total(near)
        for (tier, sums) in far { total.add(Total(sums), shift: NumericGrid.tierBits * (tier + 1)) }
        count = total.count
        guard count > 0 else {
            (mean, populationVariance, sampleVariance, m2, m3, m4) = (.nan, .nan, .nan, 0, 0, 0)
            return
        }
        let n = WideInteger(count)
        let rows = UInt64(count)
        mean = Self.mean(total, grid: grid)
        let squares = n * total.second - total.first * total.first
        let unit = 2 * grid.unitExponent
        m2 = squares.quotient(by: rows, exponent: unit)
        populationVariance = squares.quotient(by: rows, rows, exponent: unit)
        sampleVariance = count > 1 ? squares.quotient(by: rows, rows - 1, exponent: unit) : .nan
        let coarse = grid.unitExponent + PowerSums.coarseShift
        let (one, two) = (total.coarse.first, total.coarse.second)
        let (three, four) = (total.coarse.third, total.coarse.fourth)
        let square = one * one
        let cubes = n * n * three - WideInteger(3) * n * one * two + WideInteger(2) * square * one
        m3 = cubes.quotient(by: rows, rows, exponent: 3 * coarse)
        let mixed = WideInteger(6) * n * square * two - WideInteger(4) * n * n * one * three
        let fourths = n * n * n * four + mixed - WideInteger(3) * square * square
        m4 = fourths.quotient(by: rows, rows, rows, exponent: 4 * coarse)
    }

    /// (n · pivot + Σ deviations) / n, rounded once.
    private static func mean(_ total: Total, grid: NumericGrid) -> Double {
        let rows = UInt64(total.count)
        guard grid.pivot != 0 else { return total.first.quotient(by: rows, exponent: grid.unitExponent) }
        // The pivot is this integer times 2^place.
        let significand = Int(grid.pivot.significand * 4_503_599_627_370_496) * (grid.pivot < 0 ? -1 : 1)
        let place = Int(grid.pivot.exponent) - 52
        let pivots = WideInteger(significand) * WideInteger(total.count)
        let least = min(place, grid.unitExponent)
        let sum = (pivots << (place - least)) + (total.first << (grid.unitExponent - least))
        return sum.quotient(by: rows, exponent: least)
    }

    private struct Total {
        var count: Int
        var first: WideInteger
        var second: WideInteger
        var coarse: (first: WideInteger, second: WideInteger, third: WideInteger, fourth: WideInteger)

        init(_ sums: PowerSums) {
            count = sums.count
            first = WideInteger(sums.first)
            second = sums.second.integer
            coarse = (
                WideInteger(sums.coarseFirst), WideInteger(sums.coarseSecond), WideInteger(sums.coarseThird),
                sums.coarseFourth.integer
            )
        }

        /// Adds what was summed in units of 2^`shift`.
        mutating func add(_ other: Total, shift: Int) {
            count += other.count
            first = first + (other.first << shift)
            second = second + (other.second << (2 * shift))
            coarse.first = coarse.first + (other.coarse.first << shift)
            coarse.second = coarse.second + (other.coarse.second << (2 * shift))
            coarse.third = coarse.third + (other.coarse.third << (3 * shift))
            coarse.fourth = coarse.fourth + (other.coarse.fourth << (4 * shift))
        }
    }
}
