#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Evidence that counted events do not fall into their classes in the intended shares, exact at any count and any look.
///
/// The e-value of Lindon & Malek ("Anytime-valid inference for multinomial count data", NeurIPS 2022): the likelihood
/// under a Dirichlet prior on the shares against that under the intended ones. With two classes it is the Beta-binomial
/// test of whether bad events fall into the canary more often than requests do; with the numbers of units per arm it is the
/// sequential test of the sample ratio.
package struct CountEvidence: Sendable, Hashable {
    /// The logarithm of the e-value; shares as intended are refuted at level α once this reaches −ln α.
    package let logEvidence: Double

    /// - Parameters:
    ///   - counts: events per class.
    ///   - shares: the intended shares, positive, adding up to 1.
    ///   - concentration: of the prior, which is centred on the intended shares: the larger, the smaller the deviations that it
    ///     looks for. By default a prior that is worth one event per class.
    package init(_ counts: [Int], shares: [Double], concentration: Double? = nil) {
        let weight = concentration ?? Double(counts.count)
        let total = counts.reduce(0, +)
        var value = logGamma(weight) - logGamma(weight + Double(total))
        for (count, share) in zip(counts, shares) {
            let prior = weight * share
            value += logGamma(prior + Double(count)) - logGamma(prior) - Double(count) * log(share)
        }
        logEvidence = value
    }

    /// p at any look: the chance that evidence this strong is ever seen when the shares are as intended is at most this.
    package var pValue: Double { min(1, exp(-logEvidence)) }
}

/// The check that units fell into the arms in the intended shares: when they did not, something loses units of one arm, and
/// no effect can be believed.
package enum SampleRatio {
    /// Below this p a mismatch is an alarm: GrowthBook's and Eppo's threshold.
    package static let alarm = 0.001

    /// Pearson's chi-squared test of counts against intended shares; 1 when nothing was counted.
    package static func pValue(_ counts: [Int], shares: [Double]) -> Double {
        pValue(periods: [(counts, shares)])
    }

    /// The same over periods with shares of their own: statistics and degrees of freedom add up. An arm without a share does
    /// not count in its period.
    package static func pValue(periods: [(counts: [Int], shares: [Double])]) -> Double {
        var statistic = 0.0
        var freedom = 0
        for (counts, shares) in periods {
            let cells = zip(counts, shares).filter { $0.1 > 0 }
            let total = Double(cells.reduce(0) { $0 + $1.0 })
            let whole = cells.reduce(0) { $0 + $1.1 }
            guard total > 0, cells.count > 1 else { continue }
            for (count, share) in cells {
                let expected = total * share / whole
                statistic += (Double(count) - expected) * (Double(count) - expected) / expected
            }
            freedom += cells.count - 1
        }
        return freedom > 0 ? TailProbability.chiSquared(statistic, degreesOfFreedom: Double(freedom)) : 1
    }
}
