import Experiments
import TestSupport
import Testing

@testable import Serving

/// Planted models, over and over again: worse ones are taken back within the number of requests that
/// docs/reference/experiments.md states, good ones promoted, and false alarms are as rare as promised.
@Suite struct RolloutSimulationTests {
    /// Each exactly where both models are, which is where false alarms are likeliest.
    static let guardrails = [
        Guardrail(.latency(quantile: 0.99), .max(SimulatedModel().p99)),
        Guardrail(.latency(quantile: 0.95), .maxIncrease(0)), Guardrail(.errorRate, .maxIncrease(0)),
        Guardrail(.reward(SimulatedRollout.reward), .maxDecrease(0)),
    ]

    @Test func fiveHundredRolloutsOfAModelLikeControlKeepToAlpha() {
        let plan = RolloutPlan(requests: 50, rewards: 50, guardrails: Self.guardrails)
        let ends = SimulatedRollout(plan: plan).ends(500)
        #expect(ends.takenBack <= 25)
        #expect(ends.promoted == 500 - ends.takenBack)
    }

    /// With no looks at all nothing would ever be stopped, and the test above could not fail.
    @Test func whoeverAllowsManyFalseAlarmsGetsThem() {
        let plan = RolloutPlan(steps: [50], requests: 300, guardrails: [Self.guardrails[2]], alpha: 0.49)
        #expect(SimulatedRollout(plan: plan).ends(60).takenBack > 3)
    }

    @Test func anOutageOfBothModelsIsNoEvidence() {
        let plan = RolloutPlan(requests: 50)
        let rollout = SimulatedRollout(plan: plan) { (400..<900).contains($0) ? 20 : 1 }
        #expect(rollout.ends(100).takenBack <= 5)
    }

    @Test func aBetterModelIsPromotedEveryTime() {
        let better = SimulatedModel(medianMs: 8, errorRate: 0.01, conversion: 0.15)
        let plan = RolloutPlan(requests: 50, rewards: 50, guardrails: Self.guardrails)
        #expect(SimulatedRollout(plan: plan, candidate: better).ends(100).promoted == 100)
    }

    struct Worse: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let guardrail: Guardrail
        let candidate: SimulatedModel
        /// Of the new version, within which half of the rollouts are taken back, and within which 19 of 20 are.
        let half: Int
        let most: Int
    }

    @Test(arguments: [
        Worse(
            testDescription: "2 % → 10 % errors", guardrail: Guardrail(.errorRate, .maxIncrease(0)),
            candidate: SimulatedModel(errorRate: 0.1), half: 130, most: 260),
        Worse(
            testDescription: "2 % → 10 % errors, 1 % allowed", guardrail: Guardrail(.errorRate, .maxIncrease(0.01)),
            candidate: SimulatedModel(errorRate: 0.1), half: 150, most: 320),
        Worse(
            testDescription: "2 % → 4 % errors, at most 2 %", guardrail: Guardrail(.errorRate, .max(0.02)),
            candidate: SimulatedModel(errorRate: 0.04), half: 500, most: 1700),
        Worse(
            testDescription: "50 % slower, p99 at most",
            guardrail: Guardrail(.latency(quantile: 0.99), .max(SimulatedModel().p99)),
            candidate: SimulatedModel(medianMs: 15), half: 80, most: 220),
        Worse(
            testDescription: "50 % slower, p95 like control",
            guardrail: Guardrail(.latency(quantile: 0.95), .maxIncrease(0)),
            candidate: SimulatedModel(medianMs: 15), half: 130, most: 240),
        Worse(
            testDescription: "50 % slower, p99 like control",
            guardrail: Guardrail(.latency(quantile: 0.99), .maxIncrease(0)),
            candidate: SimulatedModel(medianMs: 15), half: 450, most: 700),
        Worse(
            testDescription: "conversion 10 % → 5 %",
            guardrail: Guardrail(.reward(SimulatedRollout.reward), .maxDecrease(0)),
            candidate: SimulatedModel(conversion: 0.05), half: 400, most: 850),
    ])
    func aWorseModelIsTakenBackWithinTheStatedNumberOfRequests(worse: Worse) {
        let plan = RolloutPlan(steps: [20, 50], requests: 1000, guardrails: [worse.guardrail])
        let ends = SimulatedRollout(plan: plan, candidate: worse.candidate).ends(60)
        #expect(ends.requests(0.5) <= worse.half)
        #expect(ends.requests(0.95) <= worse.most)
    }
}
