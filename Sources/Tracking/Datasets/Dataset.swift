package import Wire

/// Data that a run used, known within an experiment by its name and digest.
package struct Dataset: Sendable, Hashable {
    package let name: String
    package let digest: String
    package let sourceType: String
    /// Where it came from; JSON or any text, as its source type says.
    package let source: String
    package let schema: String?
    package let profile: String?

    package init(
        name: String, digest: String, sourceType: String, source: String, schema: String? = nil, profile: String? = nil
    ) {
        self.name = name
        self.digest = digest
        self.sourceType = sourceType
        self.source = source
        self.schema = schema
        self.profile = profile
    }

    /// The longest values in characters.
    static let limits = (name: 500, digest: 36, source: 65535, schema: 1_048_575, profile: 16_777_215)
}

extension Dataset: JSONRepresentable {
    package var json: JSON {
        .compact([
            "name": .string(name), "digest": .string(digest), "source_type": .string(sourceType),
            "source": .string(source), "schema": schema.map(JSON.string), "profile": profile.map(JSON.string),
        ])
    }
}

/// A dataset as the input of a run, with what the run says of it.
package struct DatasetInput: Sendable, Hashable {
    package let dataset: Dataset
    package let tags: [Tag]

    package init(dataset: Dataset, tags: [Tag] = []) {
        self.dataset = dataset
        self.tags = tags
    }

    /// What the run used it for, such as `training`.
    package var context: String? {
        tags.first { $0.key == Self.contextKey }?.value
    }

    static let contextKey = "mlflow.data.context"
    static let maximumTagKeyLength = 255
    static let maximumTagValueLength = 500
}

extension DatasetInput: JSONRepresentable {
    package var json: JSON { .compact(["tags": .nonEmpty(tags), "dataset": dataset.json]) }
}

/// A dataset that some run of an experiment used, and what for.
package struct DatasetSummary: Sendable, Hashable {
    package let experimentID: ExperimentID
    package let name: String
    package let digest: String
    package let context: String?
}

extension DatasetSummary: JSONRepresentable {
    package var json: JSON {
        .compact([
            "experiment_id": .string(experimentID.text), "name": .string(name), "digest": .string(digest),
            "context": context.map(JSON.string),
        ])
    }
}
