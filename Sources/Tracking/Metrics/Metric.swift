package import Wire

/// A value of a metric, logged at a moment and a step.
package struct Metric: Sendable, Hashable {
    package let key: String
    /// Finite or NaN; infinities are kept as the greatest finite numbers, as MLflow does.
    package let value: Double
    /// As the client says, never negative.
    package let timestamp: Timestamp
    package let step: Int64
    /// The run that logged it, where that is not plain from where it stands.
    package let runID: String?
    /// The logged model that it measures.
    package let modelID: String?
    /// The dataset that the model was measured on.
    package let dataset: DatasetName?

    package init(
        key: String, value: Double, timestamp: Timestamp, step: Int64 = 0, runID: String? = nil,
        modelID: String? = nil, dataset: DatasetName? = nil
    ) {
        self.key = key
        // The sum makes 0 of -0, which not every engine keeps.
        self.value = value.isInfinite ? (value < 0 ? -1 : 1) * Double.greatestFiniteMagnitude : value + 0
        self.timestamp = timestamp
        self.step = step
        self.runID = runID
        self.modelID = modelID
        self.dataset = dataset
    }
}

extension Metric: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("key", key)
            writer.name("value")
            writer.write(value)
            writer.member("timestamp", timestamp.milliseconds)
            writer.member("step", step)
            if let dataset {
                writer.member("dataset_name", dataset.name)
                writer.member("dataset_digest", dataset.digest)
            }
            if let modelID { writer.member("model_id", modelID) }
            if let runID { writer.member("run_id", runID) }
        }
    }
}

/// A dataset as a metric refers to it.
package struct DatasetName: Sendable, Hashable {
    package let name: String
    package let digest: String

    package init(name: String, digest: String) {
        self.name = name
        self.digest = digest
    }
}
