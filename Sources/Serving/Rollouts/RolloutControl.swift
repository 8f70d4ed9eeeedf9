import Logging
import Wire

/// Watches over rollouts: collects what all servers have seen of one, and takes it a step further, to its end, or back.
///
/// The guardrails' tests are valid at any look, so that looking often costs nothing but the look.
struct RolloutControl: Sendable {
    let rollouts: RolloutStore
    let clock: WallClock
    let pace: Duration
    let logger: Logger

    init(rollouts: RolloutStore, clock: WallClock, pace: Duration = .milliseconds(200), logger: Logger) {
        self.rollouts = rollouts
        self.clock = clock
        self.pace = pace
        self.logger = logger
    }

    /// So many looks in a row may find nothing new here before others' outcomes and rewards are asked for all the same.
    private static let quietLooks = 10

    /// Follows a rollout until it is over.
    func follow(_ trial: RolloutTrial) async {
        var quiet = 0
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: pace)
                quiet = trial.isQuiet ? quiet + 1 : 0
                guard quiet % Self.quietLooks == 0 else { continue }
                guard try await look(trial) else { return }
            } catch is CancellationError {
                return
            } catch {
                logger.error("The rollout of \(trial.rollout.to) cannot be followed for now: \(error)")
            }
        }
    }

    /// Hands over what was counted, and decides by what all have seen.
    /// - Returns: whether the rollout goes on.
    func look(_ trial: RolloutTrial) async throws -> Bool {
        switch try await handOver(trial) {
        case .over: return false
        case .elsewhere: return true
        case .standing(let standing):
            trial.learn(from: standing)
            guard let next = RolloutRule.next(standing, now: clock.now) else { return true }
            try await rollouts.decide(next, of: standing)
            return next.decision == .advance
        }
    }

    private func handOver(_ trial: RolloutTrial) async throws -> RolloutStore.Look {
        let (rollout, outcomes) = trial.take()
        do {
            let look = try await rollouts.add(outcomes, to: rollout)
            // That it has come to another step, this server will hear.
            if case .elsewhere = look { trial.giveBack(outcomes) }
            return look
        } catch {
            trial.giveBack(outcomes)
            throw error
        }
    }
}
