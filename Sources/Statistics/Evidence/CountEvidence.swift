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
        let total = Double(counts.reduce(0, +))
        guard total > 0, counts.count > 1 else { return 1 }
        let statistic = zip(counts, shares).reduce(0.0) { sum, cell in
            let expected = total * cell.1
            return sum + (Double(cell.0) - expected) * (Double(cell.0) - expected) / expected
        }
        return TailProbability.chiSquared(statistic, degreesOfFreedom: Double(counts.count - 1))
    }
}
