package import Experiments
import Logging
import Wire

/// Follows what the variants of an endpoint earn: moves a bandit's requests to those that earn most, and decides an
/// experiment once it is clear.
package struct ExperimentWatch: Sendable {
    let exposures: ExposureStore
    let guardrails: GuardrailStore
    let bandits: BanditStore
    let board: ExperimentBoard

    package init(
        exposures: ExposureStore, rewards: RewardStore, guardrails: GuardrailStore, bandits: BanditStore
    ) {
        self.exposures = exposures
        self.guardrails = guardrails
        self.bandits = bandits
        board = ExperimentBoard(exposures: exposures, rewards: rewards, guardrails: guardrails, bandits: bandits)
    }

    /// Tells of an experiment that an endpoint runs.
    /// - Returns: the variant that it was decided for, if it was, and is to answer for all.
    func declare(_ experiment: OnlineExperiment, shares: Shares) async throws -> String? {
        try await exposures.declare(experiment, shares: shares, by: "endpoint")
        guard experiment.spec?.decision.then == .promote,
            let decided = try await exposures.recordedVerdict(of: experiment.id),
            case .promote(let variant) = try ExperimentVerdict(json: decided).action,
            experiment.arms.contains(variant)
        else { return nil }
        return variant
    }

    /// How often is looked.
    private static let pace = Duration.seconds(1)
    /// An experiment is judged after so many looks, and so many outcomes are taken together for its guardrails at least.
    private static let looks = 3
    private static let outcomes = 50
    /// What a bandit's arms earned longer ago than this beyond its window is added up.
    private static let foldAfterMs: Int64 = 2 * 3_600_000

    /// Follows one endpoint as long as it is served.
    func follow(_ endpoint: LiveEndpoint, clock: WallClock, entropy: Entropy, logger: Logger) async {
        var look = 0
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: Self.pace)
                look += 1
                if let bandit = endpoint.bandit { try await refresh(bandit, look, clock, entropy) }
                if look % Self.looks == 0 { try await judge(endpoint) }
            } catch is CancellationError {
                return
            } catch {
                logger.error("The experiment of \(endpoint.name) cannot be followed for now: \(error)")
            }
        }
    }

    private func refresh(_ bandit: LiveBandit, _ look: Int, _ clock: WallClock, _ entropy: Entropy) async throws {
        let spec = bandit.spec
        bandit.refresh(with: try await bandits.earned(by: bandit.id, spec), entropy)
        guard look % 600 == 0 else { return }
        let age = Int64(spec.windowMinutes) * 60_000 + Self.foldAfterMs
        try await bandits.fold(
            bandit.id, spec, before: Timestamp(milliseconds: clock.now.milliseconds - age))
    }

    private func judge(_ endpoint: LiveEndpoint) async throws {
        guard endpoint.manifest.experiment != nil else { return }
        if let trial = endpoint.trial { try await handOver(trial) }
        guard let verdict = try await board.verdict(of: endpoint.name), verdict.isNew else { return }
        endpoint.wake()
    }

    /// Adds what this server has counted to what all have. What cannot be added counts the next time.
    func handOver(_ trial: ExperimentTrial) async throws {
        var failure: (any Error)?
        for (arm, counted) in trial.take(atLeast: Self.outcomes) {
            do {
                trial.learn(try await guardrails.merge(counted, of: arm, in: trial.experiment.id), of: arm)
            } catch {
                trial.giveBack(counted, of: arm)
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
