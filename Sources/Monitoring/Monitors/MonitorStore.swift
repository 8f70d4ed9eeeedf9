package import Database
package import Incidents
package import Wire

/// The judged windows of the monitors and how far each has come.
package struct MonitorStore: Sendable {
    let database: Database
    private let alerts: AlertStore
    private let windows: WindowStore

    package init(database: Database, alerts: AlertStore, windows: WindowStore) {
        self.database = database
        self.alerts = alerts
        self.windows = windows
    }

    package func progress(of monitor: String) async throws -> MonitorProgress {
        try await database.read { try Self.progress(of: monitor, $0) }
    }

    private static func progress(of monitor: String, _ reader: Reader) throws -> MonitorProgress {
        try reader.row("SELECT \(MonitorProgress.columns) FROM monitor_progress WHERE monitor = \(monitor)") ?? .start
    }

    /// Where a monitor stands, to judge its next windows.
    func course(of monitor: Monitor) async throws -> MonitorCourse {
        try await database.read { reader in
            let progress = try Self.progress(of: monitor.name, reader)
            let recent = try monitor.lengths.flatMap {
                try Self.windows(of: monitor.name, $0, limit: WindowJudge.recentLimit, stretches: 0, reader)
            }
            return MonitorCourse(
                WindowJudge(monitor, recent: recent, judged: progress.windows), callsCountedTo: progress.callsCountedTo)
        }
    }

    /// Keeps a judged window: what was found, what follows for alerts, and that it was judged become durable together, so that
    /// a crash at any moment neither loses nor repeats a window or an alert. A window that was judged before keeps its number.
    ///
    /// Of several servers that judge at the same time only one has its say. What the others found is not kept: it was found
    /// without knowing of the window before it.
    ///
    ///     first server               second server
    ///     reads window 7             reads window 7
    ///     judges it                  judges it
    ///     keeps it: 7                may not: 7 is there, and it knows of 6
    ///                                reads anew, goes on with 8
    ///
    /// - Parameters:
    ///   - traffic: the window as it was counted; nil for one that tells of rows that did not come, or of calls.
    ///   - judge: knows the windows before it.
    ///   - families: what it was judged by; alerts of others are left as they are.
    ///   - isOver: nothing follows for alerts, because its version does not answer any more.
    ///   - callsCountedTo: the end of the stretch, when calls were judged.
    ///   - now: when it was judged.
    /// - Returns: the window with its number; nil when another server was first.
    func keep(
        _ judged: MonitorWindow, of traffic: TrafficWindow?, by judge: WindowJudge, families: Set<Finding.Family>,
        isOver: Bool = false, callsCountedTo: Timestamp? = nil, at now: Timestamp
    ) async throws -> MonitorWindow? {
        let monitor = judge.monitor
        let persistence = monitor.alarms.persistence
        return try await database.write { transaction in
            var progress = try Self.progress(of: monitor.name, transaction)
            guard progress.windows == judge.judged else { return nil }
            if let traffic { guard try windows.isWaiting(traffic, in: transaction) else { return nil } }
            if let callsCountedTo { progress.callsCountedTo = callsCountedTo }
            var window = judged
            let former = try traffic.flatMap { try Self.former(of: $0, in: transaction) }
            window.number = former?.number ?? progress.windows + 1
            if let former { window.succeed(former, at: now) }
            let deadline = monitor.performance.deadline(ofEnd: window.end, judgedAt: former?.judgedAt ?? now)
            window.isProvisional = monitor.performance.isOn && traffic != nil && window.rows > 0 && now < deadline
            let slices = judge.succeeded(by: window, open: progress.alertState.open).union([window.lane])
            progress.advance(to: window)
            progress.changes += 1
            // What was judged by hours or days before the manifest named others.
            let dropped = progress.alertState.keep(only: Set(monitor.lengths))
            let steps =
                isOver
                ? []
                : progress.steps(after: window, slices: slices, families: families, persistence: persistence)
            try Self.save(
                window, of: traffic, judgedAt: former?.judgedAt ?? now, change: progress.changes, in: transaction)
            try Self.save(progress, of: monitor.name, in: transaction)
            let source = AlertSource(
                monitor: monitor.name, endpoint: monitor.endpoint, model: window.model, version: window.version,
                rule: monitor.alerting, persistence: persistence)
            try alerts.apply(dropped + steps, from: source, in: transaction)
            if let traffic { try windows.settle(traffic, in: transaction) }
            return window
        }
    }

    /// Closes an open alert that no window will close; the same trouble may open another.
    func close(_ topic: AlertState.Topic, of monitor: String, because reason: String) async throws {
        try await database.write { transaction in
            var progress = try Self.progress(of: monitor, transaction)
            progress.alertState.close(topic)
            try transaction.execute(
                "UPDATE monitor_progress SET alert_state = \(progress.alertState.json) WHERE monitor = \(monitor)")
            try alerts.close(topic, ofMonitor: monitor, because: reason, in: transaction)
        }
    }

    /// A window as it was before it was judged anew.
    struct Former {
        let number: Int
        /// Nil of windows of earlier versions.
        let judgedAt: Timestamp?
        let revisions: Int
        let lateLabels: Int
        let findings: [Finding]
    }

    private static func former(of traffic: TrafficWindow, in transaction: Transaction) throws -> Former? {
        let row = try transaction.row(
            """
            SELECT number, judged_at, revisions, late_labels, findings FROM monitor_windows
            WHERE monitor = \(traffic.monitor) AND \(WindowStore.lane(traffic.lane))
                AND traffic_number = \(traffic.number) AND length = \(traffic.length.rawValue) AND source = \(traffic.source ?? "")
            """)
        return try row.map { row in
            let findings: JSON = try row.get(4)
            return Former(
                number: try row.get(0), judgedAt: try row.get(1), revisions: try row.get(2), lateLabels: try row.get(3),
                findings: try (findings.arrayValue ?? []).map(Finding.init(json:)))
        }
    }

    private static func save(
        _ progress: MonitorProgress, of monitor: String, in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO monitor_progress (monitor, windows, model, version, alert_state, calls_counted_to, changes)
            VALUES (\(monitor), \(progress.windows), \(progress.model), \(progress.version),
                \(progress.alertState.json), \(progress.callsCountedTo), \(progress.changes))
            ON CONFLICT (monitor) DO UPDATE SET windows = excluded.windows, model = excluded.model,
                version = excluded.version, alert_state = excluded.alert_state,
                calls_counted_to = excluded.calls_counted_to, changes = excluded.changes
            """)
    }

    private static func save(
        _ window: MonitorWindow, of traffic: TrafficWindow?, judgedAt: Timestamp, change: Int,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO monitor_windows (monitor, number, variant, model, version, length, traffic_number, source,
                start_at, end_at, row_count, provisional, findings, judged_at, openings, segment_rows, change, bad_findings)
            VALUES (\(window.monitor), \(window.number), \(window.lane.variant ?? ""), \(window.model),
                \(window.version), \(window.length.rawValue), \(traffic?.number ?? 0), \(traffic?.source ?? ""), \(window.start), \(window.end),
                \(window.rows), \(window.isProvisional), \(JSONText(list: window.findings)), \(judgedAt),
                \(window.openings), \(window.segmentRowsJSON), \(change), \(window.bad.count))
            ON CONFLICT (monitor, number) DO UPDATE SET start_at = excluded.start_at, end_at = excluded.end_at,
                row_count = excluded.row_count, provisional = excluded.provisional, findings = excluded.findings,
                revisions = \(window.revisions), revised_at = \(window.revisedAt), openings = excluded.openings,
                segment_rows = excluded.segment_rows, change = excluded.change, bad_findings = excluded.bad_findings
            """)
    }

    /// The newest windows of a monitor, oldest first; and besides as many of the newest stretches in which calls were counted,
    /// because there may be many of them to a window.
    package func windows(of monitor: String, _ length: WindowLength = .window, limit: Int) async throws
        -> [MonitorWindow]
    {
        try await database.read { try Self.windows(of: monitor, length, limit: limit, stretches: limit, $0) }
    }

    private static func windows(
        of monitor: String, _ length: WindowLength, limit: Int, stretches: Int, _ reader: Reader
    ) throws -> [MonitorWindow] {
        func newest(_ kind: SQL, _ limit: Int) throws -> [MonitorWindow] {
            try reader.rows(
                """
                SELECT \(MonitorWindow.columnList) FROM monitor_windows
                WHERE monitor = \(monitor) AND length = \(length.rawValue) AND \(kind)
                ORDER BY number DESC LIMIT \(limit)
                """)
        }
        let windows = try newest("model <> ''", limit)
        guard stretches > 0, length == .window else { return windows.reversed() }
        return (windows + (try newest("model = ''", stretches))).sorted { $0.number < $1.number }
    }

    /// The newest window that holds rows of a version.
    package func lastWindowWithRows(of monitor: String) async throws -> MonitorWindow? {
        try await database.read { reader in
            try reader.row(
                """
                SELECT \(MonitorWindow.columnList) FROM monitor_windows
                WHERE monitor = \(monitor) AND length = \(WindowLength.window.rawValue) AND row_count > 0
                    AND model <> '' ORDER BY number DESC LIMIT 1
                """, as: MonitorWindow.self)
        }
    }

    /// The monitors that something is kept of, also after their manifests are gone.
    package func known() async throws -> [String] {
        try await database.read { try $0.values("SELECT monitor FROM monitor_progress ORDER BY monitor") }
    }

    /// Drops the windows of a monitor that is no more and closes its alerts; alerts themselves are kept. One that somebody
    /// has made again by now stays.
    package func forget(_ monitor: String, unlessWantedBy templates: TemplateStore) async throws {
        try await database.write { transaction in
            guard try !templates.isWanted(monitor, in: transaction) else { return }
            try transaction.execute("DELETE FROM monitor_windows WHERE monitor = \(monitor)")
            try transaction.execute("DELETE FROM monitor_progress WHERE monitor = \(monitor)")
            try windows.forget(monitor, in: transaction)
            try ReferenceStore.forgetBaselines(of: monitor, in: transaction)
            try alerts.closeAll(ofMonitor: monitor, because: "its monitor was deleted", in: transaction)
        }
    }
}

extension MonitorProgress: RowDecodable {
    static let columns: SQL = "windows, model, version, alert_state, calls_counted_to, changes"

    package init(row: Row) throws {
        windows = try row.get(0)
        model = try row.get(1)
        version = try row.get(2)
        alertState = try AlertState(json: try row.get(3))
        callsCountedTo = try row.get(4)
        changes = try row.get(5)
    }
}
