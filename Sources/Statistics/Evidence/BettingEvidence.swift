#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Evidence against the claim that a bounded quantity is zero or less on average, good at any look.
///
/// A fixed set of gamblers bets on each observation at odds that are fair if the claim holds: one who stakes the share s of
/// its capital has 1 + s·g times as much after a gain g ≥ −1. The mean capital is then a test supermartingale, so that the
/// chance of it ever reaching 1/α is at most α (Ville), whatever the law of the gains, without any normal approximation
/// (Waudby-Smith & Ramdas, J. R. Stat. Soc. B 86, 2024). The stakes are fixed, not fitted, so the capitals after any number
/// of observations are a sum over them: the evidence of two servers, or of two steps of a rollout, is added.
package struct BettingEvidence: Sendable, Hashable {
    /// Each half the one before. One of them is near the best stake for any effect from tiny to overwhelming; the price
    /// of not knowing which is at most ln 12 in the exponent.
    package static let stakes = (0..<12).map { 0.95 / pow(2, Double($0)) }

    /// The logarithm of each gambler's capital; all start at 0.
    package private(set) var logCapitals: [Double]

    package init() {
        logCapitals = Array(repeating: 0, count: Self.stakes.count)
    }

    /// Evidence as it was written down; nil unless there is one finite capital for each stake.
    package init?(logCapitals: [Double]) {
        guard logCapitals.count == Self.stakes.count, logCapitals.allSatisfy(\.isFinite) else { return nil }
        self.logCapitals = logCapitals
    }

    /// Adds a gain of at least −1 that is 0 or less on average if the claim holds.
    package mutating func add(_ gain: Double, times count: Int = 1) {
        // Most blocks of two good models: nobody wins.
        guard gain != 0 else { return }
        for (index, stake) in Self.stakes.enumerated() {
            logCapitals[index] += Double(count) * log1p(stake * gain)
        }
    }

    /// Adds what was seen elsewhere or earlier, of other observations.
    package mutating func add(_ other: BettingEvidence) {
        for index in logCapitals.indices { logCapitals[index] += other.logCapitals[index] }
    }

    /// The logarithm of the mean capital: the claim is refuted at level α once this is at least −ln α.
    package var logEvidence: Double {
        let largest = logCapitals.max() ?? 0
        let sum = logCapitals.reduce(0) { $0 + exp($1 - largest) }
        return largest + log(sum / Double(logCapitals.count))
    }

    /// Evidence against "a share of at most `bound` has the property", after `count` of `total` had it.
    ///
    /// Exact for any number of observations, the first ones included: the gain of one with the property is
    /// (1 − bound) / bound, that of one without is −1.
    package static func share(above bound: Double, count: Int, of total: Int) -> BettingEvidence {
        var evidence = BettingEvidence()
        evidence.add((1 - bound) / bound, times: count)
        evidence.add(-1, times: total - count)
        return evidence
    }
}
