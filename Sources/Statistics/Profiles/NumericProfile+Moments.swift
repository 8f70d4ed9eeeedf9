/// What is read off a profile of numbers.
extension NumericProfile {
    /// How many numbers, infinities included and NaN left out.
    package var total: Int { counts.reduce(0, +) }

    /// How many finite numbers.
    package var finite: Int { total - negativeInfinities - positiveInfinities }

    /// The least finite number; nil when there is none.
    package var minimum: Double? { extremes.least.isFinite ? extremes.least : nil }
    package var maximum: Double? { extremes.greatest.isFinite ? extremes.greatest : nil }

    /// Numbers below everything the reference had, and at or above its last cut.
    package var under: Int { counts.first ?? 0 }
    package var over: Int { counts.count > 1 ? counts.last ?? 0 : 0 }

    var central: CentralMoments {
        CentralMoments(near, far: far.sorted { $0.key < $1.key }.map { ($0.key.tier, $0.value) }, grid: anchors.grid)
    }

    /// Of the finite numbers. Mean and second moment are those of the numbers as they are kept, rounded once; deviations
    /// are kept to 2⁻⁵⁷ or so of the width of the reference's middle, for the third and fourth moment to 2⁻²⁶.
    package var moments: Moments {
        let central = central
        return central.count > 0
            ? Moments(count: central.count, mean: central.mean, m2: central.m2, m3: central.m3, m4: central.m4)
            : Moments()
    }

    /// NaN without finite numbers.
    package var mean: Double { central.mean }
    /// Σ (x − mean)² / (n − 1), NaN below two numbers.
    package var sampleVariance: Double { central.sampleVariance }

    /// Sum of the deviations from `anchors.pivot` of the finite numbers in each cell.
    package var deviations: [Double] {
        let grid = anchors.grid
        var sums = cellSums.map { grid.double($0) }
        for (key, sum) in far.sorted(by: { $0.key < $1.key }) {
            let shift = Double(sign: .plus, exponent: NumericGrid.tierBits * (key.tier + 1), significand: 1)
            sums[key.cell] += grid.double(sum.first) * shift
        }
        return sums
    }

    /// Sum of the finite numbers in each cell.
    package var sums: [Double] {
        let last = counts.count - 1
        return zip(deviations, counts.indices).map { deviation, cell in
            var finite = counts[cell]
            if cell == 0 { finite -= negativeInfinities }
            if cell == last { finite -= positiveInfinities }
            return deviation + Double(finite) * anchors.pivot
        }
    }

    /// The finite number of rank ⌊q (n − 1)⌋ within 1 %; exact at the ends. Nil without finite numbers.
    package func quantile(_ q: Double) -> Double? {
        guard let minimum, let maximum, let value = quantiles.quantile(q) else { return nil }
        if q <= 0 { return minimum }
        return q >= 1 ? maximum : min(maximum, max(minimum, value))
    }
}
