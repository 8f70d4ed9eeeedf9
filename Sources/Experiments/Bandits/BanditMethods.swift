import Statistics

enum EpsilonGreedy {
    /// The arms with the highest mean. One that was never tried is as good as any: it is tried first.
    static func best(of arms: [BanditArm]) -> Set<Int> {
        let untried = arms.indices.filter { arms[$0].tries == 0 }
        guard untried.isEmpty else { return Set(untried) }
        let highest = arms.map(\.mean).max() ?? 0
        return Set(arms.indices.filter { arms[$0].mean == highest })
    }

    /// One of the best, drawn at random, is the arm to use: it gets 1 − ε, and the others ε in equal parts.
    static func probabilities(best: Set<Int>, of count: Int, epsilon: Double) -> [Double] {
        guard count > 1 else { return [1] }
        let ties = Double(best.count)
        let other = epsilon / Double(count - 1)
        return (0..<count).map { index in
            best.contains(index) ? (1 - epsilon) / ties + (ties - 1) / ties * other : other
        }
    }
}

enum UCB {
    /// The arms with the highest upper bound.
    static func best(of arms: [BanditArm]) -> Set<Int> {
        let total = arms.reduce(0) { $0 + $1.tries }
        let bounds = arms.map { UpperConfidenceBound.bound(mean: $0.mean, tries: $0.tries, of: total) }
        let highest = bounds.max() ?? 0
        return Set(bounds.indices.filter { bounds[$0] == highest })
    }
}

enum ThompsonSampling {
    /// How often each arm has the highest of one draw from each posterior.
    static func chancesOfBeingBest(
        _ arms: [BanditArm], reward: BanditSpec.Reward, draws: Int, using generator: inout some RandomNumberGenerator
    ) -> [Double] {
        let prior = gaussianPrior(of: arms)
        let posteriors = arms.map { prior.updated(count: $0.tries, mean: $0.mean, spread: $0.spread) }
        var wins = [Int](repeating: 0, count: arms.count)
        for _ in 0..<draws {
            var best = 0
            var highest = -Double.infinity
            for (index, arm) in arms.enumerated() {
                let draw: Double
                switch reward {
                case .binary:
                    draw = RandomDraws.beta(1 + arm.sum, 1 + max(0, Double(arm.tries) - arm.sum), using: &generator)
                case .gaussian: draw = posteriors[index].drawnMean(using: &generator)
                }
                if draw > highest { (best, highest) = (index, draw) }
            }
            wins[best] += 1
        }
        return wins.map { Double($0) / Double(draws) }
    }

    /// Worth one try: all arms' rewards together, as if each arm were like any other.
    private static func gaussianPrior(of arms: [BanditArm]) -> NormalInverseGamma {
        var all = BanditArm("")
        for arm in arms { all += arm }
        let variance = all.tries > 1 && all.spread > 0 ? all.spread / Double(all.tries - 1) : 1
        return NormalInverseGamma(mean: all.mean, weight: 1, shape: 1, scale: variance)
    }
}
