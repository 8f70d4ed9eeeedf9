package import Wire

/// An endpoint's experiment or bandit as it stands: what was declared, and what is known of it so far.
package struct ExperimentStanding: Sendable, Hashable {
    package let experiment: OnlineExperiment
    /// Nil until the endpoint has taken it up.
    package let start: Timestamp?
    /// Of an experiment.
    package let result: ExperimentResult?
    /// What was decided on an earlier day, and stays.
    package let decision: ExperimentVerdict?
    /// Of a bandit: what each arm was tried for and earned.
    package let bandit: [BanditArm]
}

extension ExperimentStanding: JSONRepresentable {
    package var json: JSON {
        var members: [(String, JSON)] = [
            ("experiment", .string(experiment.id.text)), ("endpoint", .string(experiment.id.endpoint)),
            ("started", start?.json ?? .null),
        ]
        if let spec = experiment.spec { members.append(("spec", spec.json)) }
        members += (result?.json.memberList ?? []).map { ($0.key, $0.value) }
        if let decision { members.append(("decision", decision.json)) }
        if let spec = experiment.bandit {
            members += [("spec", spec.json), ("arms", .array(bandit.map(\.json)))]
        }
        return .members(members)
    }
}

extension ExperimentBoard {
    /// The experiment or the bandit that an endpoint runs; nil when there is none.
    package func standing(of endpoint: String) async throws -> ExperimentStanding? {
        guard let experiment = try await exposures.current(of: endpoint) else { return nil }
        let decision = try await exposures.recordedVerdict(of: experiment.id)
        var arms: [BanditArm] = []
        if let bandit = experiment.bandit { arms = try await bandits.earned(by: experiment.id, bandit) }
        return ExperimentStanding(
            experiment: experiment, start: try await exposures.periods(of: experiment.id).first?.start,
            result: experiment.spec == nil ? nil : try await result(of: experiment),
            decision: try decision.map(ExperimentVerdict.init(json:)), bandit: arms)
    }
}
