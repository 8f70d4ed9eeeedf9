package import Runtimes
package import Wire

/// An endpoint as it is: what it serves at this moment, and whether it can answer.
package struct Endpoint: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        /// Nothing can answer yet.
        case loading
        /// Requests are answered.
        case ready
        /// Nothing can answer, and `message` says why.
        case failed
    }

    /// A model version that is loaded.
    package struct Deployed: Sendable, Hashable {
        package let model: String
        package let version: Int
        /// Such as `lightgbm` or `python`.
        package let runtime: String
        /// The processes that run it; nil when it runs in the server or elsewhere.
        package let workers: WorkerCount?
    }

    /// A version that is tried out beside the one that answers for a variant.
    package struct Candidate: Sendable, Hashable {
        package let deployed: Deployed
        /// The share of the variant's requests that it gets, of 100.
        package let percent: Int
        /// The rollout's id.
        package let rollout: Int64
    }

    /// A model that gets copies of requests.
    package struct Shadow: Sendable, Hashable {
        /// Nil while it is not loaded.
        package let deployed: Deployed?
        package let percent: Int
        /// Of so many requests it took a copy since it was loaded here, and went without so many.
        package let taken: Int
        package let dropped: Int
        /// Why it is not loaded.
        package let message: String?
    }

    /// One of the models that the endpoint divides its requests among.
    package struct Variant: Sendable, Hashable {
        package let name: String
        package let weight: Int
        package let state: State
        package let message: String?
        /// What answers; nil while nothing does.
        package let deployed: Deployed?
        package let candidate: Candidate?

        package var model: String? { deployed?.model }
        package var version: Int? { deployed?.version }
        package var runtime: String? { deployed?.runtime }
    }

    package let name: String
    package let team: String?
    /// Ready as soon as one variant answers, because it answers for the others too.
    package let state: State
    /// What there is to say beside the state: why it failed, or what is being loaded.
    package let message: String?
    /// In the order of the manifest; empty when the manifest cannot be followed.
    package let variants: [Variant]
    package let shadow: Shadow?
    package let manifest: JSON

    /// The versions that answer, each with its variant.
    package var answering: [(variant: String, deployed: Deployed)] {
        variants.flatMap { variant in
            [variant.deployed, variant.candidate?.deployed].compactMap { deployed in
                deployed.map { (variant.name, $0) }
            }
        }
    }

    /// All model versions that are loaded for it.
    package var loaded: [Deployed] {
        answering.map(\.deployed) + [shadow?.deployed].compactMap(\.self)
    }

    /// An endpoint whose manifest is followed.
    init(name: String, team: String?, variants: [Variant], shadow: Shadow?, manifest: JSON) {
        let states = variants.map(\.state)
        let messages = variants.compactMap { variant in
            variant.message.map { variants.count == 1 ? $0 : "\(variant.name): \($0)" }
        }
        self.name = name
        self.team = team
        state = states.contains(.ready) ? .ready : states.contains(.failed) ? .failed : .loading
        message = messages.isEmpty ? nil : messages.joined(separator: " ")
        self.variants = variants
        self.shadow = shadow
        self.manifest = manifest
    }

    /// An endpoint that has not been taken up.
    init(name: String, team: String?, state: State, message: String?, manifest: JSON) {
        self.name = name
        self.team = team
        self.state = state
        self.message = message
        variants = []
        shadow = nil
        self.manifest = manifest
    }
}

extension Endpoint: JSONRepresentable {
    package var json: JSON {
        .compact([
            "name": .string(name), "team": team.map(JSON.string), "state": .string(state.rawValue),
            "message": message.map(JSON.string), "variants": .array(variants.map(\.json)), "shadow": shadow?.json,
            "manifest": manifest,
        ])
    }
}

extension Endpoint.Variant: JSONRepresentable {
    package var json: JSON {
        .compact([
            "name": .string(name), "weight": .integer(Int64(weight)), "state": .string(state.rawValue),
            "message": message.map(JSON.string), "model": model.map(JSON.string),
            "version": version.map { .integer(Int64($0)) }, "runtime": runtime.map(JSON.string),
            "workers": deployed?.workers?.json, "candidate": candidate?.json,
        ])
    }
}

extension Endpoint.Candidate: JSONRepresentable {
    package var json: JSON {
        [
            "model": .string(deployed.model), "version": .integer(Int64(deployed.version)),
            "runtime": .string(deployed.runtime), "percent": .integer(Int64(percent)), "rollout": .integer(rollout),
        ]
    }
}

extension Endpoint.Shadow: JSONRepresentable {
    package var json: JSON {
        .compact([
            "model": deployed.map { .string($0.model) }, "version": deployed.map { .integer(Int64($0.version)) },
            "runtime": deployed.map { .string($0.runtime) }, "percent": .integer(Int64(percent)),
            "message": message.map(JSON.string),
        ])
    }
}
