import Experiments
import Foundation
import TestSupport

/// How a model behaves in a simulation: latencies are log-normal, failures and conversions independent.
struct SimulatedModel {
    var medianMs = 10.0
    var errorRate = 0.02
    var conversion = 0.1
    static let spread = 0.5

    /// The latency that one request of a hundred exceeds.
    var p99: Double { medianMs * exp(2.3263478740408408 * Self.spread) }

    func outcome(using numbers: inout SeededNumbers) -> RequestOutcome {
        RequestOutcome(
            latencyMs: medianMs * exp(Self.spread * numbers.normal()), isError: numbers.uniform() < errorRate)
    }
}

/// A canary in steps of 5, 25 and 50 % of the requests, looked at after every tenth request.
struct SimulatedRollout {
    let guardrails: [Guardrail]
    var control = SimulatedModel()
    var candidate = SimulatedModel()
    var requestsPerStep = 1000
    /// What control's error rate does over the day, by the part of the rollout that has passed.
    var load: (Double) -> Double = { _ in 1 }

    /// How many requests it took until a guardrail stopped it; nil when it went through.
    func stop(alpha: Double, seed: UInt64) -> (requests: Int, tests: [GuardrailTest])? {
        var numbers = SeededNumbers(seed: seed)
        var tests = GuardrailTest.tests(of: guardrails, alpha: alpha, share: 0.05)
        var requests = 0
        for share in [0.05, 0.25, 0.5] {
            for index in tests.indices { tests[index].startStep(share: share) }
            for _ in 0..<requestsPerStep {
                requests += 1
                let arm: GuardrailTest.Arm = numbers.uniform() < share ? .candidate : .control
                var model = arm == .candidate ? candidate : control
                model.errorRate *= load(Double(requests) / Double(3 * requestsPerStep))
                let outcome = model.outcome(using: &numbers)
                let reward = numbers.uniform() < model.conversion ? 1.0 : 0
                for index in tests.indices {
                    tests[index].add(outcome, to: arm)
                    tests[index].add(reward: reward, named: "conversion", to: arm)
                }
                guard requests.isMultiple(of: 10) else { continue }
                if tests.contains(where: { $0.verdict == .violated }) { return (requests, tests) }
            }
        }
        return nil
    }

    /// The requests of each of `count` rollouts that was stopped.
    func stops(count: Int, alpha: Double = 0.05) -> [Int] {
        (0..<count).compactMap { stop(alpha: alpha, seed: UInt64($0))?.requests }
    }
}

extension [Int] {
    /// The middle of the stops when those that never came count as infinite.
    func median(of count: Int) -> Int? {
        let rank = count / 2
        return rank < self.count ? sorted()[rank] : nil
    }
}
