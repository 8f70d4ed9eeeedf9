package import Database

/// The table of the queue.
package enum JobSchema {
    package static let migrations = [
        Migration(
            "jobs-001",
            """
            CREATE TABLE jobs (
                job_id TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL,
                attempts INTEGER NOT NULL, due_at BIGINT NOT NULL, created_at BIGINT NOT NULL, ended_at BIGINT,
                result TEXT, failure TEXT, lease_until BIGINT)
            """,
            "CREATE INDEX jobs_by_state ON jobs (state, due_at)")
    ]
}
