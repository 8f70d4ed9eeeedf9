package import Database
import Predictions
import Statistics
import Wire

/// The windows of the monitors and how far each has come.
package struct MonitorStore: Sendable {
    private let database: Database
    private let alerts: AlertStore

    package init(database: Database, alerts: AlertStore) {
        self.database = database
        self.alerts = alerts
    }

    package func progress(of monitor: String) async throws -> MonitorProgress {
        try await database.read { reader in
            try reader.row("SELECT \(MonitorProgress.columns) FROM monitor_progress WHERE monitor = \(monitor)")
        } ?? .start
    }

    /// Closes a window: its verdicts and profiles, the place in the log and what follows for the alert become durable
    /// together, so that a crash at any moment neither loses nor repeats a window or an alert.
    /// - Returns: where the monitor stands now.
    package func close(
        _ open: OpenWindow, of monitor: Monitor, after former: MonitorProgress
    ) async throws -> MonitorProgress {
        let window = MonitorWindow(closing: open, of: monitor, number: former.windows + 1)
        var progress = former
        let step = progress.advance(by: window, cursor: open.cursor, persistence: monitor.rule.windows)
        let profiles = open.columns.map(\.profile)
        let next = progress
        try await database.write { transaction in
            try Self.insert(window, profiles: profiles, in: transaction)
            try Self.save(next, of: monitor.name, in: transaction)
            try alerts.apply(step, of: window, monitor: monitor, in: transaction)
        }
        return next
    }

    /// Notes that predictions were passed over, because their version has no reference.
    package func save(_ progress: MonitorProgress, of monitor: String) async throws {
        try await database.write { try Self.save(progress, of: monitor, in: $0) }
    }

    private static func save(
        _ progress: MonitorProgress, of monitor: String, in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO monitor_progress (monitor, cursor, windows, model, version, alert_state)
            VALUES (\(monitor), \(progress.cursor?.text), \(progress.windows), \(progress.model), \(progress.version),
                \(progress.alertState.json))
            ON CONFLICT (monitor) DO UPDATE SET cursor = excluded.cursor, windows = excluded.windows,
                model = excluded.model, version = excluded.version, alert_state = excluded.alert_state
            """)
    }

    private static func insert(
        _ window: MonitorWindow, profiles: [ColumnProfile], in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO monitor_windows (monitor, number, model, version, start_at, end_at, row_count)
            VALUES (\(window.monitor), \(window.number), \(window.model), \(window.version), \(window.start),
                \(window.end), \(window.rows))
            """)
        for (position, (column, profile)) in zip(window.columns, profiles).enumerated() {
            try transaction.execute(
                """
                INSERT INTO monitor_window_columns (monitor, number, position, \(ColumnVerdict.columns), profile)
                VALUES (\(window.monitor), \(window.number), \(position), \(column.name), \(column.kind.rawValue),
                    \(column.effect), \(column.test), \(column.pValue), \(column.adjustedPValue),
                    \(column.referenceRows), \(column.windowRows), \(column.referenceMissingShare),
                    \(column.windowMissingShare), \(column.isDrifting), \(profile.json))
                """)
        }
    }

    /// The newest windows of a monitor, oldest first.
    package func windows(of monitor: String, limit: Int) async throws -> [MonitorWindow] {
        try await database.read { reader in
            let rows = try reader.rows(
                """
                SELECT number, model, version, start_at, end_at, row_count FROM monitor_windows
                WHERE monitor = \(monitor) ORDER BY number DESC LIMIT \(limit)
                """)
            let oldest: Int = try rows.last?.get(0) ?? 0
            let columns = try reader.rows(
                """
                SELECT number, \(ColumnVerdict.columns) FROM monitor_window_columns
                WHERE monitor = \(monitor) AND number >= \(oldest) ORDER BY number, position
                """)
            let byWindow = try Dictionary(grouping: columns) { try $0.get(0, as: Int.self) }
            return try rows.reversed().map { row in
                let number: Int = try row.get(0)
                return MonitorWindow(
                    monitor: monitor, number: number, model: try row.get(1), version: try row.get(2),
                    start: try row.get(3), end: try row.get(4), rows: try row.get(5),
                    columns: try (byWindow[number] ?? []).map(ColumnVerdict.init(row:)))
            }
        }
    }

    /// The monitors that something is kept of, also after their manifests are gone.
    package func known() async throws -> [String] {
        try await database.read { try $0.values("SELECT monitor FROM monitor_progress ORDER BY monitor") }
    }

    /// Drops the windows of a monitor that is no more and closes its alert; alerts themselves are kept.
    package func forget(_ monitor: String) async throws {
        try await database.write { transaction in
            try transaction.execute("DELETE FROM monitor_window_columns WHERE monitor = \(monitor)")
            try transaction.execute("DELETE FROM monitor_windows WHERE monitor = \(monitor)")
            try transaction.execute("DELETE FROM monitor_progress WHERE monitor = \(monitor)")
            try alerts.close(ofMonitor: monitor, because: "its monitor was deleted", in: transaction)
        }
    }
}

extension MonitorProgress: RowDecodable {
    static let columns: SQL = "cursor, windows, model, version, alert_state"

    package init(row: Row) throws {
        cursor = try row.get(0, as: String?.self).flatMap { PredictionID($0) }
        windows = try row.get(1)
        model = try row.get(2)
        version = try row.get(3)
        alertState = try AlertState(json: try row.get(4))
    }
}

extension ColumnVerdict {
    static let columns: SQL = """
        name, kind, effect, test, p_value, adjusted_p_value, reference_rows, window_rows, reference_missing_share,
        window_missing_share, drift
        """

    /// Reads `columns`, which begin at the second column of the row.
    fileprivate init(row: Row) throws {
        self.init(
            name: try row.get(1), kind: ColumnKind(rawValue: try row.get(2)) ?? .numeric, effect: try row.get(3),
            test: try row.get(4), pValue: try row.get(5), adjustedPValue: try row.get(6),
            referenceRows: try row.get(7), windowRows: try row.get(8), referenceMissingShare: try row.get(9),
            windowMissingShare: try row.get(10), isDrifting: try row.get(11))
    }
}
