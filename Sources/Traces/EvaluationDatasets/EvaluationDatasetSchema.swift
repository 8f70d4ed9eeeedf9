package import Database

/// The tables of evaluation datasets.
package enum EvaluationDatasetSchema {
    package static let migrations = [
        Migration(
            "evaluation-001-datasets",
            """
            CREATE TABLE evaluation_datasets (
                dataset_id TEXT PRIMARY KEY, name TEXT NOT NULL, schema TEXT, created_time BIGINT NOT NULL,
                last_update_time BIGINT NOT NULL, created_by TEXT, last_updated_by TEXT)
            """,
            """
            CREATE TABLE evaluation_dataset_tags (
                dataset_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (dataset_id, key))
            """,
            """
            CREATE TABLE evaluation_dataset_experiments (
                dataset_id TEXT NOT NULL, experiment_id BIGINT NOT NULL, PRIMARY KEY (dataset_id, experiment_id))
            """,
            "CREATE INDEX evaluation_datasets_by_experiment ON evaluation_dataset_experiments (experiment_id)",
            // The digest is of the inputs: records with the same inputs are one.
            """
            CREATE TABLE evaluation_records (
                position \(.identity), record_id TEXT NOT NULL UNIQUE, dataset_id TEXT NOT NULL, digest TEXT NOT NULL,
                inputs TEXT NOT NULL, outputs TEXT, expectations TEXT, tags TEXT, source TEXT,
                created_time BIGINT NOT NULL, last_update_time BIGINT NOT NULL, created_by TEXT, last_updated_by TEXT,
                UNIQUE (dataset_id, digest))
            """,
            "CREATE INDEX evaluation_records_in_order ON evaluation_records (dataset_id, position)")
    ]
}
