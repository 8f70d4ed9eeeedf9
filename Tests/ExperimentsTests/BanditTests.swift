import Experiments
import TestSupport
import Testing

@Suite struct BanditTests {
    static let means = [0.05, 0.10, 0.15]

    /// What 4000 requests would have earned at best less what they earned, on average over seeds.
    private func regret(_ spec: BanditSpec, delay: Int = 0) -> Double {
        var total = 0.0
        for seed in 0..<4 {
            var numbers = SeededNumbers(seed: UInt64(seed))
            var bandit = Bandit(spec, arms: [BanditArm("a"), BanditArm("b"), BanditArm("c")])
            var waiting: [(arm: String, reward: Double)] = []
            for request in 0..<4000 {
                let choice = bandit.choose(using: &numbers)
                let index = ["a", "b", "c"].firstIndex(of: choice.arm) ?? 0
                bandit.tried(choice.arm)
                total += 0.15 - Self.means[index]
                waiting.append((choice.arm, numbers.uniform() < Self.means[index] ? 1 : 0))
                if waiting.count > delay {
                    let (arm, reward) = waiting.removeFirst()
                    bandit.rewarded(arm, reward)
                }
                if request.isMultiple(of: 100) { bandit.refresh(draws: 200, using: &numbers) }
            }
        }
        return total / 4
    }

    @Test func everyMethodEarnsMoreThanChance() {
        let uniform = 4000 * 0.05
        #expect(regret(BanditSpec(method: .epsilonGreedy)) < uniform * 0.6)
        #expect(regret(BanditSpec(method: .thompson)) < uniform * 0.5)
        #expect(regret(BanditSpec(method: .thompson, reward: .gaussian)) < uniform * 0.6)
        #expect(regret(BanditSpec(method: .ucb)) < uniform * 0.9)
    }

    @Test func rewardsThatComeLateDoNoHarm() {
        #expect(regret(BanditSpec(method: .thompson), delay: 300) < 4000 * 0.05 * 0.6)
    }

    @Test func epsilonGreedyExploresWithEpsilonExactly() {
        let bandit = Bandit(
            BanditSpec(method: .epsilonGreedy, epsilon: 0.2),
            arms: [
                BanditArm("a", tries: 10, rewardCount: 10, sum: 9), BanditArm("b", tries: 10),
                BanditArm("c", tries: 10),
            ])
        #expect(bandit.probabilities == [0.8, 0.1, 0.1])
    }

    @Test func armsThatAreEquallyGoodShareAlike() {
        let bandit = Bandit(
            BanditSpec(method: .epsilonGreedy, epsilon: 0.2),
            arms: [BanditArm("a", tries: 10), BanditArm("b", tries: 10), BanditArm("c", tries: 10)])
        #expect(bandit.probabilities.allSatisfy { abs($0 - 1.0 / 3) < 1e-15 })
    }

    @Test(arguments: BanditSpec.Method.allCases)
    func propensitiesAreTheFrequenciesOfChoices(method: BanditSpec.Method) {
        var numbers = SeededNumbers(seed: 7)
        var bandit = Bandit(
            BanditSpec(method: method, floor: 0.02),
            arms: [
                BanditArm("a", tries: 50, rewardCount: 10, sum: 10, sumOfSquares: 10),
                BanditArm("b", tries: 50, rewardCount: 12, sum: 12, sumOfSquares: 12),
                BanditArm("c", tries: 50, rewardCount: 4, sum: 4, sumOfSquares: 4),
            ])
        bandit.refresh(draws: 2000, using: &numbers)
        #expect(abs(bandit.probabilities.reduce(0, +) - 1) < 1e-12)
        #expect(bandit.probabilities.allSatisfy { $0 >= 0.02 })
        var counts: [String: Int] = [:]
        for _ in 0..<20_000 {
            let choice = bandit.choose(using: &numbers)
            counts[choice.arm, default: 0] += 1
            #expect(choice.propensity == bandit.probability(of: choice.arm))
        }
        for (arm, count) in counts {
            let probability = bandit.probability(of: arm)
            let deviation = (probability * (1 - probability) / 20_000).squareRoot()
            #expect(abs(Double(count) / 20_000 - probability) < 4 * deviation)
        }
    }

    /// Beta(11, 41) against Beta(13, 39): 0.3181 by numerical integration.
    @Test func thompsonSamplingKnowsTheChanceOfBeingBest() {
        var numbers = SeededNumbers(seed: 8)
        var bandit = Bandit(
            BanditSpec(method: .thompson, floor: 0),
            arms: [BanditArm("a", tries: 50, sum: 10), BanditArm("b", tries: 50, sum: 12)])
        bandit.refresh(draws: 20_000, using: &numbers)
        #expect(abs(bandit.probability(of: "a") - 0.3181) < 0.0135)
    }

    @Test func aTryInFlightLowersTheHopeInAnArm() {
        var bandit = Bandit(BanditSpec(method: .ucb), arms: [BanditArm("a"), BanditArm("b")])
        bandit.tried("a")
        #expect(bandit.probability(of: "b") == 0.99)
        bandit.tried("b")
        bandit.rewarded("a", 1)
        #expect(bandit.probability(of: "a") == 0.99)
    }
}
