package import Database
import Wire

/// The tables of monitoring.
package enum MonitorSchema {
    package static let migrations =
        monitors + WindowSchema.migrations + PerformanceSchema.migrations + ReferenceSchema.migrations

    private static let monitors = [
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
            "CREATE UNIQUE INDEX alerts_open ON alerts (monitor) WHERE state = 'open'"),
        // Columns were all that was judged; now they are findings among others, kept with their window.
        Migration(
            "monitoring-002", "ALTER TABLE monitor_windows ADD COLUMN findings TEXT NOT NULL DEFAULT '[]'",
            carryOver: FormerVerdict.carryOver),
        // Of references that are made of production, what the model answered is a part.
        Migration(
            "monitoring-references-002",
            "ALTER TABLE monitor_reference_columns ADD COLUMN role TEXT NOT NULL DEFAULT 'input'"),
        // Alerts of drifting columns become alerts like any others. Migrate after the tables of incidents.
        Migration(
            "monitoring-003",
            """
            INSERT INTO incident_alerts (alert_id, monitor, endpoint, model, version, family, slice, severity, notify,
                state, opened_at, closed_at, since, findings, windows, job_id, trigger_due_at)
            SELECT alert_id, monitor, endpoint, model, version, 'drift', '{}', 'medium', '[]', state, opened_at,
                closed_at, drifting_since, columns, windows, job_id, trigger_due_at
            FROM alerts
            """,
            "DROP TABLE alerts"),
        // The endpoints that were given a monitor, or had one.
        Migration(
            "monitoring-templates-001",
            "CREATE TABLE monitor_templates (endpoint TEXT PRIMARY KEY, made_at BIGINT NOT NULL)"),
        // Windows are counted apart from being judged, by lanes; a window that is judged anew is found by where it came from.
        Migration(
            "monitoring-judged-001",
            "ALTER TABLE monitor_windows ADD COLUMN variant TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE monitor_windows ADD COLUMN traffic_number BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE monitor_windows ADD COLUMN source TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE monitor_windows ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0",
            """
            CREATE INDEX monitor_windows_by_traffic ON monitor_windows (monitor, traffic_number, variant, model, version)
            """),
        // Several servers judge the calls of a stretch once, and the next start goes on behind it.
        Migration(
            "monitoring-calls-001", "ALTER TABLE monitor_progress ADD COLUMN calls_counted_to BIGINT"),
        // Hours and days are judged beside the windows that are merged into them.
        Migration(
            "monitoring-lengths-001",
            "ALTER TABLE monitor_windows ADD COLUMN length TEXT NOT NULL DEFAULT 'window'",
            "CREATE INDEX monitor_windows_by_length ON monitor_windows (monitor, length, number)",
            "CREATE INDEX monitor_windows_by_end ON monitor_windows (monitor, end_at)"),
        // When a window was judged first, what changed since, and what its quality is judged by: how many alerts a test of it
        // may open by chance, and how many rows its segments have.
        Migration(
            "monitoring-final-001",
            "ALTER TABLE monitor_windows ADD COLUMN judged_at BIGINT",
            "ALTER TABLE monitor_windows ADD COLUMN revisions BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE monitor_windows ADD COLUMN revised_at BIGINT",
            "ALTER TABLE monitor_windows ADD COLUMN late_labels BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE monitor_windows ADD COLUMN openings \(.double)",
            "ALTER TABLE monitor_windows ADD COLUMN segment_rows TEXT NOT NULL DEFAULT '{}'"),
        // Windows and stretches in which calls were counted are looked for apart, however many there are of the others.
        Migration(
            "monitoring-stretches-001",
            "CREATE INDEX monitor_windows_with_rows ON monitor_windows (monitor, length, number) WHERE model <> ''",
            "CREATE INDEX monitor_windows_of_calls ON monitor_windows (monitor, length, number) WHERE model = ''"),
        // What is new of a monitor is found without looking at what is not.
        Migration(
            "monitoring-changes-001",
            "ALTER TABLE monitor_windows ADD COLUMN change BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE monitor_progress ADD COLUMN changes BIGINT NOT NULL DEFAULT 0",
            "UPDATE monitor_windows SET change = number",
            "UPDATE monitor_progress SET changes = windows",
            "CREATE INDEX monitor_windows_by_change ON monitor_windows (monitor, change) WHERE model <> ''"),
        // Of a long time the worst windows are shown, and found without reading what was found in the others.
        Migration(
            "monitoring-worst-001",
            "ALTER TABLE monitor_windows ADD COLUMN bad_findings INTEGER NOT NULL DEFAULT 0",
            """
            UPDATE monitor_windows SET bad_findings =
                (LENGTH(findings) - LENGTH(REPLACE(findings, '"verdict":"bad"', ''))) / LENGTH('"verdict":"bad"')
            """,
            """
            CREATE INDEX monitor_windows_by_time ON monitor_windows (monitor, length, end_at, start_at, number, bad_findings)
            WHERE model <> ''
            """),
    ]
}

/// What was said of one column of a window before there were findings.
private enum FormerVerdict {
    @Sendable static func carryOver(_ transaction: Transaction) throws {
        let rows = try transaction.rows(
            """
            SELECT monitor, number, name, kind, effect, test, p_value, adjusted_p_value, reference_rows, window_rows,
                reference_missing_share, window_missing_share, drift
            FROM monitor_window_columns ORDER BY monitor, number, position
            """)
        var windows: [Window: [JSON]] = [:]
        for row in rows {
            let window = Window(monitor: try row.get(0), number: try row.get(1))
            windows[window, default: []].append(
                finding(
                    name: try row.get(2), kind: try row.get(3), effect: try row.get(4), test: try row.get(5),
                    pValues: (try row.get(6), try row.get(7)), rows: (try row.get(8), try row.get(9)),
                    missing: (try row.get(10), try row.get(11)), isDrifting: try row.get(12)))
        }
        for (window, findings) in windows {
            try transaction.execute(
                """
                UPDATE monitor_windows SET findings = \(JSON.array(findings))
                WHERE monitor = \(window.monitor) AND number = \(window.number)
                """)
        }
        try transaction.execute("DROP TABLE monitor_window_columns")
        for row in try transaction.rows("SELECT alert_id, columns FROM alerts") {
            let columns = try row.get(1, as: JSON.self).arrayValue ?? []
            let id: String = try row.get(0)
            try transaction.execute(
                "UPDATE alerts SET columns = \(JSON.array(columns.map(finding))) WHERE alert_id = \(id)")
        }
    }

    private struct Window: Hashable {
        let monitor: String
        let number: Int
    }

    private static func finding(_ verdict: JSON) -> JSON {
        func double(_ name: String) -> Double { verdict[name]?.doubleValue ?? 0 }
        func integer(_ name: String) -> Int64 { verdict[name]?.integerValue ?? 0 }
        return finding(
            name: verdict["name"]?.stringValue ?? "", kind: verdict["kind"]?.stringValue ?? "numeric",
            effect: double("effect"), test: verdict["test"]?.stringValue ?? "",
            pValues: (double("p_value"), double("adjusted_p_value")),
            rows: (integer("reference_rows"), integer("window_rows")),
            missing: (double("reference_missing_share"), double("window_missing_share")),
            isDrifting: verdict["drift"]?.boolValue ?? false)
    }

    private static func finding(
        name: String, kind: String, effect: Double, test: String, pValues: (Double, Double), rows: (Int64, Int64),
        missing: (Double, Double), isDrifting: Bool
    ) -> JSON {
        [
            "family": "drift", "code": "drift", "subject": .string(name), "verdict": isDrifting ? "bad" : "fine",
            "value": .double(effect), "measure": "jensen_shannon_distance_base2", "test": .string(test),
            "p_value": .double(pValues.0), "adjusted_p_value": .double(pValues.1), "rows": .integer(rows.1),
            "reference_rows": .integer(rows.0), "words": .string("\(name) was compared with its reference."),
            "details": [
                "kind": .string(kind), "reference_missing_share": .double(missing.0),
                "window_missing_share": .double(missing.1),
            ],
        ]
    }
}
