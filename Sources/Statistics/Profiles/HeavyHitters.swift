/// The commonest names of a stream in bounded space: Misra and Gries' summary, merged as by Agarwal et al. (Mergeable
/// Summaries, PODS 2012).
///
/// A kept count is at most the true one and falls short of it by at most total / (`limit` + 1); every name commoner than
/// that is kept. While no more than `limit` names came, all counts are exact.
package struct HeavyHitters: Sendable, Equatable {
    package static let limit = 32
    /// Longer names are cut to this many characters.
    package static let nameLength = 128

    package private(set) var counts: [String: Int]

    package init(counts: [String: Int] = [:]) {
        self.counts = counts
    }

    package mutating func add(_ name: String) {
        counts[String(name.prefix(Self.nameLength)), default: 0] += 1
        shrink()
    }

    package mutating func merge(_ other: HeavyHitters) {
        counts.merge(other.counts, uniquingKeysWith: +)
        shrink()
    }

    private mutating func shrink() {
        guard counts.count > Self.limit else { return }
        let excess = counts.values.sorted(by: >)[Self.limit]
        counts = counts.compactMapValues { $0 > excess ? $0 - excess : nil }
    }
}
