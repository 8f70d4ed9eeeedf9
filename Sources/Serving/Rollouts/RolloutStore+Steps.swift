import Database
import Experiments
import Wire

/// How rollouts under way go on.
extension RolloutStore {
    /// What became of outcomes that a server has handed over.
    enum Look: Sendable {
        /// They were added to what all servers have seen.
        case standing(RolloutStanding)
        /// The rollout has come to another step or plan; they were left.
        case elsewhere
        /// It has ended.
        case over
    }

    /// Adds what a server has seen of a rollout since it last did, and the rewards that came meanwhile.
    func add(_ outcomes: RolloutOutcomes, to rollout: Rollout) async throws -> Look {
        try await database.write { transaction in
            guard var current = try Self.rollout(rollout.id, in: transaction), current.state == .running else {
                return .over
            }
            guard current.isAtTheSame(rollout) else { return .elsewhere }
            if outcomes.requests > 0 {
                current.count(outcomes)
                try transaction.execute(
                    """
                    UPDATE rollouts SET requests = \(current.requests), step_requests = \(current.stepRequests)
                    WHERE id = \(current.id)
                    """)
            }
            return .standing(
                RolloutStanding(current, tests: try merge(outcomes.tests, of: current, in: transaction)))
        }
    }

    /// Carries a decision out, unless another server, or somebody, was faster.
    func decide(_ next: RolloutRule.Next, of standing: RolloutStanding) async throws {
        let now = clock.now
        try await database.write { transaction in
            guard var current = try Self.rollout(standing.rollout.id, in: transaction), current.state == .running,
                current.isAtTheSame(standing.rollout)
            else { return }
            current.carryOut(next, at: now)
            let kind =
                switch next.decision {
                case .advance: "advanced"
                case .promote: "promoted"
                case .rollBack: "rolled_back"
                }
            try save(current, kind, by: Self.itself, at: now, in: transaction)
        }
    }

    /// Lets a rollout under way go by another plan. Guardrails that are in both keep their evidence.
    /// - Returns: how it goes on; nil when another server was faster, or it has ended.
    @discardableResult
    func change(_ rollout: Rollout, to plan: RolloutPlan) async throws -> Rollout? {
        let now = clock.now
        return try await database.write { transaction in
            guard var current = try Self.rollout(rollout.id, in: transaction), current.state == .running,
                current.plan == rollout.plan
            else { return nil }
            current.follow(plan, from: now)
            _ = try merge(current.noTests, of: current, in: transaction)
            try save(current, "changed", by: Self.itself, at: now, in: transaction)
            return current
        }
    }

    /// How a rollout under way stands.
    func standing(of rollout: Rollout, in reader: Reader) throws -> RolloutStanding {
        RolloutStanding(
            rollout, tests: try guardrails.tests(of: rollout.evidenceID, Self.candidate, in: reader))
    }

    /// Adds to the evidence, with the rewards that came meanwhile.
    func merge(
        _ counted: [GuardrailTest], of rollout: Rollout, in transaction: Transaction
    ) throws -> [GuardrailTest] {
        let window = rollout.plan.rewardMinutes.map { RewardWindow(minutes: $0, now: clock.now) }
        return try guardrails.merge(
            counted, of: Self.candidate, in: rollout.evidenceID, rewardedWithin: window, transaction)
    }

    /// A rollout has one.
    private static let candidate = GuardrailTest.Arm.candidate.rawValue
}

extension Rollout {
    /// That under which its evidence and its rewards are kept.
    var evidenceID: ExperimentID { .rollout(id, of: endpoint) }
}
