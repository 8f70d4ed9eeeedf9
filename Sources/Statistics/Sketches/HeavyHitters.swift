/// The commonest names of a stream in bounded space: Misra and Gries' summary, merged as by Agarwal et al. (Mergeable
/// Summaries, PODS 2012).
///
/// While no more than `limit` different names came, all counts are exact and merging gives exactly what one pass would.
/// After that a kept count is at most the true one and falls short of it by at most total / (`guaranteed` + 1); every name
/// commoner than that is kept; which of the rarer ones are kept depends on the order.
package struct HeavyHitters: Sendable, Equatable {
    /// So many names are kept at most.
    package static let limit = 256
    /// To so many the names are cut down when they are too many, so that most additions cut nothing.
    package static let guaranteed = 128
    /// Longer names are cut to this many characters.
    package static let nameLength = 128

    package private(set) var counts: [String: Int]

    package init(counts: [String: Int] = [:]) {
        self.counts = counts
        shrink()
    }

    package mutating func add(_ name: String, count: Int = 1) {
        let isLong = name.utf8.count > Self.nameLength && name.count > Self.nameLength
        counts[isLong ? String(name.prefix(Self.nameLength)) : name, default: 0] += count
        shrink()
    }

    package mutating func merge(_ other: HeavyHitters) {
        counts.merge(other.counts, uniquingKeysWith: +)
        shrink()
    }

    /// The commonest first; of equally common ones the first by name.
    package func commonest(_ limit: Int) -> [(name: String, count: Int)] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit).map { ($0.key, $0.value) }
    }

    private mutating func shrink() {
        guard counts.count > Self.limit else { return }
        let excess = counts.values.sorted(by: >)[Self.guaranteed]
        counts = counts.compactMapValues { $0 > excess ? $0 - excess : nil }
    }
}
