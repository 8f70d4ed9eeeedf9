package import Tracking
package import Wire

/// A name under which versions of a model are kept.
package struct RegisteredModel: Sendable, Hashable {
    package let name: String
    package let creationTime: Timestamp
    package let lastUpdateTime: Timestamp
    package let description: String
    package let tags: [Tag]
    /// By alias.
    package let aliases: [ModelAlias]
    /// The newest version of each stage.
    package let latestVersions: [ModelVersion]

    /// - Throws: `FieldProblem` for a name that could not stand in a `models:/` URI.
    static func checkName(_ name: String, parameter: String = "name") throws {
        guard !name.allSatisfy(\.isWhitespace), !name.contains("/"), !name.contains(":"), name != ".", name != ".."
        else {
            throw FieldProblem(
                "Invalid value '\(name)' for parameter '\(parameter)' supplied: a registered model's name cannot be blank, "
                    + "'.' or '..', and has no '/' or ':'.")
        }
    }

    /// The tag that marks a prompt, which the registry keeps like a model but does not list among them.
    static let promptKey = "mlflow.prompt.is_prompt"

    package var isPrompt: Bool { tags.contains(Tag(key: Self.promptKey, value: "true")) }
}

extension RegisteredModel: JSONRepresentable {
    package var json: JSON {
        .compact([
            "name": .string(name), "creation_timestamp": creationTime.json,
            "last_updated_timestamp": lastUpdateTime.json,
            "description": description.isEmpty ? nil : .string(description),
            "latest_versions": latestVersions.isEmpty ? nil : .array(latestVersions.map(\.json)),
            "tags": tags.isEmpty ? nil : .array(tags.map(\.json)),
            "aliases": aliases.isEmpty ? nil : .array(aliases.map(\.json)),
        ])
    }
}

/// A movable name for one version.
package struct ModelAlias: Sendable, Hashable {
    package let alias: String
    package let version: Int64

    /// - Throws: `FieldProblem` for a name that is taken by the grammar of `models:/` URIs or has other characters than
    ///   letters, digits, `_` and `-`.
    static func check(_ alias: String) throws {
        try checkLetters(alias)
        let isReserved = alias.lowercased() == "latest" || alias.wholeMatch(of: /[vV]\d+/) != nil
        guard !isReserved else {
            throw FieldProblem("Invalid value '\(alias)' for parameter 'alias' supplied: this alias name is reserved.")
        }
    }

    /// - Throws: `FieldProblem` for a name of other characters than an alias has, or too long.
    static func checkLetters(_ alias: String) throws {
        let isWord = alias.unicodeScalars.allSatisfy { scalar in
            scalar == "_" || scalar == "-" || Character(scalar).isLetter || Character(scalar).isNumber
        }
        guard isWord, alias.unicodeScalars.count <= 255 else {
            throw FieldProblem(
                "Invalid value '\(alias.prefix(80))' for parameter 'alias' supplied: an alias has letters, digits, '_' and "
                    + "'-', at most 255.")
        }
    }
}

extension ModelAlias: JSONRepresentable {
    package var json: JSON { ["alias": .string(alias), "version": .string(String(version))] }
}
