package import Database
package import Wire

/// The tables of experiments, runs, what runs log, and logged models.
package enum TrackingSchema {
    /// - Parameter now: when the experiment `Default`, which is there from the start, counts as created.
    package static func migrations(now: Timestamp) -> [Migration] {
        [experiments(now: now), runs, observations, datasets, loggedModels, runNames, keys, latestRuns, views]
    }

    private static func experiments(now: Timestamp) -> Migration {
        Migration(
            "tracking-001-experiments",
            """
            CREATE TABLE experiments (
                experiment_id \(.identity), name TEXT NOT NULL UNIQUE, artifact_location TEXT NOT NULL,
                lifecycle_stage TEXT NOT NULL, creation_time BIGINT NOT NULL, last_update_time BIGINT NOT NULL)
            """,
            """
            CREATE TABLE experiment_tags (
                experiment_id BIGINT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (experiment_id, key))
            """,
            """
            INSERT INTO experiments
                (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
            VALUES (0, 'Default', \(ArtifactLocation.ofExperiment(.first)), 'active', \(now), \(now))
            """)
    }

    private static let runs = Migration(
        "tracking-002-runs",
        """
        CREATE TABLE runs (
            run_id TEXT PRIMARY KEY, experiment_id BIGINT NOT NULL, run_name TEXT NOT NULL, user_id TEXT NOT NULL,
            status TEXT NOT NULL, start_time BIGINT NOT NULL, end_time BIGINT, artifact_uri TEXT NOT NULL,
            lifecycle_stage TEXT NOT NULL, deleted_at BIGINT)
        """,
        // What the trash shows, which is little beside all runs.
        "CREATE INDEX runs_deleted ON runs (deleted_at) WHERE deleted_at IS NOT NULL",
        // The order in which runs are listed.
        "CREATE INDEX runs_by_start ON runs (experiment_id, lifecycle_stage, start_time DESC, run_id)",
        "CREATE TABLE run_tags (run_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run_id, key))",
        // Values are indexed by their beginning, because engines limit the size of an index entry.
        "CREATE INDEX run_tags_by_value ON run_tags (key, substr(value, 1, 100))")

    private static let observations = Migration(
        "tracking-003-observations",
        // One row a run and key, with all that a search asks of a metric, so that none reads points.
        """
        CREATE TABLE latest_metrics (
            series_id \(.identity), run_id TEXT NOT NULL, experiment_id BIGINT NOT NULL, key TEXT NOT NULL,
            timestamp BIGINT NOT NULL, step BIGINT NOT NULL, value \(.double) NOT NULL, is_nan BIGINT NOT NULL,
            first_timestamp BIGINT, first_step BIGINT, first_value \(.double), min_value \(.double),
            max_value \(.double), UNIQUE (run_id, key))
        """,
        // The order in which runs are sorted by a metric.
        "CREATE INDEX latest_metrics_by_value ON latest_metrics (experiment_id, key, is_nan, value, run_id)",
        // Every column is a part of the key: a point that is sent again is the same point.
        """
        CREATE TABLE metrics (
            series_id BIGINT NOT NULL, timestamp BIGINT NOT NULL, step BIGINT NOT NULL, value \(.double) NOT NULL,
            is_nan BIGINT NOT NULL, PRIMARY KEY (series_id, timestamp, step, value, is_nan)) \(.inKeyOrder)
        """,
        "CREATE TABLE params (run_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run_id, key))",
        "CREATE INDEX params_by_value ON params (key, substr(value, 1, 100))")

    private static let datasets = Migration(
        "tracking-004-datasets",
        """
        CREATE TABLE datasets (
            dataset_id \(.identity), experiment_id BIGINT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,
            source_type TEXT NOT NULL, source TEXT NOT NULL, schema TEXT, profile TEXT,
            UNIQUE (experiment_id, name, digest))
        """,
        """
        CREATE TABLE dataset_inputs (
            input_id \(.identity), run_id TEXT NOT NULL, dataset_id BIGINT NOT NULL, UNIQUE (run_id, dataset_id))
        """,
        "CREATE INDEX dataset_inputs_by_dataset ON dataset_inputs (dataset_id)",
        """
        CREATE TABLE dataset_input_tags (
            input_id BIGINT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (input_id, key))
        """)

    private static let runNames = Migration(
        "tracking-006-run-names",
        // For whoever looks for a run by how its name begins. It holds what only that asks for, so that no search of runs
        // walks it.
        "CREATE INDEX runs_by_name ON runs (LOWER(run_name)) WHERE lifecycle_stage = 'active'")

    private static let keys = Migration(
        "tracking-007-keys",
        // What columns the runs of an experiment have, for whoever looks for one.
        """
        CREATE TABLE experiment_keys (
            experiment_id BIGINT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (experiment_id, kind, key))
            \(.inKeyOrder)
        """,
        """
        INSERT INTO experiment_keys (experiment_id, kind, key)
        SELECT DISTINCT experiment_id, 'metric', key FROM latest_metrics
        """,
        """
        INSERT INTO experiment_keys (experiment_id, kind, key)
        SELECT DISTINCT r.experiment_id, 'param', p.key FROM params p JOIN runs r ON r.run_id = p.run_id
        """,
        """
        INSERT INTO experiment_keys (experiment_id, kind, key)
        SELECT DISTINCT r.experiment_id, 'tag', t.key FROM run_tags t JOIN runs r ON r.run_id = t.run_id
        """)

    private static let views = Migration(
        "tracking-009-views",
        """
        CREATE TABLE saved_views (
            view_id \(.identity), experiment_id BIGINT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL,
            owner TEXT NOT NULL, is_shared BIGINT NOT NULL, is_default BIGINT NOT NULL, version BIGINT NOT NULL,
            creation_time BIGINT NOT NULL, last_update_time BIGINT NOT NULL)
        """,
        "CREATE INDEX saved_views_by_name ON saved_views (experiment_id, name)")

    private static let latestRuns = Migration(
        "tracking-008-latest-runs",
        // For the first page, which shows what ran last in whatever experiment.
        "CREATE INDEX runs_latest ON runs (start_time DESC, run_id) WHERE lifecycle_stage = 'active'")

    private static let loggedModels = Migration(
        "tracking-005-logged-models",
        """
        CREATE TABLE logged_models (
            model_id TEXT PRIMARY KEY, experiment_id BIGINT NOT NULL, name TEXT NOT NULL,
            creation_timestamp_ms BIGINT NOT NULL, last_updated_timestamp_ms BIGINT NOT NULL,
            artifact_uri TEXT NOT NULL, status BIGINT NOT NULL, lifecycle_stage TEXT NOT NULL, model_type TEXT NOT NULL,
            source_run_id TEXT, status_message TEXT)
        """,
        """
        CREATE INDEX logged_models_by_creation
        ON logged_models (experiment_id, lifecycle_stage, creation_timestamp_ms DESC, model_id)
        """,
        "CREATE INDEX logged_models_by_run ON logged_models (source_run_id)",
        """
        CREATE INDEX logged_models_deleted ON logged_models (last_updated_timestamp_ms) WHERE lifecycle_stage = 'deleted'
        """,
        """
        CREATE TABLE logged_model_tags (
            model_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (model_id, key))
        """,
        """
        CREATE TABLE logged_model_params (
            model_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (model_id, key))
        """,
        """
        CREATE TABLE logged_model_metrics (
            model_id TEXT NOT NULL, key TEXT NOT NULL, timestamp BIGINT NOT NULL, step BIGINT NOT NULL,
            value \(.double) NOT NULL, is_nan BIGINT NOT NULL, run_id TEXT NOT NULL,
            dataset_name TEXT NOT NULL, dataset_digest TEXT NOT NULL,
            PRIMARY KEY (model_id, key, timestamp, step, value, is_nan, run_id, dataset_name, dataset_digest))
        """,
        """
        CREATE TABLE model_inputs (
            run_id TEXT NOT NULL, model_id TEXT NOT NULL, position BIGINT NOT NULL, PRIMARY KEY (run_id, model_id))
        """,
        "CREATE INDEX model_inputs_by_model ON model_inputs (model_id)",
        """
        CREATE TABLE model_outputs (
            run_id TEXT NOT NULL, model_id TEXT NOT NULL, step BIGINT NOT NULL, position BIGINT NOT NULL,
            PRIMARY KEY (run_id, model_id))
        """,
        "CREATE INDEX model_outputs_by_model ON model_outputs (model_id)")
}
