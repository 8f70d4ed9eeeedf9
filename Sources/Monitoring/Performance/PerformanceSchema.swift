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
            """),
        // How many rows the window had that was looked at, and how many labels came after it was final.
        Migration(
            "monitoring-performance-002",
            "ALTER TABLE monitor_performance ADD COLUMN row_count BIGINT",
            "ALTER TABLE monitor_performance ADD COLUMN late_labels BIGINT NOT NULL DEFAULT 0",
            """
            UPDATE monitor_windows SET provisional = 1 WHERE EXISTS (
                SELECT 1 FROM monitor_performance p
                WHERE p.monitor = monitor_windows.monitor AND p.number = monitor_windows.number AND p.is_final = 0)
            """),
        // The predictions of a window of rows, for labels that come when its records do not have their ids any more.
        Migration("monitoring-performance-003", "ALTER TABLE monitor_performance ADD COLUMN members \(.bytes)"),
    ]
}
