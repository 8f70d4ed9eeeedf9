import Experiments
import Synchronization

/// A rollout under way on this server: decides nothing, but counts what both versions do until it is handed over.
final class RolloutTrial: Sendable {
    /// Decides whose requests try the version out: the same units at every step, and more.
    let assignment: Assignment
    private let content: Mutex<(rollout: Rollout, outcomes: RolloutOutcomes)>

    /// The rollout as this server comes upon it.
    init(_ rollout: Rollout) {
        assignment = Assignment(key: nil, salt: "rollout/\(rollout.id)")
        content = Mutex((rollout, RolloutOutcomes(of: rollout)))
    }

    /// The rollout at the step, and by the plan, for which outcomes are counted.
    var rollout: Rollout { content.withLock { $0.rollout } }

    /// Counts for the step and by the plan that the rollout has come to.
    func go(on rollout: Rollout) {
        content.withLock { content in
            content.rollout = rollout
            content.outcomes.go(on: rollout)
        }
    }

    func add(_ outcome: RequestOutcome, to arm: GuardrailTest.Arm) {
        content.withLock { $0.outcomes.add(outcome, to: arm) }
    }

    /// Whether nothing was counted since it was last handed over.
    var isQuiet: Bool { content.withLock { $0.outcomes.isEmpty } }

    /// Hands over what was counted, and the rollout as it was meanwhile; counting begins anew.
    func take() -> (rollout: Rollout, outcomes: RolloutOutcomes) {
        content.withLock { ($0.rollout, $0.outcomes.take()) }
    }

    /// Takes back what could not be handed over.
    func giveBack(_ outcomes: RolloutOutcomes) {
        content.withLock { $0.outcomes.merge(outcomes) }
    }

    /// Takes over what all servers know.
    func learn(from standing: RolloutStanding) {
        content.withLock { $0.outcomes.learn(from: standing.tests) }
    }
}

/// What a server saw of a rollout since it last handed that over.
struct RolloutOutcomes: Sendable, Hashable {
    /// One for each guardrail, in the order of the plan.
    private(set) var tests: [GuardrailTest]
    /// Requests to the new version, and those of them at the present share.
    private(set) var requests = 0
    private(set) var stepRequests = 0
    private var percent: Int

    init(of rollout: Rollout) {
        tests = rollout.noTests
        percent = rollout.percent
    }

    var isEmpty: Bool { requests == 0 && tests.allSatisfy(\.isEmpty) }

    mutating func add(_ outcome: RequestOutcome, to arm: GuardrailTest.Arm) {
        for index in tests.indices { tests[index].add(outcome, to: arm) }
        guard arm == .candidate else { return }
        requests += 1
        stepRequests += 1
    }

    /// What comes from now on belongs to the step that the rollout is at; guardrails that its plan has still go on.
    mutating func go(on rollout: Rollout) {
        tests = GuardrailTest.merge(rollout.noTests, into: tests)
        guard percent != rollout.percent else { return }
        percent = rollout.percent
        stepRequests = 0
    }

    mutating func take() -> RolloutOutcomes {
        var taken = self
        for index in tests.indices { taken.tests[index] = tests[index].take() }
        requests = 0
        stepRequests = 0
        return taken
    }

    /// Adds what was counted apart, as far as it is asked for still.
    mutating func merge(_ other: RolloutOutcomes) {
        for index in tests.indices {
            let same = other.tests.first { $0.guardrail == tests[index].guardrail }
            if let same { tests[index].merge(same) }
        }
        requests += other.requests
        if percent == other.percent { stepRequests += other.stepRequests }
    }

    mutating func learn(from kept: [GuardrailTest]) {
        for index in tests.indices {
            let same = kept.first { $0.guardrail == tests[index].guardrail }
            if let same { tests[index].learn(from: same) }
        }
    }
}

extension Rollout {
    /// The tests of its guardrails at its present share, before anything is counted.
    var noTests: [GuardrailTest] {
        GuardrailTest.tests(of: plan.guardrails, alpha: plan.alpha, share: share)
    }
}
