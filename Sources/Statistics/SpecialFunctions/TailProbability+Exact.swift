extension TailProbability {
    /// The probability of `successes` or more in `trials` with the same chance each: I_p(k, n − k + 1).
    package static func binomialUpper(_ successes: Int, of trials: Int, chance: Double) -> Double {
        guard successes > 0 else { return 1 }
        guard successes <= trials else { return 0 }
        return IncompleteBeta.regularized(chance, Double(successes), Double(trials - successes + 1))
    }

    /// The probability of `count` or fewer events where `expected` are expected (Poisson): Q(k + 1, λ).
    package static func poissonLower(_ count: Int, expected: Double) -> Double {
        guard count >= 0 else { return 0 }
        return expected > 0 ? IncompleteGamma.upper(Double(count + 1), expected) : 1
    }

    /// The probability of `count` or more events where `expected` are expected (Poisson): P(k, λ).
    package static func poissonUpper(_ count: Int, expected: Double) -> Double {
        guard count > 0 else { return 1 }
        return expected > 0 ? IncompleteGamma.lower(Double(count), expected) : 0
    }
}
