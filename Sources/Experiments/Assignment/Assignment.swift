package import Manifests
package import Wire

/// What decides which arm a request goes to: the block `assignment` of an endpoint.
package struct Assignment: Sendable, Hashable {
    /// The input column, or other name, that says who a request is about; nil assigns each request at random.
    package let key: String?
    /// A new salt deals all units anew, and starts a new experiment.
    package let salt: String

    package init(key: String?, salt: String) {
        self.key = key
        self.salt = salt
    }

    /// - Parameter endpoint: its name, the salt where none is written.
    /// - Throws: `ManifestError`.
    package init(_ node: ManifestNode, endpoint: String) throws {
        let fields = try ManifestFields(node, keys: ["key", "salt"])
        key = try fields.optionalString("key")
        salt = try fields.optionalString("salt") ?? endpoint
        guard key != "" else {
            throw ManifestError(
                at: try fields.node("key").place, "the key is empty",
                hint: "Name the input column that says who a request is about, or leave the key out.")
        }
        guard !salt.isEmpty, salt.utf8.count <= 250 else {
            throw ManifestError(at: fields.place, "a salt is a text of 1 to 250 bytes")
        }
    }

    /// The place of a unit; where it is not known, one at random.
    package func bucket(of unit: String?, using generator: inout some RandomNumberGenerator) -> Bucket {
        guard let unit else { return Bucket(using: &generator) }
        return Bucket(unit: unit, salt: salt)
    }
}

extension Assignment: JSONRepresentable {
    package var json: JSON {
        .compact(["key": key.map(JSON.string), "salt": .string(salt)])
    }
}
