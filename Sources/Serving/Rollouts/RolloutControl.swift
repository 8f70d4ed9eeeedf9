import Logging
import Wire

/// Watches over rollouts: collects what all servers have seen of one, and takes it a step further, to its end, or back.
///
/// The guardrails' tests are valid at any look, so that looking often costs nothing but the look.
struct RolloutControl: Sendable {
    let rollouts: RolloutStore
    let clock: WallClock
    /// Names this server among those that share the database.
    let server: String
    let pace: Duration
    let logger: Logger

    init(
        rollouts: RolloutStore, clock: WallClock, server: String, pace: Duration = .milliseconds(200), logger: Logger
    ) {
        self.rollouts = rollouts
        self.clock = clock
        self.server = server
        self.pace = pace
        self.logger = logger
    }

    /// So many looks in a row may find nothing new here before the others' outcomes are asked for all the same.
    private static let quietLooks = 10

    /// Follows a rollout as long as it is at the step of `trial`.
    func follow(_ trial: RolloutTrial) async {
        var told: RolloutOutcomes?
        var quiet = 0
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: pace)
                let seen = trial.outcomes
                quiet = seen == told ? quiet + 1 : 0
                guard quiet == 0 || quiet % Self.quietLooks == 0 else { continue }
                guard try await look(trial, seen) else { return }
                told = seen
            } catch is CancellationError {
                return
            } catch {
                logger.error("The rollout of \(trial.rollout.to) cannot be followed for now: \(error)")
            }
        }
    }

    /// - Returns: whether the rollout is still at this step.
    private func look(_ trial: RolloutTrial, _ seen: RolloutOutcomes) async throws -> Bool {
        let rollout = trial.rollout
        guard let all = try await rollouts.keep(seen.json, of: rollout, server: server) else { return false }
        let outcomes = try all.reduce(into: RolloutOutcomes(trial.plan, of: rollout)) { sum, json in
            sum.merge(try RolloutOutcomes(json: json, plan: trial.plan, of: rollout))
        }
        guard let next = RolloutRule.next(rollout, trial.plan, outcomes, now: clock.now) else { return true }
        try await rollouts.decide(next.decision, of: rollout, reason: next.reason, evidence: outcomes.evidence)
        return false
    }
}

/// When a rollout goes on, and when back. A pure function.
enum RolloutRule {
    struct Next: Sendable, Equatable {
        let decision: RolloutStore.Decision
        let reason: String
    }

    /// - Returns: nil while it stays where it is.
    static func next(
        _ rollout: Rollout, _ plan: RolloutPlan, _ outcomes: RolloutOutcomes, now: Timestamp
    ) -> Next? {
        if let breach = outcomes.breach { return Next(decision: .rollBack, reason: breach) }
        let requests = outcomes.requests.indices.contains(rollout.step) ? outcomes.requests[rollout.step] : 0
        let milliseconds = now.milliseconds - rollout.stepStart.milliseconds
        guard requests >= plan.requests, milliseconds >= Int64(plan.minutes) * 60_000 else { return nil }
        let held = "No guardrail was broken over \(outcomes.requests.reduce(0, +)) requests"
        guard rollout.step + 1 < rollout.steps.count else {
            return Next(decision: .promote, reason: "\(held): it answers for all.")
        }
        return Next(decision: .advance, reason: "\(held): it gets \(rollout.steps[rollout.step + 1]) %.")
    }
}
