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
        return try rows.map { row in
            let id: String = try row.get(0)
            return LoggedModel(
                id: id, experimentID: try row.get(1), name: try row.get(2), creationTime: try row.get(3),
                lastUpdateTime: try row.get(4), artifactURI: try row.get(5), status: try row.get(6),
                stage: try row.get(7), modelType: try row.get(8), sourceRunID: try row.get(9), tags: tags[id] ?? [],
                params: params[id] ?? [], metrics: metrics[id] ?? [])
        }
    }

    private static func metrics(of models: [String], in reader: Reader) throws -> [String: [Metric]] {
        var metrics: [String: [Metric]] = [:]
        try reader.forEachRow(of: models) { models in
            """
            SELECT model_id, key, timestamp, step, value, is_nan, run_id, dataset_name, dataset_digest
            FROM logged_model_metrics WHERE model_id IN \(list: models)
            ORDER BY model_id, key, timestamp, step, value, is_nan, run_id, dataset_name, dataset_digest
            """
        } _: { row in
            let id: String = try row.get(0)
            let isNaN: Bool = try row.get(5)
            let dataset = DatasetName(name: try row.get(7), digest: try row.get(8))
            let metric = Metric(
                key: try row.get(1), value: isNaN ? .nan : try row.get(4), timestamp: try row.get(2),
                step: try row.get(3), runID: try row.get(6), modelID: id, dataset: dataset.name.isEmpty ? nil : dataset)
            metrics[id, default: []].append(metric)
        }
        return metrics
    }

    /// The models that some runs used, in the order in which they were logged.
    static func inputs(of runs: [String], in reader: Reader) throws -> [String: [String]] {
        var inputs: [String: [String]] = [:]
        try reader.forEachRow(of: runs) { runs in
            "SELECT run_id, model_id FROM model_inputs WHERE run_id IN \(list: runs) ORDER BY run_id, position"
        } _: { row in
            inputs[try row.get(0), default: []].append(try row.get(1))
        }
        return inputs
    }

    /// The models that some runs made, in the order in which they were logged.
    static func outputs(of runs: [String], in reader: Reader) throws -> [String: [ModelOutput]] {
        var outputs: [String: [ModelOutput]] = [:]
        try reader.forEachRow(of: runs) { runs in
            "SELECT run_id, model_id, step FROM model_outputs WHERE run_id IN \(list: runs) ORDER BY run_id, position"
        } _: { row in
            outputs[try row.get(0), default: []].append(
                ModelOutput(modelID: try row.get(1), step: try row.get(2)))
        }
        return outputs
    }

    /// Adds points that a run logged to the models that they measure.
    /// - Throws: `TrackingError` 400 for an unknown model.
    static func log(_ points: [Metric], from run: RunInfo, in transaction: Transaction) throws {
        var known: Set<String> = []
        for point in points {
            guard let model = point.modelID else { continue }
            if known.insert(model).inserted {
                guard try transaction.row("SELECT 1 FROM logged_models WHERE model_id = \(model)") != nil else {
                    throw TrackingError(
                        .invalidParameterValue,
                        "Metric '\(point.key)' names the logged model '\(model)', which does not exist.")
                }
            }
            try transaction.execute(
                """
                INSERT INTO logged_model_metrics
                    (model_id, key, timestamp, step, value, is_nan, run_id, dataset_name, dataset_digest)
                VALUES (\(model), \(point.key), \(point.timestamp), \(point.step), \(point.storedValue),
                    \(point.value.isNaN), \(run.id), \(point.dataset?.name ?? ""), \(point.dataset?.digest ?? ""))
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
