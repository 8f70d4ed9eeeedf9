import Experiments
import Foundation
import TestSupport
import Wire

@testable import Serving

/// A rollout in a simulation, by the types that real ones go through: requests are counted by a trial, handed over every
/// ten requests, and judged by the rule.
struct SimulatedRollout {
    var plan: RolloutPlan
    var control = SimulatedModel()
    var candidate = SimulatedModel()
    /// What the error rates of both do, by the number of requests until now.
    var load: (Int) -> Double = { _ in 1 }
    static let requestsBetweenLooks = 10
    static let now = Timestamp(milliseconds: 1_800_000_000_000)

    static func rollout(_ plan: RolloutPlan) -> Rollout {
        Rollout(
            id: 1, endpoint: "clinic", variant: "main", from: "clinic/1", to: "clinic/2", state: .running, plan: plan,
            start: now, stepStart: now, reason: "")
    }

    /// How it ended.
    /// - Parameter seed: the same seed sends the same requests.
    func end(seed: UInt64) -> Rollout {
        var numbers = SeededNumbers(seed: seed)
        let rollout = Self.rollout(plan)
        let trial = RolloutTrial(rollout)
        var standing = RolloutStanding(rollout, tests: rollout.noTests)
        var asked = 0
        while standing.rollout.state == .running {
            let rewards = ask(trial, &asked, &numbers)
            standing.add(trial.take().outcomes)
            for (reward, arm) in rewards {
                for index in standing.tests.indices {
                    standing.tests[index].add(reward: reward, named: Self.reward, to: arm)
                }
            }
            trial.learn(from: standing)
            guard let next = RolloutRule.next(standing, now: Self.now) else { continue }
            standing.rollout.carryOut(next, at: Self.now)
            trial.go(on: standing.rollout)
        }
        return standing.rollout
    }

    static let reward = "cured"

    /// Sends the requests until the next look.
    /// - Returns: what they earned.
    func ask(
        _ trial: RolloutTrial, _ asked: inout Int, _ numbers: inout SeededNumbers
    ) -> [(reward: Double, arm: GuardrailTest.Arm)] {
        let share = Double(trial.rollout.percent) / 100
        let guardrails = plan.guardrails
        let isTimed = guardrails.contains { if case .latency = $0.metric { true } else { false } }
        let isRewarded = guardrails.contains { $0.reward != nil }
        var rewards: [(Double, GuardrailTest.Arm)] = []
        for _ in 0..<Self.requestsBetweenLooks {
            let arm: GuardrailTest.Arm = numbers.uniform() < share ? .candidate : .control
            var model = arm == .candidate ? candidate : control
            model.errorRate *= load(asked)
            asked += 1
            let latencyMs = isTimed ? model.latencyMs(using: &numbers) : 1
            trial.add(RequestOutcome(latencyMs: latencyMs, isError: model.fails(using: &numbers)), to: arm)
            if isRewarded { rewards.append((model.reward(using: &numbers), arm)) }
        }
        return rewards
    }

    /// How `count` rollouts ended, each with requests of its own.
    func ends(_ count: Int) -> Ends {
        Ends((0..<count).map { end(seed: UInt64($0)) })
    }

    struct Ends {
        private let rollouts: [Rollout]

        init(_ rollouts: [Rollout]) {
            self.rollouts = rollouts
        }

        var promoted: Int { rollouts.count { $0.state == .promoted } }
        var takenBack: Int { rollouts.count { $0.state == .rolledBack } }

        /// Requests to the new version until it was taken back, at a quantile; one that never was counts as infinite.
        func requests(_ quantile: Double) -> Int {
            let sorted = rollouts.map { $0.state == .rolledBack ? $0.requests : .max }.sorted()
            return sorted[min(sorted.count - 1, Int(quantile * Double(sorted.count)))]
        }
    }
}
