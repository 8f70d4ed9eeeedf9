package import Database

// Removing for good, in steps that each fit a transaction. First the row by which a thing is known goes, and its name is
// free; what it leaves behind is found by an id that nothing else will ever have, and is removed in portions.

extension ExperimentStore {
    /// Removes the row of a deleted experiment.
    /// - Throws: `TrackingError` when there is none that is deleted.
    package static func forget(_ id: ExperimentID, in transaction: Transaction) throws -> Experiment {
        let experiment = try experiment(id, in: transaction)
        guard experiment.stage == .deleted else { throw TrackingError.notDeleted("experiment", id.text) }
        try transaction.execute("DELETE FROM experiments WHERE experiment_id = \(id)")
        return experiment
    }

    /// Removes what an experiment without runs and logged models leaves behind.
    package static func removeRemains(of id: ExperimentID, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM experiment_tags WHERE experiment_id = \(id)")
        try transaction.execute("DELETE FROM datasets WHERE experiment_id = \(id)")
        try transaction.execute("DELETE FROM saved_views WHERE experiment_id = \(id)")
        try KeyStore.forget(id, in: transaction)
    }
}

extension RunStore {
    /// Removes the row of a run.
    /// - Throws: `TrackingError` when there is none that is deleted.
    package static func forget(_ id: String, in transaction: Transaction) throws -> RunInfo {
        let run = try info(id, in: transaction)
        guard run.stage == .deleted else { throw TrackingError.notDeleted("run", id) }
        try remove(id, in: transaction)
        return run
    }

    /// Removes the rows of up to `limit` runs of an experiment that is being purged.
    package static func forgetSome(
        of experiment: ExperimentID, limit: Int, in transaction: Transaction
    ) throws -> [RunInfo] {
        let runs = try transaction.rows(
            "SELECT \(columns) FROM runs r WHERE experiment_id = \(experiment) ORDER BY run_id LIMIT \(limit)",
            as: RunInfo.self)
        for run in runs { try remove(run.id, in: transaction) }
        return runs
    }

    private static func remove(_ id: String, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM runs WHERE run_id = \(id)")
    }

    /// Removes what a forgotten run logged: at most about `limit` rows.
    /// - Returns: how many were removed; fewer than `limit` when nothing is left.
    package static func removeRemains(of id: String, limit: Int, in transaction: Transaction) throws -> Int {
        let points = try MetricStore.remove(of: id, limit: limit, in: transaction)
        guard points < limit else { return points }
        for table in ["run_tags", "params", "model_inputs", "model_outputs"] as [SQL] {
            try transaction.execute("DELETE FROM \(table) WHERE run_id = \(id)")
        }
        try DatasetStore.remove(of: id, in: transaction)
        return points
    }

    /// The ids of the runs of an experiment, for a condition.
    package static func ids(of experiment: ExperimentID) -> SQL {
        "SELECT run_id FROM runs WHERE experiment_id = \(experiment)"
    }
}

extension DatasetStore {
    /// Removes the links of a run, and the datasets that no other run uses.
    fileprivate static func remove(of run: String, in transaction: Transaction) throws {
        let links: SQL = "SELECT input_id FROM dataset_inputs WHERE run_id = \(run)"
        let used = try transaction.values(
            "SELECT dataset_id FROM dataset_inputs WHERE run_id = \(run)", as: Int64.self)
        try transaction.execute("DELETE FROM dataset_input_tags WHERE input_id IN (\(links))")
        try transaction.execute("DELETE FROM dataset_inputs WHERE run_id = \(run)")
        for dataset in used {
            try transaction.execute(
                """
                DELETE FROM datasets WHERE dataset_id = \(dataset)
                    AND NOT EXISTS (SELECT 1 FROM dataset_inputs i WHERE i.dataset_id = \(dataset))
                """)
        }
    }
}

extension MetricStore {
    /// Removes points of a run, metric by metric: at most about `limit` rows.
    /// - Returns: how many rows were removed; fewer than `limit` when none is left.
    fileprivate static func remove(of run: String, limit: Int, in transaction: Transaction) throws -> Int {
        var removed = 0
        let all = try transaction.values("SELECT series_id FROM latest_metrics WHERE run_id = \(run)", as: Int64.self)
        let key: SQL = "series_id, timestamp, step, value, is_nan"
        for series in all {
            guard removed < limit else { return removed }
            let portion: SQL = "SELECT \(key) FROM metrics WHERE series_id = \(series) LIMIT \(limit - removed)"
            removed += try transaction.execute("DELETE FROM metrics WHERE (\(key)) IN (\(portion))")
            guard removed < limit else { return removed }
            removed += try transaction.execute("DELETE FROM latest_metrics WHERE series_id = \(series)")
        }
        return removed
    }
}

extension LoggedModelStore {
    /// Removes the row of a logged model.
    /// - Throws: `TrackingError` when there is none that is deleted.
    package static func forget(_ id: String, in transaction: Transaction) throws -> LoggedModelPlace {
        let model = try place(of: "model_id = \(id)", limit: 1, in: transaction).first
        guard let model else { throw TrackingError.unknownLoggedModel(id) }
        guard model.stage == .deleted else { throw TrackingError.notDeleted("logged model", id) }
        try remove(id, in: transaction)
        return model
    }

    /// Removes the rows of up to `limit` logged models of an experiment that is being purged.
    package static func forgetSome(
        of experiment: ExperimentID, limit: Int, in transaction: Transaction
    ) throws -> [LoggedModelPlace] {
        let models = try place(of: "experiment_id = \(experiment)", limit: limit, in: transaction)
        for model in models { try remove(model.id, in: transaction) }
        return models
    }

    private static func place(of condition: SQL, limit: Int, in reader: Reader) throws -> [LoggedModelPlace] {
        try reader.rows(
            """
            SELECT model_id, artifact_uri, lifecycle_stage FROM logged_models WHERE \(condition)
            ORDER BY model_id LIMIT \(limit)
            """
        ).map { LoggedModelPlace(id: try $0.get(0), artifactURI: try $0.get(1), stage: try $0.get(2)) }
    }

    private static func remove(_ id: String, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM logged_models WHERE model_id = \(id)")
    }

    /// The ids of the logged models of an experiment, for a condition.
    package static func ids(of experiment: ExperimentID) -> SQL {
        "SELECT model_id FROM logged_models WHERE experiment_id = \(experiment)"
    }

    /// Removes what is known of a forgotten logged model, and the links that runs have to it: at most about `limit` rows.
    /// - Returns: how many points were removed; fewer than `limit` when nothing is left.
    package static func removeRemains(of id: String, limit: Int, in transaction: Transaction) throws -> Int {
        let key: SQL = "model_id, key, timestamp, step, value, is_nan, run_id, dataset_name, dataset_digest"
        let removed = try transaction.execute(
            """
            DELETE FROM logged_model_metrics
            WHERE (\(key)) IN (SELECT \(key) FROM logged_model_metrics WHERE model_id = \(id) LIMIT \(limit))
            """)
        guard removed < limit else { return removed }
        for table in ["logged_model_tags", "logged_model_params", "model_inputs", "model_outputs"] as [SQL] {
            try transaction.execute("DELETE FROM \(table) WHERE model_id = \(id)")
        }
        return removed
    }
}

/// Where the files of a logged model are.
package struct LoggedModelPlace: Sendable, Hashable {
    package let id: String
    package let artifactURI: String
    package let stage: LifecycleStage
}
