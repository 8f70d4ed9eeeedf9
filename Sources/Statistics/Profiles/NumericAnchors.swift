/// Cut points of a numeric column. Cell 0 holds what is below the first cut, cell i what is in `cuts[i-1] ..< cuts[i]`,
/// the last cell what is at or above the last cut.
///
/// The cuts lie at values of the reference, from its least value to just above its greatest: the first and the last cell
/// hold what the reference never had. F is known exactly at every cut.
package struct NumericAnchors: Sendable, Equatable {
    /// Ascending, without repeats; empty when the reference had no finite number.
    package let cuts: [Double]
    /// Whether the reference had few values, each many times; then every cell between the ends is one value of it.
    package let isDiscrete: Bool
    let grid: NumericGrid
    let index: CellIndex

    package static let binLimit = 256
    /// A column is discrete up to this many distinct values, each seen `discreteRepeats` times on average.
    package static let discreteLimit = 20
    package static let discreteRepeats = 5

    package init(cuts: [Double], isDiscrete: Bool) {
        self.cuts = cuts
        self.isDiscrete = isDiscrete
        let grid = NumericGrid(cuts: cuts)
        self.grid = grid
        index = CellIndex(cuts: cuts) { grid.nearestDeviation(of: $0) }
    }

    /// The cuts are there twice, once among what finds the cell of a number.
    var sizeBytes: Int { 4_352 + 16 * cuts.count }

    /// What deviations are measured from.
    package var pivot: Double { grid.pivot }

    /// Up to 256 bins with about the same number of reference values in each; NaN and infinities are left out.
    package init(reference values: some Sequence<Double>) {
        self.init(reference: Array(values))
    }

    package init(reference values: [Double]) {
        let sorted = DigitSort.ascending(values.filter { $0.isFinite })
        var distinct: [Double] = []
        for value in sorted where value != distinct.last { distinct.append(value) }
        guard let greatest = distinct.last else {
            self.init(cuts: [], isDiscrete: false)
            return
        }
        let isFew = distinct.count <= Self.discreteLimit
        let isDiscrete = isFew && distinct.count * Self.discreteRepeats <= sorted.count
        guard distinct.count > Self.binLimit else {
            self.init(cuts: distinct + Self.end(greatest), isDiscrete: isDiscrete)
            return
        }
        var cuts: [Double] = []
        for bin in 0..<Self.binLimit {
            let cut = sorted[bin * sorted.count / Self.binLimit]
            if cut != cuts.last { cuts.append(cut) }
        }
        self.init(cuts: cuts + Self.end(greatest), isDiscrete: false)
    }

    /// The last cut, just above the greatest value.
    private static func end(_ greatest: Double) -> [Double] {
        greatest.nextUp.isFinite ? [greatest.nextUp] : []
    }

    /// With eight cells more beyond each end, which are of an eighth of the width first, and twice as wide each time: 16 widths
    /// in all. Those of few values, or of one, are as they are.
    package var widened: NumericAnchors {
        guard !isDiscrete, cuts.count > 2, let first = cuts.first, let last = cuts.last else { return self }
        let steps = (0..<8).map { Double(1 << $0) / 8 * (last - first) }
        let below = steps.map { first - $0 }.filter { $0.isFinite && $0 < first }
        let above = steps.map { last + $0 }.filter { $0.isFinite && $0 > last }
        return NumericAnchors(cuts: below.reversed() + cuts + above, isDiscrete: false)
    }

    package var cellCount: Int { cuts.count + 1 }

    /// The cell of a number; infinities lie beyond the ends. NaN has none and must not be asked for.
    package func cell(of value: Double) -> Int {
        cuts.partitioningIndex { $0 > value }
    }

    package static func == (a: NumericAnchors, b: NumericAnchors) -> Bool {
        a.cuts == b.cuts && a.isDiscrete == b.isDiscrete
    }
}
