import Experiments
import Logging

extension EndpointKeeper {
    /// Deals units to the variants, so that only those move that have to; all to one that an experiment was decided for.
    func deal(_ manifest: EndpointManifest) async throws {
        let salt = manifest.assignment?.salt ?? ""
        let wanted = manifest.variants.map { ($0.name, $0.weight * 100) }
        let dealt = try await shares.dealt(wanted, of: endpoint.name, salt: salt)
        let experiment = manifest.onlineExperiment
        var winner: String?
        if let experiment { winner = try await experiments.declare(experiment, shares: dealt) }
        if let winner {
            endpoint.deal(
                try dealt.changed(to: wanted.map { ($0.0, $0.0 == winner ? 10_000 : 0) }), nil, nil, isDecided: true)
            logger.info("The experiment of \(endpoint.name) is decided: \(winner) answers for all")
            return
        }
        endpoint.deal(
            dealt, experiment.flatMap(bandit), experiment.flatMap { trial(of: $0, dealt) }, isDecided: false)
    }

    /// The bandit goes on with what it knows as long as it is the same one.
    private func bandit(of experiment: OnlineExperiment) -> LiveBandit? {
        guard let spec = experiment.bandit else { return nil }
        if let known = endpoint.bandit, known.id == experiment.id, known.spec == spec { return known }
        return LiveBandit(Bandit(spec, arms: experiment.arms.map { BanditArm($0) }), id: experiment.id)
    }

    private func trial(of experiment: OnlineExperiment, _ shares: Shares) -> ExperimentTrial? {
        if let known = endpoint.trial, known.experiment == experiment { return known }
        return ExperimentTrial(experiment, shares: shares)
    }
}
