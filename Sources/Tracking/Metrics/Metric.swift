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

    /// Whether it counts as the latest value of its key beside `other`: the greater step, then timestamp, then value,
    /// where NaN counts as 0.
    func isLater(than other: Metric) -> Bool {
        if step != other.step { return step > other.step }
        if timestamp != other.timestamp { return timestamp > other.timestamp }
        return storedValue > other.storedValue
    }

    /// The value as a column holds it: SQL has no NaN that every engine keeps, so it is 0 beside a flag.
    var storedValue: Double { value.isNaN ? 0 : value }
}

extension Metric: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.name("key")
            writer.write(key)
            writer.name("value")
            writer.write(value)
            writer.name("timestamp")
            writer.write(timestamp.milliseconds)
            writer.name("step")
            writer.write(step)
            if let dataset {
                writer.name("dataset_name")
                writer.write(dataset.name)
                writer.name("dataset_digest")
                writer.write(dataset.digest)
            }
            if let modelID {
                writer.name("model_id")
                writer.write(modelID)
            }
            if let runID {
                writer.name("run_id")
                writer.write(runID)
            }
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
