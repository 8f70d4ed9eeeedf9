package import Database
import Wire

// Reading logged models, and their part in runs, within a transaction.

extension LoggedModelStore {
    static let columns: SQL = """
        l.model_id, l.experiment_id, l.name, l.creation_timestamp_ms, l.last_updated_timestamp_ms, l.artifact_uri, \
        l.status, l.lifecycle_stage, l.model_type, l.source_run_id
        """

    /// - Throws: `TrackingError` when there is none, deleted or not.
    package static func model(_ id: String, in reader: Reader) throws -> LoggedModel {
        guard let row = try reader.row("SELECT \(columns) FROM logged_models l WHERE model_id = \(id)") else {
            throw TrackingError.unknownLoggedModel(id)
        }
        return try complete([row], in: reader)[0]
    }

    /// - Throws: `TrackingError` when there is none.
    static func require(_ id: String, in reader: Reader) throws {
        guard try reader.row("SELECT 1 FROM logged_models WHERE model_id = \(id)") != nil else {
            throw TrackingError.unknownLoggedModel(id)
        }
    }

    /// The models of some rows, with their tags, params and metrics.
    static func complete(_ rows: [Row], in reader: Reader) throws -> [LoggedModel] {
        let ids = try rows.map { try $0.get(0, as: String.self) }
        let tags = try reader.tags(of: ids, table: "logged_model_tags", owner: "model_id")
        let params = try reader.params(of: ids, table: "logged_model_params", owner: "model_id")
        let metrics = try metrics(of: ids, in: reader)
        return try rows.indices.map { place in
            let row = rows[place]
            return LoggedModel(
                id: ids[place], experimentID: try row.get(1), name: try row.get(2), creationTime: try row.get(3),
                lastUpdateTime: try row.get(4), artifactURI: try row.get(5), status: try row.get(6),
                stage: try row.get(7), modelType: try row.get(8), sourceRunID: try row.get(9), tags: tags[place],
                params: params[place], metrics: metrics[place])
        }
    }

    private static let metrics = OwnedRows(
        "key, timestamp, step, value, is_nan, run_id, dataset_name, dataset_digest", from: "logged_model_metrics",
        owner: "model_id", orderedBy: "key, timestamp, step, value, is_nan, run_id, dataset_name, dataset_digest")

    private static func metrics(of models: [String], in reader: Reader) throws -> [[Metric]] {
        var lists: [[Metric]] = Array(repeating: [], count: models.count)
        try reader.forEachRow(metrics, of: models) { model, row in
            let isNaN: Bool = try row.get(4)
            let dataset = DatasetName(name: try row.get(6), digest: try row.get(7))
            lists[model].append(
                Metric(
                    key: try row.get(0), value: isNaN ? .nan : try row.get(3), timestamp: try row.get(1),
                    step: try row.get(2), runID: try row.get(5), modelID: models[model],
                    dataset: dataset.name.isEmpty ? nil : dataset))
        }
        return lists
    }

    /// The models that some runs used, in the order in which they were logged; at each run's place.
    static func inputs(of runs: [String], in reader: Reader) throws -> [[String]] {
        let inputs = OwnedRows("model_id", from: "model_inputs", owner: "run_id", orderedBy: "position")
        return try reader.lists(inputs, of: runs) { try $0.get(0) }
    }

    /// The models that some runs made, in the order in which they were logged; at each run's place.
    static func outputs(of runs: [String], in reader: Reader) throws -> [[ModelOutput]] {
        let outputs = OwnedRows("model_id, step", from: "model_outputs", owner: "run_id", orderedBy: "position")
        return try reader.lists(outputs, of: runs) { ModelOutput(modelID: try $0.get(0), step: try $0.get(1)) }
    }

    /// Adds points that a run logged to the models that they measure.
    /// - Throws: `TrackingError` 400 for an unknown model.
    static func log(_ metrics: [Metric], from run: RunInfo, in transaction: Transaction) throws {
        var known: Set<String> = []
        for metric in metrics {
            guard let model = metric.modelID else { continue }
            if known.insert(model).inserted {
                guard try transaction.row("SELECT 1 FROM logged_models WHERE model_id = \(model)") != nil else {
                    throw TrackingError(
                        .invalidParameterValue,
                        "Metric '\(metric.key)' names the logged model '\(model)', which does not exist.")
                }
            }
            try transaction.execute(
                """
                INSERT INTO logged_model_metrics
                    (model_id, key, timestamp, step, value, is_nan, run_id, dataset_name, dataset_digest)
                VALUES (\(model), \(metric.key), \(metric.timestamp), \(metric.step), \(metric.point.storedValue),
                    \(metric.value.isNaN), \(run.id), \(metric.dataset?.name ?? ""), \(metric.dataset?.digest ?? ""))
                ON CONFLICT DO NOTHING
                """)
        }
    }
}

extension LoggedModelStatus: SQLValueConvertible {
    package var sqlValue: SQLValue { .integer(Int64(number)) }
    package init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self.init(number: Int(number))
    }
}
