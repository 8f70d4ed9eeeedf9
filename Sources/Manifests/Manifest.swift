package import Wire
import YAML

/// A declaration of what should be: `apiVersion`, `kind`, `metadata` and `spec`, kept in Git and applied.
package struct Manifest: Sendable, Hashable {
    package static let apiVersion = "martlet/v1"

    package let kind: String
    /// Lower-case letters, digits and `-`, at most 63, starting with a letter or digit.
    package let name: String
    package let team: String?
    package let spec: ManifestNode

    /// - Throws: `ManifestError` that names line, column and path.
    init(_ document: ManifestNode) throws {
        let fields = try ManifestFields(document, keys: ["apiVersion", "kind", "metadata", "spec"])
        let version = try fields.string("apiVersion")
        guard version == Self.apiVersion else {
            throw ManifestError(
                at: try fields.node("apiVersion").place, "this server reads '\(Self.apiVersion)', not '\(version)'")
        }
        kind = try fields.string("kind")
        let metadata = try ManifestFields(try fields.node("metadata"), keys: ["name", "team"])
        name = try metadata.string("name")
        guard Self.isValid(name: name) else {
            throw ManifestError(
                at: try metadata.node("name").place,
                "a name has lower-case letters, digits and '-', at most 63, and starts with a letter or digit")
        }
        team = try metadata.optionalString("team")
        spec = try fields.node("spec")
    }

    /// The manifest as people write it.
    package var yaml: String { YAMLText.text(of: json) }

    /// Reads the manifests of a YAML text of one or more documents.
    package static func parse(yaml: String) throws -> [Manifest] {
        try ManifestNode.documents(inYAML: yaml).map(Manifest.init)
    }

    private static func isValid(name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 63, first != UInt8(ascii: "-") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}

extension Manifest: JSONRepresentable {
    package var json: JSON {
        [
            "apiVersion": .string(Self.apiVersion), "kind": .string(kind),
            "metadata": .compact(["name": .string(name), "team": team.map(JSON.string)]), "spec": spec.json,
        ]
    }
}

/// A kind of manifest that a slice understands.
package struct ManifestKind: Sendable {
    /// As in `kind:`, such as `Endpoint`.
    package let name: String
    /// The word of routes, events and pages, such as `endpoints`.
    package let plural: String
    /// Whether each has a page of its own, `/<plural>/<name>`.
    package let hasPages: Bool
    /// Whether the manifest makes sense by itself.
    package let check: @Sendable (Manifest) throws -> Void

    package init(
        name: String, plural: String, hasPages: Bool = true, check: @escaping @Sendable (Manifest) throws -> Void
    ) {
        self.name = name
        self.plural = plural
        self.hasPages = hasPages
        self.check = check
    }
}
