/// What labelled lists add up to, at several lengths of the list. Mergeable.
package struct RankingTally: Sendable, Equatable {
    /// How many of the first places may count.
    package static let lengths = [1, 3, 5, 10, 20, 50]

    package enum Measure: Int, Sendable, CaseIterable {
        case gain, exponentialGain, hitRate, reciprocalRank, averagePrecision
    }

    /// By length and measure.
    package var sums = [LossSum](repeating: LossSum(), count: Self.lengths.count * Measure.allCases.count)

    package init() {}

    /// Adds a list.
    /// - Parameter level: from which relevance an item counts as relevant, for those measures that know no degrees.
    package mutating func add(_ list: RankedList, level: Double, weight: Double = 1) {
        for (place, k) in Self.lengths.enumerated() {
            let values = [
                list.normalizedGain(k), list.normalizedGain(k, .exponential), list.isHit(k, level: level) ? 1 : 0,
                list.reciprocalRank(k, level: level), list.averagePrecision(k, level: level),
            ]
            for (measure, value) in values.enumerated() {
                sums[place * Measure.allCases.count + measure].add(value, weight: weight)
            }
        }
    }

    package mutating func merge(_ other: RankingTally) {
        for index in sums.indices { sums[index].merge(other.sums[index]) }
    }

    /// The mean over lists; nil without lists, or for a length that is not counted.
    package func estimate(_ measure: Measure, _ k: Int) -> MetricEstimate? {
        guard let place = Self.lengths.firstIndex(of: k) else { return nil }
        return sums[place * Measure.allCases.count + measure.rawValue].estimate
    }
}
