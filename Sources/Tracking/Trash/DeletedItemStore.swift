package import Database

// What the trash shows of experiments, runs and logged models. Each slice says it as one SELECT of the columns rank, id,
// name, deleted_at, experiment_id and contents, so that the trash sorts and pages all kinds at once.

extension DeletedItem: RowDecodable {
    /// Columns: rank, id, name, deleted_at, experiment_id, contents.
    package init(row: Row) throws {
        let rank: Int = try row.get(0)
        self.init(
            kind: DeletedKind.allCases[rank], id: try row.get(1), name: try row.get(2), deletedAt: try row.get(3),
            experimentID: try row.get(4), contents: try row.get(5))
    }
}

extension ExperimentStore {
    package static let deleted: SQL = """
        SELECT CAST(\(DeletedKind.experiment.rank) AS BIGINT) AS rank, CAST(e.experiment_id AS TEXT) AS id, e.name AS name,
            e.last_update_time AS deleted_at, CAST(NULL AS BIGINT) AS experiment_id,
            (SELECT COUNT(*) FROM runs r WHERE r.experiment_id = e.experiment_id) AS contents
        FROM experiments e WHERE e.lifecycle_stage = 'deleted'
        """
}

extension RunStore {
    /// Runs that went with their experiment come back with it, and are not shown beside it.
    package static let deleted: SQL = """
        SELECT CAST(\(DeletedKind.run.rank) AS BIGINT) AS rank, r.run_id AS id, r.run_name AS name, r.deleted_at AS deleted_at,
            r.experiment_id AS experiment_id, CAST(0 AS BIGINT) AS contents
        FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
        WHERE r.deleted_at IS NOT NULL AND e.lifecycle_stage = 'active'
        """
}

extension LoggedModelStore {
    package static let deleted: SQL = """
        SELECT CAST(\(DeletedKind.loggedModel.rank) AS BIGINT) AS rank, l.model_id AS id, l.name AS name,
            l.last_updated_timestamp_ms AS deleted_at, l.experiment_id AS experiment_id, CAST(0 AS BIGINT) AS contents
        FROM logged_models l JOIN experiments e ON e.experiment_id = l.experiment_id
        WHERE l.lifecycle_stage = 'deleted' AND e.lifecycle_stage = 'active'
        """
}
