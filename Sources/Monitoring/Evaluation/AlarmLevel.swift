import Statistics

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How sure a test must be, so that a monitor opens no more false alerts a month than it may.
///
/// *Windows.* While nothing changes, a test with the level α is bad in a window with probability α. An alert opens in a window
/// that is bad itself and has at least k − 1 bad ones among the n − 1 before it. All windows are compared with one reference,
/// so a reference that happens to lie off makes all of them a little likelier to be bad: with r reference rows and w rows a
/// window, the statistics of two windows correlate by ρ = w / (w + r). Given the reference's own deviation g, windows are
/// independent and bad with probability
///
///     a(g) = P(|√ρ·g + √(1 − ρ)·e| > z(α)),    g, e standard normal, z(α) = Φ⁻¹(1 − α/2)
///
/// so that T tests in W windows a month open at most
///
///     W · T · E_g[ a(g) · P(Binomial(n − 1, a(g)) ≥ k − 1) ]
///
/// alerts on average, however the tests depend on each other. α is the largest level for which this stays within the limit.
///
/// *Cumulative sum.* z = Φ⁻¹(1 − p) is standard normal while nothing changes. S = max(0, S + z − k) with the allowance
/// k = ½ + √ρ·Φ⁻¹(1 − 0.05/T), which takes in what the reference may lie off, exceeds h once in
/// (e^b − 1 − b) / ½ windows on average, b = h + 1.166 (Siegmund's approximation for an allowance of ½). h is the limit for
/// which that is T·W windows over the false alerts allowed.
package struct AlarmLevel: Sendable, Hashable {
    /// The largest p-value that counts.
    package let pValue: Double
    /// Of the cumulative sum: how much evidence is no evidence, and how much in all is enough.
    package let allowance: Double
    package let limit: Double

    /// The level without a limit on false alerts.
    package static let standard = AlarmLevel(pValue: 0.01, allowance: 0.5, limit: 8)

    /// A window alone is never enough for the cumulative sum, so that one bad import is no lasting change.
    static let largestEvidence = 6.0

    init(pValue: Double, allowance: Double, limit: Double) {
        self.pValue = pValue
        self.allowance = allowance
        self.limit = limit
    }

    /// The level that a budget leaves to each test. It takes thousands of evaluations of the normal distribution, see
    /// `AlarmLevels`.
    package init(_ budget: AlarmBudget) {
        let (perTest, rho) = (budget.openings, budget.correlation)
        let persistence = (windows: budget.windows, of: budget.of)
        // On the logarithm of α; below 1e-12 no table of p-values is right any more.
        var (low, high) = (log(1e-12), log(0.5))
        for _ in 0..<40 {
            let middle = (low + high) / 2
            let rate = Self.openings(level: exp(middle), persistence, correlation: rho)
            if rate > perTest { high = middle } else { low = middle }
        }
        pValue = exp(low)
        let shift = rho.squareRoot() * max(0, -NormalDistribution.quantile(0.05 / Double(budget.tests)))
        allowance = 0.5 + shift
        limit = Self.limit(runLength: 1 / perTest)
    }

    /// How many alerts a test of this level opens in a window on average.
    static func openings(level: Double, _ persistence: (windows: Int, of: Int), correlation rho: Double) -> Double {
        let z = -NormalDistribution.quantile(level / 2)
        guard rho > 0 else { return level * atLeast(persistence.windows - 1, of: persistence.of - 1, level) }
        let (common, own) = (rho.squareRoot(), (1 - rho).squareRoot())
        // E_g by the trapezoidal rule, which is very exact for a smooth integrand that vanishes at both ends.
        let step = 0.25
        var (sum, weights) = (0.0, 0.0)
        for node in -32...32 {
            let g = Double(node) * step
            let bad =
                NormalDistribution.upperTail((z - common * g) / own)
                + NormalDistribution.upperTail((z + common * g) / own)
            let weight = exp(-g * g / 2)
            sum += weight * bad * atLeast(persistence.windows - 1, of: persistence.of - 1, bad)
            weights += weight
        }
        return sum / weights
    }

    /// P(Binomial(trials, p) ≥ count).
    private static func atLeast(_ count: Int, of trials: Int, _ p: Double) -> Double {
        guard count > 0 else { return 1 }
        guard count <= trials, p > 0 else { return 0 }
        guard p < 1 else { return 1 }
        let (n, k) = (Double(trials), Double(count))
        var term = exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p))
        var sum = term
        for successes in count..<trials {
            term *= (n - Double(successes)) / Double(successes + 1) * p / (1 - p)
            sum += term
            if term < sum * 1e-12 { break }
        }
        return min(1, sum)
    }

    /// The h of a one-sided cumulative sum with an allowance of ½ that is exceeded once in `runLength` windows.
    static func limit(runLength: Double) -> Double {
        var b = 1.0
        // (e^b − 1 − b)/½ = runLength, solved for b by b = log(1 + b + runLength/2), which contracts.
        for _ in 0..<60 { b = log(1 + b + runLength / 2) }
        return max(1, b - 1.166)
    }

    /// The cumulative sum after one more window whose p-value is `pValue`.
    package func sum(after former: Double, pValue: Double) -> Double {
        let evidence = min(Self.largestEvidence, -NormalDistribution.quantile(max(pValue, 1e-300)))
        // Beyond twice the limit there is nothing more to say, and a change that ends must be seen to end.
        return min(2 * limit, max(0, former + max(-Self.largestEvidence, evidence) - allowance))
    }
}
