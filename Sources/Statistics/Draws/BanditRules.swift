#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Auer, Cesa-Bianchi & Fischer's UCB1 (Machine Learning 47, 2002), for rewards in 0...1.
package enum UpperConfidenceBound {
    /// mean + √(2 ln t / n) for an arm tried n times of t; infinite for one that was never tried.
    package static func bound(mean: Double, tries: Int, of total: Int) -> Double {
        guard tries > 0 else { return .infinity }
        return mean + (2 * log(Double(max(1, total))) / Double(tries)).squareRoot()
    }
}

/// The value of a policy that was not in force, from logged rewards and the probabilities with which arms were chosen.
///
/// Horvitz & Thompson's inverse propensity weighting, and its self-normalised form (Swaminathan & Joachims, NIPS 2015),
/// whose bias is small and whose variance is smaller.
package struct OffPolicyValue: Sendable, Hashable {
    package private(set) var count = 0
    private var weightedRewards = 0.0
    private var weights = 0.0

    /// Weights are cut here, so that one rare choice does not outweigh all others.
    private let maximumWeight: Double

    package init(maximumWeight: Double = 100) {
        self.maximumWeight = maximumWeight
    }

    /// Adds a choice that was made with `propensity` > 0 and that the policy would have made with `probability`.
    package mutating func add(reward: Double, propensity: Double, probability: Double) {
        let weight = min(maximumWeight, probability / propensity)
        count += 1
        weights += weight
        weightedRewards += weight * reward
    }

    /// Unbiased as long as no weight was cut.
    package var inversePropensity: Double { count > 0 ? weightedRewards / Double(count) : .nan }

    package var selfNormalised: Double { weights > 0 ? weightedRewards / weights : .nan }
}
