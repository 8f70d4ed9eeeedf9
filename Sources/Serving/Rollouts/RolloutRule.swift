import Wire

/// When a rollout goes on, and when back. A pure function.
enum RolloutRule {
    /// What a rollout does next.
    enum Decision: Sendable, Equatable {
        case advance
        case promote
        case rollBack
    }

    struct Next: Sendable, Equatable {
        let decision: Decision
        let reason: String
    }

    /// - Returns: nil while it stays where it is.
    static func next(_ standing: RolloutStanding, now: Timestamp) -> Next? {
        if let breach = standing.breach { return Next(decision: .rollBack, reason: breach) }
        guard standing.isComplete(now: now) else { return nil }
        let rollout = standing.rollout
        let held = "No guardrail was broken over \(rollout.requests) requests"
        guard rollout.step + 1 < rollout.plan.steps.count else {
            return Next(decision: .promote, reason: "\(held): it answers for all.")
        }
        return Next(decision: .advance, reason: "\(held): it gets \(rollout.plan.steps[rollout.step + 1]) %.")
    }
}
