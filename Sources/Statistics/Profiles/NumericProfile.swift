/// What is kept of the numbers of one column over some rows.
///
/// It is a function of the multiset of numbers: neither order nor grouping changes a bit of it (see `NumericGrid` for how
/// sums are kept exact), so merging profiles gives what one pass over all rows would.
package struct NumericProfile: Sendable, Equatable {
    package let anchors: NumericAnchors
    /// Numbers in each cell; infinities are in the outer cells.
    package internal(set) var counts: [Int]
    /// Sum of the deviations in each cell, of the numbers within the grid.
    var cellSums: [Int128]
    /// Of the numbers within the grid.
    var near = PowerSums()
    /// Of the numbers beyond it, by tier and cell.
    var far: [FarCell: PowerSums] = [:]
    package internal(set) var notANumber = 0
    package internal(set) var negativeInfinities = 0
    package internal(set) var positiveInfinities = 0
    /// Of the finite numbers; the wrong way round while there is none.
    var extremes = (least: Double.infinity, greatest: -Double.infinity)
    /// Of the finite numbers.
    package internal(set) var quantiles = QuantileSketch()
    /// How many different finite numbers there are.
    package internal(set) var distinct = DistinctCount()

    struct FarCell: Sendable, Hashable, Comparable {
        let tier: Int
        let cell: Int

        static func < (a: FarCell, b: FarCell) -> Bool { (a.tier, a.cell) < (b.tier, b.cell) }
    }

    /// The profile of no rows.
    package init(anchors: NumericAnchors) {
        self.init(anchors: anchors, cellSums: Array(repeating: 0, count: anchors.cellCount))
    }

    init(anchors: NumericAnchors, cellSums: [Int128]) {
        self.anchors = anchors
        counts = Array(repeating: 0, count: anchors.cellCount)
        self.cellSums = cellSums
    }

    package mutating func add(_ value: Double) {
        guard let deviation = anchors.grid.deviation(of: value) else {
            addFar(value)
            return
        }
        let cell = anchors.index.cell(of: value, deviation: deviation)
        counts[cell] &+= 1
        cellSums[cell] &+= Int128(truncatingIfNeeded: deviation)
        near.add(deviation)
        addShape(value)
    }

    /// Adds what is no number, infinite, or beyond the grid.
    mutating func addFar(_ value: Double) {
        guard !value.isNaN else {
            notANumber += 1
            return
        }
        let cell = anchors.cell(of: value)
        counts[cell] += 1
        guard value.isFinite else {
            if value < 0 { negativeInfinities += 1 } else { positiveInfinities += 1 }
            return
        }
        let (tier, deviation) = anchors.grid.farDeviation(of: value)
        far[FarCell(tier: tier, cell: cell), default: PowerSums()].add(deviation)
        addShape(value)
    }

    @inline(__always)
    private mutating func addShape(_ value: Double) {
        if value < extremes.least || value > extremes.greatest { widen(value) }
        quantiles.add(value)
        distinct.add(hash: ItemHash.of(value))
    }

    mutating func widen(_ value: Double) {
        // Adding 0 makes one zero of both.
        extremes.least = min(extremes.least, value + 0)
        extremes.greatest = max(extremes.greatest, value + 0)
    }

    /// Adds the rows of another profile with the same anchors.
    package mutating func merge(_ other: NumericProfile) {
        precondition(anchors == other.anchors, "profiles with different anchors cannot be merged")
        for cell in counts.indices {
            counts[cell] += other.counts[cell]
            cellSums[cell] &+= other.cellSums[cell]
        }
        near.merge(other.near)
        for (cell, sums) in other.far { far[cell, default: PowerSums()].merge(sums) }
        notANumber += other.notANumber
        negativeInfinities += other.negativeInfinities
        positiveInfinities += other.positiveInfinities
        extremes.least = min(extremes.least, other.extremes.least)
        extremes.greatest = max(extremes.greatest, other.extremes.greatest)
        quantiles.merge(other.quantiles)
        distinct.merge(other.distinct)
    }

    package static func == (a: NumericProfile, b: NumericProfile) -> Bool {
        a.anchors == b.anchors && a.counts == b.counts && a.cellSums == b.cellSums && a.near == b.near
            && a.far == b.far && a.notANumber == b.notANumber && a.negativeInfinities == b.negativeInfinities
            && a.positiveInfinities == b.positiveInfinities && a.extremes == b.extremes
            && a.quantiles == b.quantiles && a.distinct == b.distinct
    }
}
