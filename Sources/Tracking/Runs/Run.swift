package import Wire

/// How far a run has come, as its client says.
package enum RunStatus: String, MLflowEnumeration, Sendable, Hashable {
    case running = "RUNNING"
    case scheduled = "SCHEDULED"
    case finished = "FINISHED"
    case failed = "FAILED"
    case killed = "KILLED"
}

/// One execution of user code: who, when, how it ended.
package struct RunInfo: Sendable, Hashable {
    /// 32 lower-case hexadecimal digits.
    package let id: String
    package let experimentID: ExperimentID
    package let name: String
    package let userID: String
    package let status: RunStatus
    package let startTime: Timestamp
    package let endTime: Timestamp?
    /// The URI of the folder with its files.
    package let artifactURI: String
    package let stage: LifecycleStage
}

extension RunInfo: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("run_id", id)
            writer.member("run_uuid", id)
            writer.member("run_name", name)
            writer.member("experiment_id", experimentID.text)
            writer.member("user_id", userID)
            writer.member("status", status.rawValue)
            writer.member("start_time", startTime.milliseconds)
            if let endTime { writer.member("end_time", endTime.milliseconds) }
            writer.member("artifact_uri", artifactURI)
            writer.member("lifecycle_stage", stage.rawValue)
        }
    }
}

/// A run with everything known about it; where many are shown, with as much as was asked for.
package struct Run: Sendable, Hashable {
    package let info: RunInfo
    /// The latest value of each key, by key.
    package let metrics: [Metric]
    package let params: [Param]
    package let tags: [Tag]
    package let datasetInputs: [DatasetInput]
    /// The ids of the logged models that it used.
    package let modelInputs: [String]
    package let modelOutputs: [ModelOutput]

    package init(
        info: RunInfo, metrics: [Metric] = [], params: [Param] = [], tags: [Tag] = [],
        datasetInputs: [DatasetInput] = [], modelInputs: [String] = [], modelOutputs: [ModelOutput] = []
    ) {
        self.info = info
        self.metrics = metrics
        self.params = params
        self.tags = tags
        self.datasetInputs = datasetInputs
        self.modelInputs = modelInputs
        self.modelOutputs = modelOutputs
    }

    /// The tag that holds the run's name.
    package static let nameKey = "mlflow.runName"
    /// The tag that names the run that this one is a part of.
    package static let parentKey = "mlflow.parentRunId"

    package func tag(_ key: String) -> String? {
        tags.first { $0.key == key }?.value
    }
}

extension Run: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.name("info")
            info.write(to: &writer)
            writer.name("data")
            writer.object { writer in
                writer.list("metrics", metrics) { $1.write(to: &$0) }
                writer.list("params", params) { $0.pair($1.key, $1.value) }
                writer.list("tags", tags) { $0.pair($1.key, $1.value) }
            }
            writer.name("inputs")
            writer.object { writer in
                writer.list("dataset_inputs", datasetInputs) { $0.write($1.json) }
                writer.list("model_inputs", modelInputs) { $0.write(["model_id": .string($1)]) }
            }
            writer.name("outputs")
            writer.object { $0.list("model_outputs", modelOutputs) { $0.write($1.json) } }
        }
    }
}

/// A logged model that a run made, and at which step.
package struct ModelOutput: Sendable, Hashable {
    package let modelID: String
    package let step: Int64

    package init(modelID: String, step: Int64) {
        self.modelID = modelID
        self.step = step
    }
}

extension ModelOutput: JSONRepresentable {
    package var json: JSON { ["model_id": .string(modelID), "step": .integer(step)] }
}
