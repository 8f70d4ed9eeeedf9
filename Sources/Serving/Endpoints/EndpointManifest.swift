package import Manifests
package import Registry
import Wire

/// What an endpoint should be: the manifest of kind `Endpoint`.
package struct EndpointManifest: Sendable, Hashable {
    package struct Variant: Sendable, Hashable {
        package let name: String
        package let model: ModelReference
        /// The share of requests in percent.
        package let weight: Int
    }

    package let name: String
    package let team: String?
    /// Exactly one: the manifest takes no more.
    package let variants: [Variant]

    /// - Throws: `ManifestError` with the line, column and path of what is wrong.
    package init(_ manifest: Manifest) throws {
        name = manifest.name
        team = manifest.team
        let spec = try ManifestFields(manifest.spec, keys: ["variants"])
        let nodes = try spec.list("variants")
        variants = try nodes.map(Self.variant)
        guard !nodes.isEmpty else {
            throw ManifestError(
                at: spec.place, "an endpoint has one variant",
                hint: "Add 'variants: [{ name: main, model: \"models:/NAME@champion\" }]'.")
        }
        guard nodes.count == 1 else {
            throw ManifestError(
                at: nodes[1].place, "an endpoint has exactly one variant in this version", hint: "Remove the others.")
        }
    }

    private static func variant(_ node: ManifestNode) throws -> Variant {
        let fields = try ManifestFields(node, keys: ["name", "model", "weight"])
        let model = try fields.string("model")
        guard let reference = try? ModelReference(model), reference.name != nil else {
            throw ManifestError(
                at: try fields.node("model").place, "'\(model)' does not name a model version",
                hint: "Write models:/NAME@ALIAS or models:/NAME/VERSION.")
        }
        let weight = try fields.optionalInteger("weight", in: 1...100) ?? 100
        guard weight == 100 else {
            throw ManifestError(at: try fields.node("weight").place, "the weights of the variants must add up to 100")
        }
        return Variant(name: try fields.optionalString("name") ?? "main", model: reference, weight: weight)
    }

    /// The kind as the manifests' store knows it.
    package static let kind = ManifestKind(name: "Endpoint", plural: "endpoints") { manifest in
        _ = try EndpointManifest(manifest)
    }
}
