/// Runs put together by what they have in common, with what their metrics come to.
package struct RunGroups: Sendable {
    /// The runs that have the same values.
    package struct Group: Sendable {
        /// A cell for each column they are put together by.
        package let values: [RunCell]
        package internal(set) var count = 0
        /// Of each metric that is shown.
        package internal(set) var spreads: [Spread]
    }

    package let columns: [RunColumn]
    package let measures: [RunColumn]
    /// The largest first, unless the view sorts by one of the measures.
    package let groups: [Group]
    /// How many runs were looked at, the latest ones.
    package let looked: Int
    /// Whether there are runs beyond those.
    package let isMore: Bool
    /// How many groups there are, of which not all may be here.
    package let groupCount: Int

    /// How many runs are looked at, how many groups are shown, and how many metrics.
    package static let (mostRuns, mostGroups, mostMeasures) = (10_000, 200, 8)
}

/// How numbers lie: without NaN, which is counted nowhere.
package struct Spread: Sendable, Hashable {
    package private(set) var count = 0
    package private(set) var mean = 0.0
    package private(set) var least = Double.infinity
    package private(set) var greatest = -Double.infinity
    private var squares = 0.0

    package init() {}

    /// In one pass (Welford 1962; Knuth, The Art of Computer Programming, volume 2, 4.2.2), so that numbers that lie close
    /// together far from zero keep their deviation.
    package mutating func add(_ value: Double) {
        guard !value.isNaN else { return }
        count += 1
        let difference = value - mean
        mean += difference / Double(count)
        squares += difference * (value - mean)
        least = min(least, value)
        greatest = max(greatest, value)
    }

    /// The standard deviation of a sample (n − 1); nil for fewer than two numbers.
    package var deviation: Double? {
        count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
    }
}
