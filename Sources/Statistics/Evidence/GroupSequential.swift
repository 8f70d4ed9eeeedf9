#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How much of α may be spent by the time that a share of the planned units was seen: Lan & DeMets (Biometrika 70, 1983).
///
/// For tests that are looked at a few times, planned beforehand.
package enum AlphaSpending {
    /// Close to O'Brien and Fleming's boundaries: 2 − 2 Φ(z_{α/2} / √t), hardly anything early.
    package static func lateSpending(alpha: Double, share: Double) -> Double {
        guard share > 0 else { return 0 }
        let z = NormalDistribution.quantile(1 - alpha / 2)
        return 2 * NormalDistribution.upperTail(z / min(1, share).squareRoot())
    }

    /// Close to Pocock's constant boundary: α ln(1 + (e − 1) t).
    package static func evenSpending(alpha: Double, share: Double) -> Double {
        alpha * log1p((M_E - 1) * max(0, min(1, share)))
    }
}
