package import Database

/// The tables of the model registry. Rows belong to a model by its key, so that renaming touches one row.
package enum RegistrySchema {
    package static let migrations = [
        Migration(
            "registry-001",
            """
            CREATE TABLE registered_models (
                model_key \(.identity), name TEXT NOT NULL, creation_time BIGINT NOT NULL,
                last_update_time BIGINT NOT NULL, description TEXT NOT NULL, deleted_at BIGINT)
            """,
            // A model in the trash leaves its name to others.
            "CREATE UNIQUE INDEX registered_models_by_name ON registered_models (name) WHERE deleted_at IS NULL",
            """
            CREATE TABLE registered_model_tags (
                model_key BIGINT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (model_key, key))
            """,
            """
            CREATE TABLE model_aliases (
                model_key BIGINT NOT NULL, alias TEXT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (model_key, alias))
            """,
            // A deleted version keeps its row, so that its number is not given again: what it said too while it is in the
            // trash, with `deleted_at` and the aliases that it had.
            """
            CREATE TABLE model_versions (
                model_key BIGINT NOT NULL, version BIGINT NOT NULL, deleted INTEGER NOT NULL,
                creation_time BIGINT NOT NULL, last_update_time BIGINT NOT NULL, stage TEXT NOT NULL,
                description TEXT NOT NULL, source TEXT NOT NULL, storage_uri TEXT NOT NULL, run_id TEXT NOT NULL,
                run_link TEXT NOT NULL, model_id TEXT NOT NULL, deleted_at BIGINT, former_aliases TEXT,
                PRIMARY KEY (model_key, version))
            """,
            "CREATE INDEX model_versions_by_run ON model_versions (run_id)",
            "CREATE INDEX model_versions_by_logged_model ON model_versions (model_id)",
            "CREATE INDEX model_versions_deleted ON model_versions (deleted_at) WHERE deleted_at IS NOT NULL",
            """
            CREATE TABLE model_version_tags (
                model_key BIGINT NOT NULL, version BIGINT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
                PRIMARY KEY (model_key, version, key))
            """)
    ]
}
