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
    ]
}
