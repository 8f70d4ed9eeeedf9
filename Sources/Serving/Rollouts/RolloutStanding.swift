import Experiments
import Wire

/// How a rollout stands: what all servers have seen of it until now.
struct RolloutStanding: Sendable, Hashable {
    var rollout: Rollout
    /// One for each guardrail, in the order of the plan.
    var tests: [GuardrailTest]

    init(_ rollout: Rollout, tests: [GuardrailTest]) {
        self.rollout = rollout
        self.tests = tests
    }

    /// Adds what a server has seen since it last did.
    mutating func add(_ outcomes: RolloutOutcomes) {
        rollout.count(outcomes)
        tests = GuardrailTest.merge(outcomes.tests, into: tests)
    }

    /// The guardrail that is broken, in words with its numbers; nil while all hold.
    var breach: String? {
        guard let test = tests.first(where: { $0.verdict == .violated }) else { return nil }
        func told(_ tally: GuardrailTest.Tally) -> String {
            tally.mean.map { "\(Self.rounded($0)) of \(tally.count)" } ?? "nothing"
        }
        let what = test.guardrail.isLatency ? "the share of slow requests was" : "it was"
        return "The guardrail '\(test.guardrail.text)' is broken (p = \(Self.rounded(test.pValue))): \(what) "
            + "\(told(test.candidate)) for the new version, \(told(test.control)) for the former one."
    }

    /// What the step waits for, in words with numbers.
    func progress(now: Timestamp) -> String {
        let plan = rollout.plan
        var parts = ["\(rollout.stepRequests) of \(plan.requests) requests"]
        for test in tests {
            guard let metric = test.guardrail.reward else { continue }
            parts.append("\(test.inStep) of \(plan.rewards) rewards '\(metric)'")
            if test.control.count < plan.rewards {
                parts.append("\(test.control.count) of \(plan.rewards) rewards '\(metric)' of the former version")
            }
        }
        let isRewarded = tests.contains { $0.guardrail.reward != nil }
        if isRewarded, let minutes = plan.rewardMinutes {
            parts.append("each counted \(minutes) minutes after its prediction")
        }
        if plan.minutes > 0 { parts.append("\(minutes(at: now)) of \(plan.minutes) minutes") }
        return "At \(rollout.percent) %: \(parts.joined(separator: ", "))."
    }

    /// Whether the step has seen what it has to, so that the next may begin.
    func isComplete(now: Timestamp) -> Bool {
        let plan = rollout.plan
        let isRewarded = tests.allSatisfy { test in
            test.guardrail.reward == nil || (test.inStep >= plan.rewards && test.control.count >= plan.rewards)
        }
        return rollout.stepRequests >= plan.requests && isRewarded && minutes(at: now) >= plan.minutes
    }

    private func minutes(at now: Timestamp) -> Int {
        Int((now.milliseconds - rollout.stepStart.milliseconds) / 60_000)
    }

    /// Each guardrail with its numbers.
    var evidence: JSON {
        .array(
            tests.map { test in
                .compact([
                    "guardrail": .string(test.guardrail.text),
                    "verdict": test.verdict == .violated ? "violated" : "holds so far",
                    "p_value": .double(test.pValue), "level": .double(test.level),
                    "candidate": Self.told(test.candidate), "control": Self.told(test.control),
                    "control_quantile_ms": test.frozenMs.map(JSON.double),
                    "rewards_in_step": test.guardrail.reward == nil ? nil : .integer(Int64(test.inStep)),
                    "rewards_needed": test.guardrail.reward == nil ? nil : .integer(Int64(rollout.plan.rewards)),
                ])
            })
    }

    private static func told(_ tally: GuardrailTest.Tally) -> JSON {
        .compact(["count": .integer(Int64(tally.count)), "mean": tally.mean.map(JSON.double)])
    }

    /// To three digits that count.
    private static func rounded(_ number: Double) -> String {
        guard number > 0 else { return "0" }
        var scale = 1.0
        while number * scale < 100 { scale *= 10 }
        return "\((number * scale).rounded() / scale)"
    }
}

extension Guardrail {
    fileprivate var isLatency: Bool {
        if case .latency = metric { true } else { false }
    }
}
