#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The regularised incomplete gamma functions, P(a, x) = γ(a, x) / Γ(a) and Q = 1 − P.
///
/// The power series (Abramowitz & Stegun 6.5.29) below `a + 1`, the continued fraction (6.5.31) by Lentz's method above
/// it, so that whichever of P and Q is small is computed directly and keeps its relative precision.
package enum IncompleteGamma {
    /// P(a, x) for a > 0, x ≥ 0.
    package static func lower(_ a: Double, _ x: Double) -> Double {
        guard !x.isNaN else { return .nan }
        guard x > 0 else { return 0 }
        return x < a + 1 ? series(a, x) : 1 - fraction(a, x)
    }

    /// Q(a, x) for a > 0, x ≥ 0.
    package static func upper(_ a: Double, _ x: Double) -> Double {
        guard !x.isNaN else { return .nan }
        guard x > 0 else { return 1 }
        guard x < .infinity else { return 0 }
        return x < a + 1 ? 1 - series(a, x) : fraction(a, x)
    }

    /// x^a e^−x / Γ(a), the factor of both expansions.
    private static func factor(_ a: Double, _ x: Double) -> Double {
        exp(a * log(x) - x - logGamma(a))
    }

    private static func series(_ a: Double, _ x: Double) -> Double {
        var term = 1 / a
        var sum = term
        var denominator = a
        while abs(term) > abs(sum) * 1e-17 {
            denominator += 1
            term *= x / denominator
            sum += term
        }
        return sum * factor(a, x)
    }

    private static func fraction(_ a: Double, _ x: Double) -> Double {
        var b = x + 1 - a
        var value = LentzFraction(first: b)
        for step in 1...10_000 {
            let i = Double(step)
            b += 2
            let change = value.append(numerator: i * (a - i), denominator: b)
            if abs(change - 1) < 1e-16 { break }
        }
        return factor(a, x) / value.value
    }
}

/// ln |Γ(x)|, reentrant.
package func logGamma(_ x: Double) -> Double {
    #if canImport(Darwin)
        return lgamma(x)
    #else
        var sign: Int32 = 0
        return lgamma_r(x, &sign)
    #endif
}

/// A continued fraction b₀ + a₁/(b₁ + a₂/(b₂ + …)) evaluated forwards by the modified Lentz method (Thompson & Barnett 1986).
struct LentzFraction {
    private(set) var value: Double
    private var c: Double
    private var d = 0.0
    private static let tiny = 1e-300

    init(first: Double) {
        value = first == 0 ? Self.tiny : first
        c = value
    }

    /// Adds aᵢ and bᵢ; the answer is the factor by which the value changed, 1 once it has converged.
    mutating func append(numerator: Double, denominator: Double) -> Double {
        d = denominator + numerator * d
        if d == 0 { d = Self.tiny }
        c = denominator + numerator / c
        if c == 0 { c = Self.tiny }
        d = 1 / d
        let change = c * d
        value *= change
        return change
    }
}
