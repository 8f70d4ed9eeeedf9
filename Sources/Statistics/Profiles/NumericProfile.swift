/// What is kept of the numbers of one column over some rows: counts and sums by anchored cell, moments and extremes.
package struct NumericProfile: Sendable, Equatable {
    package let anchors: NumericAnchors
    /// Numbers in each cell; infinities are in the outer cells.
    package private(set) var counts: [Int]
    /// Sum of the finite numbers in each cell.
    package private(set) var sums: [Double]
    package private(set) var notANumber: Int
    package private(set) var negativeInfinities: Int
    package private(set) var positiveInfinities: Int
    /// Of the finite numbers.
    package private(set) var moments: Moments
    /// The least finite number; nil when there is none.
    package private(set) var minimum: Double?
    package private(set) var maximum: Double?

    /// The profile of no rows.
    package init(anchors: NumericAnchors) {
        self.init(
            anchors: anchors, counts: Array(repeating: 0, count: anchors.cellCount),
            sums: Array(repeating: 0, count: anchors.cellCount), notANumber: 0, negativeInfinities: 0,
            positiveInfinities: 0, moments: Moments(), minimum: nil, maximum: nil)
    }

    /// A profile as it was stored; `counts` and `sums` have a value for each cell of `anchors`.
    package init(
        anchors: NumericAnchors, counts: [Int], sums: [Double], notANumber: Int, negativeInfinities: Int,
        positiveInfinities: Int, moments: Moments, minimum: Double?, maximum: Double?
    ) {
        self.anchors = anchors
        self.counts = counts
        self.sums = sums
        self.notANumber = notANumber
        self.negativeInfinities = negativeInfinities
        self.positiveInfinities = positiveInfinities
        self.moments = moments
        self.minimum = minimum
        self.maximum = maximum
    }

    package mutating func add(_ value: Double) {
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
        sums[cell] += value
        moments.add(value)
        minimum = min(minimum ?? value, value)
        maximum = max(maximum ?? value, value)
    }

    /// Adds the rows of another profile with the same anchors.
    package mutating func merge(_ other: NumericProfile) {
        precondition(anchors == other.anchors, "profiles with different anchors cannot be merged")
        for cell in counts.indices {
            counts[cell] += other.counts[cell]
            sums[cell] += other.sums[cell]
        }
        notANumber += other.notANumber
        negativeInfinities += other.negativeInfinities
        positiveInfinities += other.positiveInfinities
        moments.merge(other.moments)
        minimum = [minimum, other.minimum].compactMap(\.self).min()
        maximum = [maximum, other.maximum].compactMap(\.self).max()
    }

    /// How many numbers, infinities included and NaN left out.
    package var total: Int { counts.reduce(0, +) }
}
