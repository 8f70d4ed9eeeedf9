import Database

/// The tables of one day's predictions.
enum PredictionSchema {
    static let migrations = [
        Migration(
            "predictions-001",
            """
            CREATE TABLE predictions (
                request TEXT NOT NULL, row_index INTEGER NOT NULL, row_count INTEGER NOT NULL, endpoint TEXT NOT NULL,
                variant TEXT NOT NULL, model TEXT NOT NULL, version BIGINT NOT NULL, inputs TEXT NOT NULL,
                output TEXT NOT NULL, latency_us BIGINT NOT NULL, caller TEXT NOT NULL,
                PRIMARY KEY (request, row_index))
            """,
            "CREATE INDEX predictions_by_endpoint ON predictions (endpoint, request, row_index)",
            """
            CREATE TABLE labels (
                request TEXT NOT NULL, row_index INTEGER NOT NULL, value TEXT NOT NULL, time BIGINT NOT NULL,
                PRIMARY KEY (request, row_index))
            """),
        Migration(
            "predictions-002-choice",
            "ALTER TABLE predictions ADD COLUMN unit TEXT",
            "ALTER TABLE predictions ADD COLUMN propensity \(SQL.Term.double)",
            "ALTER TABLE predictions ADD COLUMN experiment TEXT"),
        Migration(
            "predictions-003-sample",
            "ALTER TABLE predictions ADD COLUMN masked TEXT",
            """
            CREATE TABLE sampled_out (
                request TEXT NOT NULL PRIMARY KEY, row_count BIGINT NOT NULL, endpoint TEXT NOT NULL,
                variant TEXT NOT NULL, model TEXT NOT NULL, version BIGINT NOT NULL, unit TEXT,
                propensity \(SQL.Term.double), experiment TEXT) \(SQL.Term.inKeyOrder)
            """),
        Migration(
            "predictions-004-feedback",
            """
            CREATE TABLE feedback (
                feedback_id TEXT NOT NULL PRIMARY KEY, request TEXT NOT NULL, row_index INTEGER NOT NULL,
                value TEXT NOT NULL, comment TEXT, caller TEXT NOT NULL, time BIGINT NOT NULL)
            """,
            "CREATE INDEX feedback_by_prediction ON feedback (request, row_index, feedback_id)"),
        Migration(
            "predictions-005-rollout",
            "ALTER TABLE predictions ADD COLUMN rollout TEXT",
            "ALTER TABLE sampled_out ADD COLUMN rollout TEXT"),
        Migration(
            "predictions-006-elsewhere",
            "ALTER TABLE predictions ADD COLUMN external_id TEXT",
            "ALTER TABLE predictions ADD COLUMN received_time BIGINT",
            "ALTER TABLE sampled_out ADD COLUMN external_id TEXT",
            "ALTER TABLE feedback ADD COLUMN name TEXT",
            """
            CREATE INDEX predictions_by_external_id ON predictions (external_id, endpoint)
                WHERE external_id IS NOT NULL
            """,
            "CREATE INDEX sampled_out_by_external_id ON sampled_out (external_id, endpoint) WHERE external_id IS NOT NULL",
            "CREATE INDEX predictions_by_unit ON predictions (unit, endpoint, request) WHERE unit IS NOT NULL",
            "CREATE INDEX sampled_out_by_unit ON sampled_out (unit, endpoint, request) WHERE unit IS NOT NULL"),
        Migration(
            "predictions-007-labelled-minutes",
            """
            CREATE TABLE labelled_minutes (
                endpoint TEXT NOT NULL, start_at BIGINT NOT NULL, revision BIGINT NOT NULL,
                PRIMARY KEY (endpoint, start_at))
            """),
        Migration(
            "predictions-008-sampled-out-by-endpoint",
            "CREATE INDEX sampled_out_by_endpoint ON sampled_out (endpoint, row_count)"),
        Migration(
            "predictions-009-label-arrivals",
            """
            CREATE TABLE label_arrivals (
                endpoint TEXT NOT NULL, start_at BIGINT NOT NULL, joined BIGINT NOT NULL, unmatched BIGINT NOT NULL,
                PRIMARY KEY (endpoint, start_at))
            """),
    ]
}
