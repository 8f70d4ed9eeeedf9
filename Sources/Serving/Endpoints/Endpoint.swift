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

    /// What answers a variant's requests.
    package struct Variant: Sendable, Hashable {
        package let name: String
        package let model: String
        package let version: Int
        package let weight: Int
        /// Such as `lightgbm` or `python`.
        package let runtime: String
    }

    package let name: String
    package let team: String?
    package let state: State
    /// What there is to say beside the state: why it failed, or what is being loaded.
    package let message: String?
    /// Empty while nothing is deployed.
    package let variants: [Variant]
    package let manifest: JSON
}

extension Endpoint: JSONRepresentable {
    package var json: JSON {
        .compact([
            "name": .string(name), "team": team.map(JSON.string), "state": .string(state.rawValue),
            "message": message.map(JSON.string), "variants": .array(variants.map(\.json)), "manifest": manifest,
        ])
    }
}

extension Endpoint.Variant: JSONRepresentable {
    package var json: JSON {
        [
            "name": .string(name), "model": .string(model), "version": .integer(Int64(version)),
            "weight": .integer(Int64(weight)), "runtime": .string(runtime),
        ]
    }
}
