package import Predictions
package import Wire

/// Takes rewards and covariates as they are sent, and finds whom and which arm they are about.
package struct RewardDesk: Sendable {
    private let log: PredictionLog
    private let exposures: ExposureStore
    private let rewards: RewardStore
    private let guardrails: GuardrailStore
    private let entropy: Entropy

    package init(
        log: PredictionLog, exposures: ExposureStore, rewards: RewardStore, guardrails: GuardrailStore,
        entropy: Entropy
    ) {
        self.log = log
        self.exposures = exposures
        self.rewards = rewards
        self.guardrails = guardrails
        self.entropy = entropy
    }

    /// Joins rewards to units and arms: those of an experiment or a bandit, and those of a rollout whose guardrails are about
    /// them. All are taken or none.
    /// - Throws: `ExperimentError` 404 that names predictions which there are not, or units that met no arm of the endpoint's
    ///   experiment.
    package func take(_ sent: [SentReward], for endpoint: String) async throws -> RewardReceipt {
        var receipt = RewardReceipt()
        var joined: [Reward] = []
        var known = Known()
        for (prediction, reward) in try await found(sent, endpoint) where prediction.propensity != nil {
            var isLate = false
            var counting = try await rolloutReward(reward, of: prediction, &known).map { [$0] } ?? []
            if let name = prediction.experiment {
                let experiment = try await self.experiment(name, &known)
                if let window = experiment.bandit?.windowMinutes {
                    isLate = reward.time > prediction.time + .seconds(60 * window)
                }
                let unit = ExposureStore.unit(prediction.unit, of: prediction.id, in: name)
                let metric = reward.metric ?? experiment.metric
                if !isLate {
                    counting.append(
                        reward.joined(to: prediction, in: name, metric, unit: unit, variant: prediction.variant))
                }
            }
            joined += counting
            if !counting.isEmpty { receipt.accepted += 1 } else if isLate { receipt.late += 1 }
        }
        let ofUnits = try await rewardsOfUnits(sent, endpoint)
        try await rewards.add(joined + ofUnits)
        receipt.accepted += ofUnits.count
        receipt.outside = sent.count - receipt.accepted - receipt.late
        return receipt
    }

    /// What was looked up for the rewards of a request.
    private struct Known {
        var experiments: [String: OnlineExperiment] = [:]
        var rolloutMetrics: [ExperimentID: Set<String>] = [:]
    }

    private func experiment(_ name: String, _ known: inout Known) async throws -> OnlineExperiment {
        if let experiment = known.experiments[name] { return experiment }
        let experiment = try await exposures.experiment(name)
        known.experiments[name] = experiment
        return experiment
    }

    /// The reward as it counts for the rollout that its prediction was part of; nil when there is none under way, or none of
    /// its guardrails is about it. One that names no metric is that of the experiment, or the only one that is asked for.
    private func rolloutReward(
        _ reward: SentReward, of prediction: PredictionContext, _ known: inout Known
    ) async throws -> Reward? {
        guard let part = prediction.rollout.flatMap(RolloutPart.init) else { return nil }
        let id = ExperimentID.rollout(part.rollout, of: prediction.endpoint)
        if known.rolloutMetrics[id] == nil { known.rolloutMetrics[id] = try await guardrails.rewardMetrics(of: id) }
        let asked = known.rolloutMetrics[id] ?? []
        var metric = reward.metric
        if metric == nil, let name = prediction.experiment {
            metric = try await experiment(name, &known).metric
        } else if metric == nil, asked.count == 1 {
            metric = asked.first
        }
        guard let metric, asked.contains(metric) else { return nil }
        return reward.joined(
            to: prediction, in: id.text, metric, unit: prediction.id.request, variant: part.arm.rawValue)
    }

    /// Keeps values from before the experiment, by unit; units may meet their arm later.
    /// - Throws: `ExperimentError` 404 when the endpoint runs no experiment.
    package func take(_ covariates: [Covariate], for endpoint: String) async throws {
        try await rewards.add(covariates, to: try await current(of: endpoint).id)
    }

    private func rewardsOfUnits(_ sent: [SentReward], _ endpoint: String) async throws -> [Reward] {
        let about = sent.compactMap { reward -> (unit: String, reward: SentReward)? in
            guard case .unit(let unit) = reward.subject else { return nil }
            return (unit, reward)
        }
        guard !about.isEmpty else { return [] }
        let experiment = try await current(of: endpoint)
        // Whoever was answered before is an exposure by then.
        try await log.settleObservers()
        let known = try await exposures.exposures(of: about.map(\.unit), in: experiment.id)
        let unknown = about.map(\.unit).filter { known[$0] == nil }
        guard unknown.isEmpty else { throw Self.unknown(unknown, experiment.id) }
        return about.compactMap { unit, reward in
            guard let exposure = known[unit] else { return nil }
            return Reward(
                experiment: experiment.id.text, metric: reward.metric ?? experiment.metric,
                id: reward.id ?? "r-\(entropy.hexID())", unit: unit, variant: exposure.variant, value: reward.value,
                time: reward.time)
        }
    }

    private func current(of endpoint: String) async throws -> OnlineExperiment {
        guard let experiment = try await exposures.current(of: endpoint) else {
            throw ExperimentError(
                .doesNotExist, "The endpoint '\(endpoint)' runs no experiment and no bandit.",
                hint: "Add 'experiment' or 'bandit' to its manifest, or send rewards by prediction_id.")
        }
        return experiment
    }

    /// Rewards of predictions, each with how its prediction came about.
    private func found(
        _ sent: [SentReward], _ endpoint: String
    ) async throws -> [(prediction: PredictionContext, reward: SentReward)] {
        let named = try await named(sent, endpoint)
        let about = sent.compactMap { reward -> (id: PredictionID, reward: SentReward)? in
            guard case .prediction(let text) = reward.subject else { return nil }
            return (named[text] ?? PredictionID(text)).map { ($0, reward) }
        }
        let contexts = try await log.contexts(of: Set(about.map(\.id)))
        let unknown = about.filter { contexts[$0.id] == nil }.map { "'\($0.id.text)'" }
        guard unknown.isEmpty else { throw Self.unknown(unknown) }
        return try about.compactMap { id, reward in
            guard let prediction = contexts[id] else { return nil }
            guard prediction.endpoint == endpoint else {
                throw ExperimentError(
                    .doesNotExist, "The prediction '\(id.text)' is of the endpoint '\(prediction.endpoint)'.",
                    hint: "Send its reward to /api/v1/endpoints/\(prediction.endpoint)/rewards.")
            }
            return (prediction, reward)
        }
    }

    /// The predictions of rewards that name them as others do.
    private func named(_ sent: [SentReward], _ endpoint: String) async throws -> [String: PredictionID] {
        let names = sent.compactMap { reward -> String? in
            guard case .prediction(let text) = reward.subject, PredictionID(text) == nil else { return nil }
            return text
        }
        guard !names.isEmpty else { return [:] }
        let ids = try await log.predictions(about: names.map { .external($0, endpoint: endpoint) })
        return Dictionary(zip(names, ids.compactMap(\.first)), uniquingKeysWith: { first, _ in first })
    }

    private static func unknown(_ ids: [String]) -> ExperimentError {
        let rest = ids.count > 5 ? " and \(ids.count - 5) more" : ""
        return ExperimentError(
            .doesNotExist, "No prediction has the id \(ids.prefix(5).joined(separator: ", "))\(rest).",
            hint: "Ids are in the header X-Martlet-Prediction-Id of an answer; nothing was stored.")
    }

    private static func unknown(_ units: [String], _ id: ExperimentID) -> ExperimentError {
        let names = units.prefix(5).map { "'\($0.prefix(100))'" }.joined(separator: ", ")
        let rest = units.count > 5 ? " and \(units.count - 5) more" : ""
        return ExperimentError(
            .doesNotExist, "No unit of \(id.text) is \(names)\(rest).",
            hint: "A unit is in the experiment once a prediction was made for it; nothing was stored.")
    }
}

extension SentReward {
    /// The client's clock may be slow, and a reward from before its prediction would not count.
    fileprivate func joined(
        to prediction: PredictionContext, in experiment: String, _ metric: String, unit: String, variant: String
    ) -> Reward {
        Reward(
            experiment: experiment, metric: metric, id: id ?? prediction.id.text, unit: unit, variant: variant,
            value: value, time: max(time, prediction.time))
    }
}
