package import Database

/// The table of batches that the server scores.
package enum ScoringSchema {
    package static let migrations = [
        Migration(
            "scoring-001-batches",
            """
            CREATE TABLE batches (
                batch_id TEXT PRIMARY KEY, request TEXT NOT NULL, state TEXT NOT NULL, version TEXT,
                row_count BIGINT NOT NULL, failed_count BIGINT NOT NULL, total_count BIGINT, message TEXT,
                created_by TEXT NOT NULL, created_at BIGINT NOT NULL, started_at BIGINT, ended_at BIGINT)
            """,
            "CREATE INDEX batches_by_time ON batches (created_at, batch_id)")
    ]
}
