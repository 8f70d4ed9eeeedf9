import Experiments
import Synchronization
import Wire

/// A rollout under way on this server, at one of its steps: the outcomes of both versions as they come.
final class RolloutTrial: Sendable {
    /// The rollout at the step for which outcomes are counted.
    let rollout: Rollout
    let plan: RolloutPlan
    private let counted: Mutex<RolloutOutcomes>

    /// The rollout as this server comes upon it.
    init(_ rollout: Rollout, plan: RolloutPlan) {
        self.rollout = rollout
        self.plan = plan
        counted = Mutex(RolloutOutcomes(plan, of: rollout))
    }

    private init(_ rollout: Rollout, plan: RolloutPlan, outcomes: RolloutOutcomes) {
        self.rollout = rollout
        self.plan = plan
        counted = Mutex(outcomes)
    }

    /// The same rollout at its next step; what was counted until now stays counted.
    func next(_ rollout: Rollout) -> RolloutTrial {
        var outcomes = outcomes
        outcomes.start(rollout)
        return RolloutTrial(rollout, plan: plan, outcomes: outcomes)
    }

    /// Decides whose requests try the version out: the same units at every step, and more.
    var assignment: Assignment { Assignment(key: nil, salt: "rollout/\(rollout.id)") }

    func add(_ outcome: RequestOutcome, to arm: GuardrailTest.Arm) {
        counted.withLock { $0.add(outcome, to: arm) }
    }

    /// What this server has seen of the rollout.
    var outcomes: RolloutOutcomes { counted.withLock { $0 } }
}

/// What was seen of a rollout: by one server, or by all of them.
struct RolloutOutcomes: Sendable, Hashable {
    /// One for each guardrail, in the order of the plan.
    private(set) var tests: [GuardrailTest]
    /// Requests to the new version, by step.
    private(set) var requests: [Int]
    private var step: Int

    init(_ plan: RolloutPlan, of rollout: Rollout) {
        tests = GuardrailTest.tests(of: plan.guardrails, alpha: plan.alpha, share: rollout.share)
        requests = rollout.steps.map { _ in 0 }
        step = rollout.step
    }

    /// From now on what comes belongs to the step that the rollout is at.
    mutating func start(_ rollout: Rollout) {
        step = rollout.step
        for index in tests.indices { tests[index].startStep(share: rollout.share) }
    }

    mutating func add(_ outcome: RequestOutcome, to arm: GuardrailTest.Arm) {
        for index in tests.indices { tests[index].add(outcome, to: arm) }
        if arm == .candidate, requests.indices.contains(step) { requests[step] += 1 }
    }

    /// Adds what another server has seen.
    mutating func merge(_ other: RolloutOutcomes) {
        for (index, test) in zip(tests.indices, other.tests) { tests[index].merge(test) }
        for (index, count) in zip(requests.indices, other.requests) { requests[index] += count }
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

extension RolloutOutcomes {
    var json: JSON {
        ["tests": .array(tests.map(\.json)), "requests": .array(requests.map { .integer(Int64($0)) })]
    }

    /// Reads back what `json` wrote.
    /// - Throws: when it is something else.
    init(json: JSON, plan: RolloutPlan, of rollout: Rollout) throws {
        self.init(plan, of: rollout)
        let tests = try (json["tests"]?.arrayValue ?? []).map(GuardrailTest.init)
        // A plan that was changed meanwhile asks other questions: what was seen before does not answer them.
        guard tests.map(\.guardrail) == plan.guardrails else { return }
        self.tests = tests
        requests = zip(requests, json["requests"]?.arrayValue ?? []).map { Int($1.integerValue ?? 0) }
    }
}

extension Rollout {
    /// The new version's part of the requests.
    fileprivate var share: Double { min(0.99, max(0.01, Double(percent) / 100)) }
}

extension Guardrail {
    fileprivate var isLatency: Bool {
        if case .latency = metric { true } else { false }
    }
}
