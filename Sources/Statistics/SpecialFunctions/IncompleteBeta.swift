#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The regularised incomplete beta function I_x(a, b) and its inverse.
package enum IncompleteBeta {
    /// I_x(a, b) for a, b > 0 and x in 0...1: the continued fraction of Abramowitz & Stegun 26.5.8 by Lentz's method, on
    /// the side where it converges fast (x < (a + 1) / (a + b + 2)), and 1 − I_{1−x}(b, a) on the other.
    package static func regularized(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard !x.isNaN else { return .nan }
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let isDirect = x < (a + 1) / (a + b + 2)
        return isDirect ? fraction(x, a, b) : 1 - fraction(1 - x, b, a)
    }

    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let logFactor = a * log(x) + b * log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)
        var value = LentzFraction(first: 1)
        for step in 1...100_000 {
            let m = Double(step / 2)
            let numerator: Double
            if step.isMultiple(of: 2) {
                numerator = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            } else {
                numerator = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            }
            if abs(value.append(numerator: numerator, denominator: 1) - 1) < 1e-16 { break }
        }
        return exp(logFactor) / (a * value.value)
    }

    /// The x with I_x(a, b) = p, the quantile of the beta distribution: by Newton's method, and by bisection where that would
    /// leave what is known to hold the root.
    package static func inverse(_ p: Double, _ a: Double, _ b: Double) -> Double {
        let logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)
        var low = 0.0
        var high = 1.0
        var x = a / (a + b)
        while true {
            let excess = regularized(x, a, b) - p
            if excess < 0 { low = x } else { high = x }
            let density = exp((a - 1) * log(x) + (b - 1) * log1p(-x) - logBeta)
            var next = x - excess / density
            if !(next > low && next < high) { next = low + (high - low) / 2 }
            guard next > low, next < high, abs(next - x) > 2 * x.ulp else { return next }
            x = next
        }
    }
}
