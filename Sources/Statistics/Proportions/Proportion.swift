#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// `successes` out of `trials`.
package struct Proportion: Sendable, Equatable {
    package let successes: Int
    package let trials: Int

    package init(_ successes: Int, of trials: Int) {
        self.successes = successes
        self.trials = trials
    }

    package var share: Double { trials > 0 ? Double(successes) / Double(trials) : .nan }

    /// How an interval around a share is made.
    package enum IntervalMethod: Sendable {
        case wilson, agrestiCoull, normal
        /// Exact (Clopper & Pearson): never covers less than it says.
        case exact
        /// Bayesian with Jeffreys' prior, Beta(½, ½).
        case jeffreys
    }

    /// The two-sided interval with error probability `alpha`.
    package func interval(_ method: IntervalMethod = .wilson, alpha: Double = 0.05) -> ClosedRange<Double> {
        let z = NormalDistribution.quantile(1 - alpha / 2)
        let n = Double(trials)
        switch method {
        case .wilson:
            let center = (share + z * z / (2 * n)) / (1 + z * z / n)
            let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
            return Self.around(center, half)
        case .agrestiCoull:
            let center = (Double(successes) + z * z / 2) / (n + z * z)
            return Self.around(center, z * (center * (1 - center) / (n + z * z)).squareRoot())
        case .normal:
            return Self.around(share, z * (share * (1 - share) / n).squareRoot())
        case .exact:
            let low = successes == 0 ? 0 : beta(alpha / 2, 0, 1)
            let high = successes == trials ? 1 : beta(1 - alpha / 2, 1, 0)
            return low...high
        case .jeffreys:
            return beta(alpha / 2, 0.5, 0.5)...beta(1 - alpha / 2, 0.5, 0.5)
        }
    }

    /// The quantile of Beta(successes + a, failures + b).
    private func beta(_ p: Double, _ a: Double, _ b: Double) -> Double {
        IncompleteBeta.inverse(p, Double(successes) + a, Double(trials - successes) + b)
    }

    private static func around(_ center: Double, _ half: Double) -> ClosedRange<Double> {
        max(0, center - half)...min(1, center + half)
    }
}

/// The difference of two shares, second less first.
package struct ProportionDifference: Sendable {
    package let first: Proportion
    package let second: Proportion

    package init(_ first: Proportion, _ second: Proportion) {
        self.first = first
        self.second = second
    }

    package var difference: Double { second.share - first.share }

    /// The statistic of the two-proportion test with pooled variance, first less second.
    package var z: Double {
        let (n, m) = (Double(first.trials), Double(second.trials))
        let pooled = Double(first.successes + second.successes) / (n + m)
        let deviation = (pooled * (1 - pooled) * (1 / n + 1 / m)).squareRoot()
        return deviation > 0 ? -difference / deviation : 0
    }

    /// Two-sided p-value of `z`.
    package var pValue: Double { TailProbability.normalTwoSided(z) }

    /// Newcombe's hybrid-score interval (1998, method 10), made of both Wilson intervals.
    package func newcombeInterval(alpha: Double = 0.05) -> ClosedRange<Double> {
        let (a, b) = (first.interval(alpha: alpha), second.interval(alpha: alpha))
        let down = hypot(second.share - b.lowerBound, a.upperBound - first.share)
        let up = hypot(b.upperBound - second.share, first.share - a.lowerBound)
        return (difference - down)...(difference + up)
    }

    /// The interval with the unpooled normal variance.
    package func waldInterval(alpha: Double = 0.05) -> ClosedRange<Double> {
        let variances = [first, second].map { $0.share * (1 - $0.share) / Double($0.trials) }
        let half = NormalDistribution.quantile(1 - alpha / 2) * (variances[0] + variances[1]).squareRoot()
        return (difference - half)...(difference + half)
    }

    /// The odds of the first over the odds of the second.
    package var oddsRatio: Double {
        let failures = Double(first.trials - first.successes)
        return Double(first.successes) * Double(second.trials - second.successes)
            / (failures * Double(second.successes))
    }

    /// Fisher's exact two-sided p-value: the hypergeometric probability of all tables with the same margins that are no
    /// likelier than this one.
    package var fisherPValue: Double {
        let total = first.successes + second.successes
        let low = max(0, total - second.trials)
        let high = min(total, first.trials)
        guard high > low else { return 1 }
        let logs = (low...high).map { successes in
            Self.logChoose(first.trials, successes) + Self.logChoose(second.trials, total - successes)
        }
        let own = logs[first.successes - low]
        let scale = Self.logChoose(first.trials + second.trials, total)
        // Tables as likely as this one differ from it by rounding only.
        return min(1, logs.filter { $0 <= own + 1e-9 }.reduce(0) { $0 + exp($1 - scale) })
    }

    private static func logChoose(_ n: Int, _ k: Int) -> Double {
        logGamma(Double(n + 1)) - logGamma(Double(k + 1)) - logGamma(Double(n - k + 1))
    }
}
