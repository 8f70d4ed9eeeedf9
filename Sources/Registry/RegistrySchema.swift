package import Database

/// The tables of the model registry. Rows belong to a model by its key, so that renaming touches one row.
package enum RegistrySchema {
    package static let migrations = [
        Migration(
            "registry-001",
            """
            CREATE TABLE registered_models (
                model_key \(.identity), name TEXT NOT NULL UNIQUE, creation_time BIGINT NOT NULL,
                last_update_time BIGINT NOT NULL, description TEXT NOT NULL)
            """,
            """
            CREATE TABLE registered_model_tags (
                model_key BIGINT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (model_key, key))
            """,
            """
            CREATE TABLE model_aliases (
                model_key BIGINT NOT NULL, alias TEXT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (model_key, alias))
            """,
            // A deleted version keeps its row, without what it said, so that its number is not given again.
            """
            CREATE TABLE model_versions (
                model_key BIGINT NOT NULL, version BIGINT NOT NULL, deleted INTEGER NOT NULL,
                creation_time BIGINT NOT NULL, last_update_time BIGINT NOT NULL, stage TEXT NOT NULL,
                description TEXT NOT NULL, source TEXT NOT NULL, storage_uri TEXT NOT NULL, run_id TEXT NOT NULL,
                run_link TEXT NOT NULL, model_id TEXT NOT NULL, PRIMARY KEY (model_key, version))
            """,
            "CREATE INDEX model_versions_by_run ON model_versions (run_id)",
            """
            CREATE TABLE model_version_tags (
                model_key BIGINT NOT NULL, version BIGINT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
                PRIMARY KEY (model_key, version, key))
            """)
    ]
}
