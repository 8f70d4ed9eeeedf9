package import Database

/// The tables of what is taken of the machine.
package enum CostSchema {
    package static let migrations = [
        Migration(
            "cost-001",
            // `span_ms` is how much time a row stands for: a minute, an hour or a day.
            """
            CREATE TABLE cost_records (
                source TEXT NOT NULL, subject TEXT NOT NULL, start_at BIGINT NOT NULL, span_ms BIGINT NOT NULL,
                cpu_ms BIGINT NOT NULL, memory_kib_ms BIGINT NOT NULL, memory_max_bytes BIGINT NOT NULL,
                gpu_kib_ms BIGINT NOT NULL, gpu_max_bytes BIGINT NOT NULL, received_bytes BIGINT NOT NULL,
                sent_bytes BIGINT NOT NULL, row_count BIGINT NOT NULL, covered_ms BIGINT NOT NULL,
                PRIMARY KEY (span_ms, start_at, source, subject))
            """,
            """
            CREATE TABLE disk_records (
                source TEXT NOT NULL, start_at BIGINT NOT NULL, used_bytes BIGINT NOT NULL, total_bytes BIGINT NOT NULL,
                PRIMARY KEY (source, start_at))
            """)
    ]
}
