package import Wire

/// What an arm was tried for and earned.
package struct BanditArm: Sendable, Hashable {
    package let name: String
    /// Requests that it answered. Those whose reward has not come yet are among them, and count as 0 until it does:
    /// otherwise the arm that was tried last would look better than it is, and be tried too often.
    package var tries: Int
    /// How many rewards came.
    package var rewardCount: Int
    package var sum: Double
    package var sumOfSquares: Double

    package init(_ name: String, tries: Int = 0, rewardCount: Int = 0, sum: Double = 0, sumOfSquares: Double = 0) {
        self.name = name
        self.tries = tries
        self.rewardCount = rewardCount
        self.sum = sum
        self.sumOfSquares = sumOfSquares
    }

    /// What a try earned on average; 0 before the first.
    package var mean: Double { tries > 0 ? sum / Double(tries) : 0 }

    /// Σ (reward − mean)² over the tries.
    var spread: Double { max(0, sumOfSquares - sum * mean) }

    package static func += (arm: inout BanditArm, other: BanditArm) {
        arm.tries += other.tries
        arm.rewardCount += other.rewardCount
        arm.sum += other.sum
        arm.sumOfSquares += other.sumOfSquares
    }
}

/// The arm that was chosen, and the probability with which it was.
package struct BanditChoice: Sendable, Hashable {
    package let arm: String
    package let propensity: Double
}

/// Deals requests to arms by what the arms have earned so far.
///
/// Every method is a table of probabilities, from which `choose` draws: the propensity of a choice is exact by
/// construction. Epsilon-greedy tries the best with 1 − ε and the others with ε in equal parts, arms that are equally good
/// sharing what the best gets. UCB1 has one best arm, Thompson sampling an arm's probability of being the best, from
/// `thompsonDraws` draws of all posteriors; both are lifted to the floor: f + (1 − K f) w.
package struct Bandit: Sendable, Hashable {
    /// Draws for Thompson sampling's probabilities, as GrowthBook takes: they are off by 0.005 at most (one deviation).
    package static let thompsonDraws = 10_000

    package let spec: BanditSpec
    package private(set) var arms: [BanditArm]
    /// The probability of each arm, in the order of `arms`; all alike at first.
    package private(set) var probabilities: [Double]

    /// - Parameter arms: at least one, with different names.
    package init(_ spec: BanditSpec, arms: [BanditArm]) {
        self.spec = spec
        self.arms = arms
        probabilities = Array(repeating: 1 / Double(arms.count), count: arms.count)
        if spec.method != .thompson { probabilities = quickProbabilities() }
    }

    /// Draws an arm.
    package func choose(using generator: inout some RandomNumberGenerator) -> BanditChoice {
        var rest = Double.random(in: 0..<1, using: &generator)
        for (arm, probability) in zip(arms, probabilities) {
            if rest < probability { return BanditChoice(arm: arm.name, propensity: probability) }
            rest -= probability
        }
        // What rounding left over belongs to the most probable.
        let index = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
        return BanditChoice(arm: arms[index].name, propensity: probabilities[index])
    }

    /// The probability with which `arm` is chosen now; 0 for an arm that there is not.
    package func probability(of arm: String) -> Double {
        arms.firstIndex { $0.name == arm }.map { probabilities[$0] } ?? 0
    }

    /// Counts a try of `arm`, in flight until its reward comes.
    package mutating func tried(_ arm: String) {
        guard let index = arms.firstIndex(where: { $0.name == arm }) else { return }
        arms[index].tries += 1
        if spec.method != .thompson { probabilities = quickProbabilities() }
    }

    /// Adds the reward of an earlier try; a binary one is cut to 0...1. Thompson sampling hears of it at the next `refresh`.
    package mutating func rewarded(_ arm: String, _ reward: Double) {
        guard reward.isFinite, let index = arms.firstIndex(where: { $0.name == arm }) else { return }
        let value = spec.reward == .binary ? max(0, min(1, reward)) : reward
        arms[index] += BanditArm(arm, rewardCount: 1, sum: value, sumOfSquares: value * value)
        if spec.method != .thompson { probabilities = quickProbabilities() }
    }

    /// Takes what the arms have earned, as the store adds it up over all servers, and computes the probabilities anew. To be
    /// called every few seconds: Thompson sampling's draws take some milliseconds. Arms keep their order; one that is not
    /// among `earned` has earned nothing.
    package mutating func refresh(
        with earned: [BanditArm]? = nil, draws: Int = thompsonDraws, using generator: inout some RandomNumberGenerator
    ) {
        if let earned {
            let byName = Dictionary(earned.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            arms = arms.map { byName[$0.name] ?? BanditArm($0.name) }
        }
        guard spec.method == .thompson else {
            probabilities = quickProbabilities()
            return
        }
        let chances = ThompsonSampling.chancesOfBeingBest(
            arms, reward: spec.reward, draws: draws, using: &generator)
        probabilities = lifted(chances)
    }

    private func quickProbabilities() -> [Double] {
        let best = spec.method == .ucb ? UCB.best(of: arms) : EpsilonGreedy.best(of: arms)
        switch spec.method {
        case .epsilonGreedy: return EpsilonGreedy.probabilities(best: best, of: arms.count, epsilon: spec.epsilon)
        case .ucb, .thompson:
            return lifted(arms.indices.map { best.contains($0) ? 1 / Double(best.count) : 0 })
        }
    }

    /// Every arm gets the floor, and its part of what is left.
    private func lifted(_ chances: [Double]) -> [Double] {
        let floor = min(spec.floor, 1 / Double(arms.count))
        return chances.map { floor + (1 - Double(arms.count) * floor) * $0 }
    }
}

extension Bandit: JSONRepresentable {
    package var json: JSON {
        [
            "method": .string(spec.method.rawValue), "metric": .string(spec.metric),
            "arms": .array(
                zip(arms, probabilities).map { arm, probability in
                    let members = (arm.json.memberList ?? []).map { ($0.key, $0.value) }
                    return .members(members + [("probability", .double(probability))])
                }),
        ]
    }
}

extension BanditArm: JSONRepresentable {
    package var json: JSON {
        [
            "variant": .string(name), "tries": .integer(Int64(tries)), "rewards": .integer(Int64(rewardCount)),
            "mean": .double(mean),
        ]
    }
}
