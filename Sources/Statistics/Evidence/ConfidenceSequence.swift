#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Half-widths of intervals around an estimated effect that hold at all looks together, and their p-values.
///
/// All take the standard error of the effect and the number of units that it was estimated from. They rest on a normal
/// approximation that gets better with that number; `BettingEvidence` and `CountEvidence` need none.
package enum ConfidenceSequence {
    /// GrowthBook's two-sided sequence (Waudby-Smith et al., arXiv 2103.06476, theorem 2.2), narrowest at `tuning` units.
    package static func asymptotic(
        standardError: Double, units: Int, alpha: Double, tuning: Double = 5000
    ) -> Double {
        let n = Double(units)
        let rho2 = asymptoticRho2(alpha: alpha, tuning: tuning)
        let mixed = n * rho2 + 1
        let factor = 2 * mixed / (n * n * rho2) * log(mixed.squareRoot() / alpha)
        return standardError * (n * factor).squareRoot()
    }

    /// The p-value at any look that belongs to `asymptotic`: the α at which the interval would just touch zero, with the
    /// sequence tuned for `alpha`.
    package static func asymptoticPValue(
        effect: Double, standardError: Double, units: Int, alpha: Double, tuning: Double = 5000
    ) -> Double {
        let n = Double(units)
        let rho2 = asymptoticRho2(alpha: alpha, tuning: tuning)
        let mixed = n * rho2 + 1
        let z = effect / standardError
        return min(1, mixed.squareRoot() * exp(-rho2 * n * z * z / (2 * mixed)))
    }

    /// GrowthBook's one-sided bound, for guardrails; `alpha` below 0.5.
    package static func asymptoticOneSided(
        standardError: Double, units: Int, alpha: Double, tuning: Double = 5000
    ) -> Double {
        let n = Double(units)
        let rho2 = asymptoticRho2(alpha: 2 * alpha, tuning: tuning)
        let mixed = n * rho2 + 1
        let factor = 2 * mixed / (n * n * rho2) * log1p(mixed.squareRoot() / (2 * alpha))
        return standardError * (n * factor).squareRoot()
    }

    private static func asymptoticRho2(alpha: Double, tuning: Double) -> Double {
        (-2 * log(alpha) + log(1 - 2 * log(alpha))) / tuning
    }

    /// Eppo's sequence: Howard, Ramdas, McAuliffe & Sekhon (Annals of Statistics 49, 2021), equation 14.
    package static func normalMixture(
        standardError: Double, units: Int, alpha: Double, tuning: Double = 10_000
    ) -> Double {
        let t = Double(units)
        let rho = tuning / (log(1 - 2 * log(alpha)) - 2 * log(alpha))
        return standardError * ((t + rho) / t * log((t + rho) / (rho * alpha * alpha))).squareRoot()
    }

    /// The mixture sequential probability ratio test of Johari et al. (Operations Research 70, 2022) with a normal mixture of
    /// deviation `tau`, best near the size of the effect that is hoped for.
    package static func sequentialRatio(standardError: Double, tau: Double, alpha: Double) -> Double {
        let variance = standardError * standardError
        let mixed = variance + tau * tau
        let logs = log(mixed / variance) - 2 * log(alpha)
        return (variance * mixed / (tau * tau) * logs).squareRoot()
    }

    /// The inverse of the likelihood ratio that belongs to `sequentialRatio`; the smallest of all looks is valid too.
    package static func sequentialRatioPValue(effect: Double, standardError: Double, tau: Double) -> Double {
        let variance = standardError * standardError
        let mixed = variance + tau * tau
        let logRatio = tau * tau * effect * effect / (2 * variance * mixed) + log(variance / mixed) / 2
        return min(1, exp(-logRatio))
    }
}
