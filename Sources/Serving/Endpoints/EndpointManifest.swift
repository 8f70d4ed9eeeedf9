package import Experiments
package import Manifests
package import Predictions
package import Registry
package import Runtimes
import Wire

/// What an endpoint should be: the manifest of kind `Endpoint`.
package struct EndpointManifest: Sendable, Hashable {
    /// Where the model of a variant comes from.
    package enum Source: Sendable, Hashable {
        case registered(ModelReference)
        /// A model that another server runs.
        case remote(RemoteModel)
    }

    package struct Variant: Sendable, Hashable {
        package let name: String
        package let source: Source
        /// The share of requests in percent.
        package let weight: Int
        package let settings: RuntimeSettings
    }

    /// A model that gets copies of requests; nobody sees what it answers.
    package struct Shadow: Sendable, Hashable {
        package let source: Source
        /// The share of requests in percent.
        package let percent: Int
        package let settings: RuntimeSettings
    }

    package let name: String
    package let team: String?
    /// At least one; the weights add up to 100.
    package let variants: [Variant]
    package let assignment: Assignment?
    package let shadow: Shadow?
    package let experiment: ExperimentSpec?
    package let bandit: BanditSpec?
    package let rollout: RolloutPlan
    package let limits: EndpointLimits
    package let log: LogPolicy

    /// - Throws: `ManifestError` with the line, column and path of what is wrong.
    package init(_ manifest: Manifest) throws {
        name = manifest.name
        team = manifest.team
        let spec = try ManifestFields(
            manifest.spec,
            keys: [
                "variants", "assignment", "shadow", "experiment", "bandit", "rollout", "limits", "log",
            ])
        limits = try spec.optional("limits").map(EndpointLimits.init) ?? EndpointLimits()
        variants = try EndpointVariants.read(spec, timeout: limits.timeout)
        assignment = try spec.optional("assignment").map { try Assignment($0, endpoint: manifest.name) }
        shadow = try spec.optional("shadow").map(EndpointVariants.shadow)
        experiment = try spec.optional("experiment").map(ExperimentSpec.init)
        bandit = try spec.optional("bandit").map(BanditSpec.init)
        rollout = try spec.optional("rollout").map(RolloutPlan.init) ?? .blueGreen
        log = try spec.optional("log").map { try LogPolicy($0) } ?? .standard
        try checkTogether(spec)
    }

    private func checkTogether(_ spec: ManifestFields) throws {
        for key in ["experiment", "bandit"] where spec.has(key) && variants.count < 2 {
            throw ManifestError(
                at: try spec.node(key).place, "there is nothing to compare: the endpoint has one variant",
                hint: "Add another one to spec.variants.")
        }
        if spec.has("experiment"), spec.has("bandit") {
            throw ManifestError(
                at: try spec.node("bandit").place, "an experiment keeps its weights, a bandit moves them: take one")
        }
        if let experiment = spec.optional("experiment"), assignment?.key == nil {
            throw ManifestError(
                at: experiment.place, "an experiment needs to know whom a request is about",
                hint: "Add 'assignment: { key: customer_id }' to the spec.")
        }
    }

    /// The experiment or the bandit that the variants take part in; nil when there is none.
    var onlineExperiment: OnlineExperiment? {
        let arms = variants.map(\.name)
        if let experiment, let assignment {
            let id = ExperimentID(.experiment, endpoint: name, salt: assignment.salt)
            return OnlineExperiment(id, arms: arms, spec: experiment)
        }
        return bandit.map { bandit in
            let id = ExperimentID(.bandit, endpoint: name, salt: assignment?.salt ?? name)
            return OnlineExperiment(id, arms: arms, bandit: bandit)
        }
    }

    /// The models of all variants and of the shadow.
    var sources: [Source] {
        variants.map(\.source) + [shadow?.source].compactMap(\.self)
    }

    /// What is kept of the predictions of every endpoint that is declared, by its name.
    package static func logPolicies(in manifests: ManifestStore) async throws -> [String: LogPolicy] {
        let declared = try await manifests.all(kind: kind.name).compactMap { try? EndpointManifest($0) }
        return Dictionary(uniqueKeysWithValues: declared.map { ($0.name, $0.log) })
    }

    /// The kind as the manifests' store knows it.
    package static let kind = ManifestKind(name: "Endpoint", plural: "endpoints") { manifest in
        _ = try EndpointManifest(manifest)
    }
}

extension EndpointManifest.Source {
    var modelName: String? {
        if case .registered(let reference) = self { reference.name } else { nil }
    }

    /// What another server runs.
    var remote: RemoteModel? {
        if case .remote(let remote) = self { remote } else { nil }
    }
}

extension EndpointManifest.Source: CustomStringConvertible {
    package var description: String {
        switch self {
        case .registered(let reference): reference.uri
        case .remote(let remote): remote.url
        }
    }
}
