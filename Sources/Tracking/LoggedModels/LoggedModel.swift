package import Wire

/// Whether the files of a logged model are all there.
package enum LoggedModelStatus: String, MLflowEnumeration, Sendable, Hashable {
    case unspecified = "LOGGED_MODEL_STATUS_UNSPECIFIED"
    case pending = "LOGGED_MODEL_PENDING"
    case ready = "LOGGED_MODEL_READY"
    case uploadFailed = "LOGGED_MODEL_UPLOAD_FAILED"

    package static var firstNumber: Int { 0 }
}

/// A model that a run logged: its files, what made it, and how it was measured.
package struct LoggedModel: Sendable, Hashable {
    /// `m-` and 32 lower-case hexadecimal digits.
    package let id: String
    package let experimentID: ExperimentID
    package let name: String
    package let creationTime: Timestamp
    /// When its status last changed; tags and params do not count.
    package let lastUpdateTime: Timestamp
    /// The URI of the folder with its files.
    package let artifactURI: String
    package let status: LoggedModelStatus
    package let stage: LifecycleStage
    package let modelType: String
    /// The run that made it; empty when none did.
    package let sourceRunID: String
    package let tags: [Tag]
    package let params: [Param]
    /// Every point that was logged for it.
    package let metrics: [Metric]

    package func tag(_ key: String) -> String? {
        tags.first { $0.key == key }?.value
    }

    /// - Throws: `FieldProblem` for a name that could not be told from a path or a URI.
    static func checkName(_ name: String) throws {
        guard !name.contains(where: { "/:.%\"'".contains($0) }) else {
            throw FieldProblem(
                "Invalid model name ('\(name)') provided. Model name must be a non-empty string and cannot contain the "
                    + "following characters: / : . % \" '")
        }
    }
}

extension LoggedModel: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.name("info")
            writer.write(
                .compact([
                    "model_id": .string(id), "experiment_id": .string(experimentID.text), "name": .string(name),
                    "creation_timestamp_ms": creationTime.json, "last_updated_timestamp_ms": lastUpdateTime.json,
                    "artifact_uri": .string(artifactURI), "status": .string(status.rawValue),
                    "model_type": .string(modelType), "source_run_id": .string(sourceRunID), "tags": .nonEmpty(tags),
                    // MLflow does not say it; absent, it means that the model is in use.
                    "lifecycle_stage": stage == .deleted ? .string(stage.rawValue) : nil,
                ]))
            writer.name("data")
            writer.object { writer in
                writer.list("params", params) { $0.pair($1.key, $1.value) }
                writer.list("metrics", metrics) { $1.write(to: &$0) }
            }
        }
    }
}

/// A logged model about to be created.
package struct NewLoggedModel: Sendable {
    package let experimentID: ExperimentID
    /// Nil lets the server choose one.
    package let name: String?
    package let modelType: String
    package let sourceRunID: String
    package let params: [Param]
    package let tags: [Tag]

    /// - Throws: `FieldProblem` for a name with forbidden characters, and for a tag that is given twice.
    package init(
        experimentID: ExperimentID, name: String? = nil, modelType: String = "", sourceRunID: String = "",
        params: [Param] = [], tags: [Tag] = []
    ) throws {
        if let name { try LoggedModel.checkName(name) }
        try tags.requireUniqueKeys()
        self.experimentID = experimentID
        self.name = name?.isEmpty == true ? nil : name
        self.modelType = modelType
        self.sourceRunID = sourceRunID
        self.params = params
        self.tags = tags
    }
}
