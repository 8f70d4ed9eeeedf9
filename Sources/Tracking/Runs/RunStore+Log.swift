import Database
import Events
package import Wire

// Logging into a run. Metrics, params and inputs are observations, too many to chain: they append no event. Tags are
// state and do.

extension RunStore {
    /// Logs params, then metrics, then tags; all or nothing.
    /// - Throws: `TrackingError` for a run that is unknown or deleted, for a param that has another value already, and
    ///   for a metric of an unknown logged model.
    package func log(_ batch: RunBatch, to id: String, by actor: String) async throws {
        try await database.write { try log(batch, to: id, by: actor, in: $0) }
    }

    func log(_ batch: RunBatch, to id: String, by actor: String, in transaction: Transaction) throws {
        let run = try Self.active(id, in: transaction)
        try Self.log(batch.params, to: id, in: transaction)
        let logged = try MetricStore.log(batch.metrics, to: run, in: transaction)
        for tag in batch.tags { try Self.set(tag, of: id, in: transaction) }
        try keys.note(logged.newKeys, .metric, in: run.experimentID, in: transaction)
        try keys.note(batch.params.lazy.map(\.key), .param, in: run.experimentID, in: transaction)
        try keys.note(batch.tags.lazy.map(\.key), .tag, in: run.experimentID, in: transaction)
        guard !batch.tags.isEmpty else { return }
        try events.append(
            Change(by: actor, "run.tagged", of: Self.subject(id), ["tags": batch.tags.excerpt]), in: transaction)
    }

    /// A param is written once; the same value again is no change.
    private static func log(_ params: [Param], to id: String, in transaction: Transaction) throws {
        let added = try transaction.insert(
            into: "params (run_id, key, value)",
            rows: params.map { [id.sqlValue, $0.key.sqlValue, $0.value.sqlValue] },
            "ON CONFLICT (run_id, key) DO NOTHING")
        guard added < params.count else { return }
        for param in params {
            let stored = try transaction.value(
                "SELECT value FROM params WHERE run_id = \(id) AND key = \(param.key)", as: String.self)
            guard let stored, stored != param.value else { continue }
            throw TrackingError.changedParam(param, loggedAs: stored, run: id)
        }
    }

    /// Adds datasets and logged models that the run uses. Those it has already stay as they are.
    /// - Throws: `TrackingError` for a run that is unknown or deleted.
    package func logInputs(_ datasets: [DatasetInput], models: [String], to id: String) async throws {
        try await database.write { transaction in
            let run = try Self.active(id, in: transaction)
            for dataset in datasets { try DatasetStore.add(dataset, to: run, in: transaction) }
            for model in models {
                try transaction.execute(
                    """
                    INSERT INTO model_inputs (run_id, model_id, position)
                    SELECT \(id), \(model), COUNT(*) FROM model_inputs WHERE run_id = \(id)
                    ON CONFLICT (run_id, model_id) DO NOTHING
                    """)
            }
        }
    }

    /// Links logged models that the run made.
    /// - Throws: `TrackingError` for a run that is unknown or deleted, and for a model that is linked already.
    package func logOutputs(_ outputs: [ModelOutput], to id: String) async throws {
        try await database.write { transaction in
            _ = try Self.active(id, in: transaction)
            for output in outputs {
                let added = try transaction.execute(
                    """
                    INSERT INTO model_outputs (run_id, model_id, step, position)
                    SELECT \(id), \(output.modelID), \(output.step), COUNT(*) FROM model_outputs WHERE run_id = \(id)
                    ON CONFLICT (run_id, model_id) DO NOTHING
                    """)
                guard added > 0 else {
                    throw TrackingError(
                        .badRequest, "The logged model \(output.modelID) is an output of run \(id) already.")
                }
            }
        }
    }

    /// Appends a model's description to the tag in which clients before MLflow 3 look for it.
    /// - Throws: `TrackingError` for a run that is unknown or deleted.
    package func appendModelHistory(_ model: JSON, to id: String, by actor: String) async throws {
        let key = "mlflow.log-model.history"
        try await database.write { transaction in
            let run = try Self.active(id, in: transaction)
            let old = try transaction.value(
                "SELECT value FROM run_tags WHERE run_id = \(id) AND key = \(key)", as: String.self)
            let history = old.flatMap { try? JSON.parse($0).arrayValue } ?? []
            let tag = Tag(key: key, value: JSON.array(history + [model]).text)
            try Self.set(tag, of: id, in: transaction)
            try keys.note([key], .tag, in: run.experimentID, in: transaction)
            try events.append(
                Change(by: actor, "run.tagged", of: Self.subject(id), ["tags": [tag].excerpt]), in: transaction)
        }
    }
}
