#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The modified Bessel function of the second kind.
package enum BesselFunction {
    /// e^x K_ν(x) for x > 0, scaled so that it neither vanishes nor overflows: ∫ e^(−x (cosh t − 1)) cosh(νt) dt over t > 0
    /// (Abramowitz & Stegun 9.6.24) by the trapezoidal rule, whose error falls faster than any power of the step here.
    package static func scaledSecondKind(_ order: Double, _ x: Double) -> Double {
        let step = 0.2 / max(1, x.squareRoot())
        var sum = 0.5
        var t = step
        while true {
            let half = sinh(t / 2)
            let term = exp(-2 * x * half * half) * cosh(order * t)
            sum += term
            guard term > sum * 1e-18 else { return sum * step }
            t += step
        }
    }
}
