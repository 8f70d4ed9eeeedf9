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
    ]
}
