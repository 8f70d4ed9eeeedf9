package import Wire

/// Puts together what is known of an endpoint's experiment or bandit.
package struct ExperimentBoard: Sendable {
    let exposures: ExposureStore
    private let rewards: RewardStore
    private let guardrails: GuardrailStore
    let bandits: BanditStore

    package init(exposures: ExposureStore, rewards: RewardStore, guardrails: GuardrailStore, bandits: BanditStore) {
        self.exposures = exposures
        self.rewards = rewards
        self.guardrails = guardrails
        self.bandits = bandits
    }

    /// What the experiment shows so far.
    /// - Throws: `ExperimentError` 404 when it is no experiment with a metric.
    package func result(of experiment: OnlineExperiment) async throws -> ExperimentResult {
        guard let spec = experiment.spec else {
            throw ExperimentError(.doesNotExist, "'\(experiment.id.text)' has no metric to be decided by.")
        }
        let periods = try await periods(of: experiment, metric: spec.metric.name, kind: spec.metric.kind)
        return ExperimentResult(
            arms: experiment.arms, spec: spec, periods: periods,
            guardrails: try await guardrailStates(of: experiment, spec))
    }

    /// What to do with the endpoint's experiment; nil when it runs none. A decision is kept, with an event, so that it stays
    /// what it was on that day: ask `result` for the numbers since.
    /// - Returns: the verdict, and whether it was made just now.
    package func verdict(
        of endpoint: String
    ) async throws -> (experiment: OnlineExperiment, verdict: ExperimentVerdict, isNew: Bool)? {
        guard let experiment = try await exposures.current(of: endpoint), experiment.spec != nil else { return nil }
        if let decided = try await exposures.recordedVerdict(of: experiment.id) {
            return (experiment, try ExperimentVerdict(json: decided), false)
        }
        let verdict = try await result(of: experiment).verdict
        guard verdict.action != .keepRunning else { return (experiment, verdict, false) }
        return (experiment, verdict, try await exposures.record(verdict, of: experiment.id))
    }

    /// What `GET …/experiment` answers.
    /// - Throws: `ExperimentError` 404 when the endpoint runs nothing of the kind.
    package func summary(of endpoint: String) async throws -> JSON {
        guard let standing = try await standing(of: endpoint) else {
            throw ExperimentError(
                .doesNotExist, "The endpoint '\(endpoint)' runs no experiment and no bandit.",
                hint: "Add 'experiment' or 'bandit' to its manifest and apply it.")
        }
        return standing.json
    }

    private func periods(
        of experiment: OnlineExperiment, metric: String, kind: ExperimentSpec.Metric.Kind
    ) async throws -> [ExperimentResult.Period] {
        let periods = try await exposures.periods(of: experiment.id)
        var found: [ExperimentResult.Period] = []
        for (index, period) in periods.enumerated() {
            // The clock of the server that logged a prediction may be behind: the first period has no beginning.
            let sums = try await rewards.sums(
                of: experiment.id, metric: metric, kind: kind,
                from: index == 0 ? Timestamp(milliseconds: 0) : period.start,
                to: index + 1 < periods.count ? periods[index + 1].start : nil)
            found.append(
                ExperimentResult.Period(
                    shares: period.shares, sums: experiment.arms.map { sums[$0] ?? ArmSums() }))
        }
        // Arms that came or went: their number differs from that of the period's shares.
        return found.filter { $0.shares.count == experiment.arms.count }
    }

    private func guardrailStates(
        of experiment: OnlineExperiment, _ spec: ExperimentSpec
    ) async throws -> [GuardrailState] {
        let kept = try await guardrails.tests(of: experiment.id)
        var states: [GuardrailState] = []
        for candidate in experiment.arms.dropFirst() {
            states += (kept[candidate] ?? []).filter { !$0.guardrail.isReward }
                .map { GuardrailState($0, arm: candidate) }
        }
        let level = spec.decision.alpha / Double(max(1, spec.guardrails.count))
        for guardrail in spec.guardrails {
            guard case .reward(let metric) = guardrail.metric else { continue }
            let periods = try await periods(of: experiment, metric: metric, kind: .continuous)
            let total = experiment.arms.indices.map { arm in periods.reduce(ArmSums()) { $0 + $1.sums[arm] } }
            for index in experiment.arms.indices.dropFirst() {
                let state = GuardrailState(
                    guardrail, arm: experiment.arms[index], level: level, control: total[0], candidate: total[index])
                if let state { states.append(state) }
            }
        }
        return states
    }
}

extension Guardrail {
    fileprivate var isReward: Bool {
        if case .reward = metric { true } else { false }
    }
}

extension ExperimentVerdict {
    /// Reads back what `json` wrote.
    /// - Throws: `FieldProblem` when it is something else.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        let reason = try fields.string("reason")
        switch try fields.string("action") {
        case "promote": self.init(.promote(try fields.string("variant")), reason)
        case "stop": self.init(.stop, reason)
        default: self.init(.keepRunning, reason)
        }
    }
}
