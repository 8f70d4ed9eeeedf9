package import Wire

/// Names an experiment, a bandit or a rollout on an endpoint: the same endpoint with a new salt is another one.
package struct ExperimentID: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case experiment
        case bandit
        case rollout
    }

    package let kind: Kind
    package let endpoint: String
    package let salt: String

    package init(_ kind: Kind, endpoint: String, salt: String) {
        self.kind = kind
        self.endpoint = endpoint
        self.salt = salt
    }

    /// Such as `experiment/churn/churn-2026-11`: what a logged prediction carries.
    package var text: String { "\(kind.rawValue)/\(endpoint)/\(salt)" }

    /// Reads an id back; nil for any other text. An endpoint's name has no slash, a salt may.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let kind = Kind(rawValue: String(parts[0])) else { return nil }
        self.init(kind, endpoint: String(parts[1]), salt: String(parts[2]))
    }
}

/// An experiment or a bandit as it was declared.
package struct OnlineExperiment: Sendable, Hashable {
    package let id: ExperimentID
    /// The variants; the first is control.
    package let arms: [String]
    /// Of an experiment.
    package let spec: ExperimentSpec?
    /// Of a bandit.
    package let bandit: BanditSpec?

    package init(_ id: ExperimentID, arms: [String], spec: ExperimentSpec? = nil, bandit: BanditSpec? = nil) {
        self.id = id
        self.arms = arms
        self.spec = spec
        self.bandit = bandit
    }

    /// The name of rewards that name no metric.
    package var metric: String { spec?.metric.name ?? bandit?.metric ?? "reward" }
}

/// The shares of an experiment's arms from a moment on.
package struct ExperimentPeriod: Sendable, Hashable {
    package let start: Timestamp
    /// In the order of the arms, adding up to 1.
    package let shares: [Double]
}

/// A unit that met an arm.
package struct Exposure: Sendable, Hashable {
    package let experiment: String
    package let unit: String
    package let variant: String
    package let time: Timestamp

    package init(experiment: String, unit: String, variant: String, time: Timestamp) {
        self.experiment = experiment
        self.unit = unit
        self.variant = variant
        self.time = time
    }
}
