import Database

/// The tables of what is known of models' quality.
enum PerformanceSchema {
    static let migrations = [
        Migration(
            "monitoring-performance-001",
            // One row for each window and server: a server looks at the labels of what it answered itself.
            """
            CREATE TABLE monitor_performance (
                monitor TEXT NOT NULL, number BIGINT NOT NULL, source TEXT NOT NULL, model TEXT NOT NULL,
                version BIGINT NOT NULL, end_at BIGINT NOT NULL, is_final INTEGER NOT NULL, estimates TEXT NOT NULL,
                body TEXT NOT NULL,
                PRIMARY KEY (monitor, number, source))
            """,
            "CREATE INDEX monitor_performance_provisional ON monitor_performance (monitor, end_at) WHERE is_final = 0",
            """
            CREATE TABLE monitor_performance_bases (
                monitor TEXT NOT NULL, model TEXT NOT NULL, version BIGINT NOT NULL, body TEXT NOT NULL,
                PRIMARY KEY (monitor, model, version))
            """)
    ]
}
