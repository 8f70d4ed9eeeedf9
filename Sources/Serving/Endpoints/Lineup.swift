import Experiments
import Wire

/// Who answers the requests of an endpoint at this moment: an immutable picture that is replaced whole.
struct Lineup: Sendable {
    /// A variant that is able to answer.
    struct Arm: Sendable {
        let variant: String
        let stable: Deployment
        /// A version that is being tried out beside the stable one.
        let candidate: Candidate?
    }

    struct Candidate: Sendable {
        let deployment: Deployment
        /// The share of the variant's requests that it gets, of 100.
        let percent: Int
        let trial: RolloutTrial
    }

    /// In the order of the manifest; never empty.
    let arms: [Arm]
    private let shares: Shares
    private let assignment: Assignment?
    private let experiment: String?
    private let bandit: LiveBandit?
    private let guards: ExperimentTrial?
    /// Whether every variant of the manifest is among the arms: when one is missing its units go to another, and what
    /// they do says nothing of the variant that was meant.
    private let isComplete: Bool

    /// - Parameter shares: how units are dealt to all variants of the manifest.
    /// - Returns: nil when no variant is able to answer.
    init?(
        _ manifest: EndpointManifest, shares: Shares, arms: [Arm], bandit: LiveBandit?, trial: ExperimentTrial?,
        isDecided: Bool
    ) {
        guard !arms.isEmpty else { return nil }
        self.arms = arms
        self.shares = shares
        assignment = manifest.assignment
        isComplete = arms.count == manifest.variants.count
        let isRunning = isComplete && !isDecided
        experiment = isRunning ? manifest.onlineExperiment?.id.text : nil
        self.bandit = isRunning ? bandit : nil
        guards = isRunning ? trial : nil
    }

    /// What a request is answered by, and how it came to that.
    struct Pick: Sendable {
        let deployment: Deployment
        /// The probability with which this arm was chosen; nil when it was asked for by name.
        let propensity: Double?
        /// The experiment whose unit this is; nil when it is none.
        let experiment: String?
        let unit: String?
        /// Where the outcome is counted.
        let trial: (RolloutTrial, GuardrailTest.Arm)?
        /// Where the outcome is counted for the experiment's guardrails.
        let guards: ExperimentTrial?

        /// The same, answered by another deployment; what comes of that says nothing of the one that was meant.
        func answered(by deployment: Deployment) -> Pick {
            Pick(
                deployment: deployment, propensity: propensity, experiment: experiment, unit: unit, trial: nil,
                guards: nil)
        }
    }

    /// The name of what says whom a request is about; nil when that does not matter.
    var key: String? { assignment?.key }

    /// Whether it matters whom a request is about.
    var needsUnit: Bool { assignment?.key != nil && arms.count > 1 && bandit == nil }

    /// - Throws: `ServingError` 404 for a variant that is not there.
    func arm(named name: String) throws -> Arm {
        guard let arm = arms.first(where: { $0.variant == name }) else {
            throw ServingError(
                .doesNotExist, "There is no variant '\(name)' that answers.",
                hint: "Those that answer: \(arms.map(\.variant).joined(separator: ", ")).")
        }
        return arm
    }

    /// - Parameters:
    ///   - unit: whom the request is about, for variants that are assigned by it.
    /// - Throws: `ServingError` 404 for a variant that is not there.
    func pick(_ choice: VariantChoice, unit: String?, entropy: Entropy) throws -> Pick {
        switch choice {
        case .named(let name):
            return Pick(
                deployment: try arm(named: name).stable, propensity: nil, experiment: nil, unit: unit, trial: nil,
                guards: nil)
        case .assigned:
            if let bandit {
                let choice = bandit.choose(entropy)
                return answer(by: arm(choice.arm), choice.propensity, unit, entropy)
            }
            let name = shares.arm(of: bucket(of: unit, assignment, entropy))
            return answer(by: arm(name), shares.probability(of: name), unit, entropy)
        }
    }

    /// The arm of a variant; where it cannot answer, the first that can.
    private func arm(_ name: String) -> Arm {
        arms.first { $0.variant == name } ?? arms[0]
    }

    private func bucket(of unit: String?, _ assignment: Assignment?, _ entropy: Entropy) -> Bucket {
        var generator = entropy.generator
        return assignment?.bucket(of: unit, using: &generator) ?? Bucket(using: &generator)
    }

    private func answer(
        by arm: Arm, _ propensity: Double, _ unit: String?, _ entropy: Entropy
    ) -> Pick {
        var deployment = arm.stable
        var trial: (RolloutTrial, GuardrailTest.Arm)?
        if let candidate = arm.candidate {
            // Its own salt: who tries new versions out is independent of the experiment.
            let bucket = bucket(of: unit, candidate.trial.assignment, entropy)
            let isChosen = bucket.index < candidate.percent * 100
            if isChosen { deployment = candidate.deployment }
            trial = (candidate.trial, isChosen ? .candidate : .control)
        }
        return Pick(
            deployment: deployment, propensity: propensity,
            experiment: bandit == nil && unit == nil ? nil : experiment, unit: unit, trial: trial, guards: guards)
    }
}

/// Which variant a request wants to be answered by.
package enum VariantChoice: Sendable, Hashable {
    /// The one that it is assigned to.
    case assigned
    case named(String)
}
