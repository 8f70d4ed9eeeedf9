package import Database

/// The tables of monitoring.
package enum MonitorSchema {
    package static let migrations = [
        Migration(
            "monitoring-001",
            // One row for each model version that was ever watched; `failure` says why there is no reference.
            """
            CREATE TABLE monitor_references (
                model TEXT NOT NULL, version BIGINT NOT NULL, context TEXT NOT NULL, run_id TEXT, row_count BIGINT NOT NULL,
                made_at BIGINT NOT NULL, failure TEXT, PRIMARY KEY (model, version, context))
            """,
            """
            CREATE TABLE monitor_reference_columns (
                model TEXT NOT NULL, version BIGINT NOT NULL, context TEXT NOT NULL, position INTEGER NOT NULL,
                name TEXT NOT NULL, anchors TEXT NOT NULL, profile TEXT NOT NULL,
                PRIMARY KEY (model, version, context, position))
            """,
            """
            CREATE TABLE monitor_windows (
                monitor TEXT NOT NULL, number BIGINT NOT NULL, model TEXT NOT NULL, version BIGINT NOT NULL,
                start_at BIGINT NOT NULL, end_at BIGINT NOT NULL, row_count BIGINT NOT NULL, PRIMARY KEY (monitor, number))
            """,
            """
            CREATE TABLE monitor_window_columns (
                monitor TEXT NOT NULL, number BIGINT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
                kind TEXT NOT NULL, effect \(.double) NOT NULL, test TEXT NOT NULL, p_value \(.double) NOT NULL,
                adjusted_p_value \(.double) NOT NULL, reference_rows BIGINT NOT NULL, window_rows BIGINT NOT NULL,
                reference_missing_share \(.double) NOT NULL, window_missing_share \(.double) NOT NULL,
                drift INTEGER NOT NULL, profile TEXT NOT NULL, PRIMARY KEY (monitor, number, position))
            """,
            // How far each monitor has read the prediction log; moves in the transaction that stores a window.
            """
            CREATE TABLE monitor_progress (
                monitor TEXT PRIMARY KEY, cursor TEXT, windows BIGINT NOT NULL, model TEXT, version BIGINT,
                alert_state TEXT NOT NULL)
            """,
            """
            CREATE TABLE alerts (
                alert_id TEXT PRIMARY KEY, monitor TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL,
                version BIGINT NOT NULL, state TEXT NOT NULL, opened_at BIGINT NOT NULL, closed_at BIGINT,
                drifting_since BIGINT NOT NULL, columns TEXT NOT NULL, windows BIGINT NOT NULL, job_id TEXT,
                trigger_due_at BIGINT)
            """,
            "CREATE INDEX alerts_by_monitor ON alerts (monitor, opened_at)",
            // Whatever goes wrong above, a monitor never has two open alerts.
            "CREATE UNIQUE INDEX alerts_open ON alerts (monitor) WHERE state = 'open'")
    ]
}
