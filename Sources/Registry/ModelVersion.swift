package import Tracking
package import Wire

/// One version of a registered model: where its files are and where it came from.
package struct ModelVersion: Sendable, Hashable {
    package let name: String
    /// Counts from 1; the number of a deleted version is never given again.
    package let version: Int64
    package let creationTime: Timestamp
    package let lastUpdateTime: Timestamp
    package let stage: ModelStage
    package let description: String
    /// As it was given, such as `models:/m-…`.
    package let source: String
    /// The URI of the folder with its files.
    package let storageURI: String
    /// The run that made it; empty when none is known.
    package let runID: String
    package let runLink: String
    /// The logged model it is; empty when it was registered from elsewhere.
    package let modelID: String
    package let tags: [Tag]
    /// In alphabetical order.
    package let aliases: [String]

    /// Such as `churn/3`.
    package var path: String { "\(name)/\(version)" }

    /// The form of single answers and of lists; searches leave the aliases out.
    func json(withAliases: Bool) -> JSON {
        .compact([
            "name": .string(name), "version": .string(String(version)), "creation_timestamp": creationTime.json,
            "last_updated_timestamp": lastUpdateTime.json, "current_stage": .string(stage.rawValue),
            "description": .string(description), "source": .string(source), "run_id": .string(runID),
            "status": "READY", "run_link": .string(runLink), "tags": tags.isEmpty ? nil : .array(tags.map(\.json)),
            "aliases": withAliases && !aliases.isEmpty ? .strings(aliases) : nil,
        ])
    }
}

extension ModelVersion: JSONRepresentable {
    package var json: JSON { json(withAliases: true) }
}

/// MLflow's stages, kept for clients that still use them; aliases say more.
package enum ModelStage: String, Sendable, Hashable, CaseIterable {
    case none = "None"
    case staging = "Staging"
    case production = "Production"
    case archived = "Archived"

    /// - Throws: `FieldProblem` for a word that is no stage, in any case of letters.
    package init(named name: String) throws {
        guard let stage = Self.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw FieldProblem("Invalid Model Version stage: \(name). Value must be one of \(known).")
        }
        self = stage
    }
}

/// A version about to be registered.
package struct NewModelVersion: Sendable {
    package let name: String
    package let source: String
    package let runID: String
    package let runLink: String
    package let description: String
    package let modelID: String
    package let tags: [Tag]

    /// Whether it is a version of a prompt, which the client keeps in the registry beside models.
    var isPrompt: Bool { tags.contains(Tag(key: RegisteredModel.promptKey, value: "true")) }

    package init(
        name: String, source: String, runID: String = "", runLink: String = "", description: String = "",
        modelID: String = "", tags: [Tag] = []
    ) {
        self.name = name
        self.source = source
        self.runID = runID
        self.runLink = runLink
        self.description = description
        self.modelID = modelID
        self.tags = tags
    }
}
