package import Database
package import Incidents
import Predictions
package import Wire

/// What is known of models' quality, window by window, and the findings and alerts that follow from it.
package struct PerformanceStore: Sendable {
    let database: Database
    let windows: WindowStore
    private let alerts: AlertStore

    package init(database: Database, alerts: AlertStore) {
        self.database = database
        windows = WindowStore(database: database)
        self.alerts = alerts
    }

    // MARK: To look at

    /// How many windows each monitor has: there are new ones only where it is more than before.
    func windowCounts() async throws -> [String: Int] {
        try await database.read { reader in
            let rows = try reader.rows("SELECT monitor, windows FROM monitor_progress")
            return Dictionary(try rows.map { (try $0.get(0), try $0.get(1)) }) { first, _ in first }
        }
    }

    /// Windows that this server has not looked at, or to which rows came since, oldest first. Those in which only calls were
    /// counted have no labels.
    package func unseen(of monitor: String, source: String, limit: Int) async throws -> [Window] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT \(Self.windowColumns) FROM monitor_windows w
                WHERE w.monitor = \(monitor) AND w.model <> '' AND NOT EXISTS (
                    SELECT 1 FROM monitor_performance p
                    WHERE p.monitor = w.monitor AND p.number = w.number AND p.source = \(source)
                        AND (p.row_count IS NULL OR p.row_count = w.row_count))
                ORDER BY w.number LIMIT \(limit)
                """)
        }
    }

    /// Windows whose labels were waited for, and which ended before a moment, oldest first.
    package func overdue(of monitor: String, source: String, before moment: Timestamp, limit: Int) async throws
        -> [Window]
    {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT \(Self.windowColumns) FROM monitor_performance p
                JOIN monitor_windows w ON w.monitor = p.monitor AND w.number = p.number
                WHERE p.monitor = \(monitor) AND p.source = \(source) AND p.is_final = 0 AND p.end_at < \(moment)
                    AND COALESCE(w.judged_at, 0) < \(moment)
                ORDER BY p.end_at LIMIT \(limit)
                """)
        }
    }

    /// Windows that have something in common with a stretch of time, oldest first.
    package func windows(of monitor: String, from: Timestamp, to: Timestamp) async throws -> [Window] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT \(Self.windowColumns) FROM monitor_windows w
                WHERE w.monitor = \(monitor) AND w.model <> '' AND w.end_at >= \(from) AND w.start_at < \(to)
                ORDER BY w.number
                """)
        }
    }

    /// The first window of a model version.
    package func firstWindow(of monitor: String, model: String, version: Int) async throws -> Window? {
        try await database.read { reader in
            try reader.row(
                """
                SELECT \(Self.windowColumns) FROM monitor_windows w
                WHERE w.monitor = \(monitor) AND w.model = \(model) AND w.version = \(version)
                    AND w.length = \(WindowLength.window.rawValue)
                ORDER BY w.number LIMIT 1
                """, as: Window.self)
        }
    }

    // MARK: The basis

    package func basis(of monitor: String, model: String, version: Int) async throws -> PerformanceBasis? {
        let body: JSON? = try await database.read { reader in
            try reader.value(
                """
                SELECT body FROM monitor_performance_bases
                WHERE monitor = \(monitor) AND model = \(model) AND version = \(version)
                """)
        }
        return try body.map(PerformanceBasis.init(json:))
    }

    /// Keeps a basis; one that is there stays.
    package func keep(_ basis: PerformanceBasis, of monitor: String, model: String, version: Int) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO monitor_performance_bases (monitor, model, version, body)
                VALUES (\(monitor), \(model), \(version), \(basis.json))
                ON CONFLICT (monitor, model, version) DO NOTHING
                """)
        }
    }

    // MARK: What was found

    /// How estimates of a version's newest windows fared, but for one window.
    package func record(of monitor: String, version: Int, except number: Int) async throws -> EstimateRecord {
        let lists: [JSON] = try await database.read { reader in
            try reader.values(
                """
                SELECT estimates FROM monitor_performance
                WHERE monitor = \(monitor) AND version = \(version) AND number <> \(number) AND estimates <> '[]'
                ORDER BY number DESC LIMIT 30
                """)
        }
        var record = EstimateRecord()
        for list in lists { record.add(try (list.arrayValue ?? []).map(PerformanceEstimate.init(json:))) }
        return record
    }

    /// The newest windows that were looked at, oldest first, of all servers together.
    package func performance(of monitor: String, _ length: WindowLength = .window, limit: Int) async throws
        -> [WindowPerformance]
    {
        let bodies: [JSON] = try await database.read { reader in
            let numbers: [Int] = try reader.values(
                """
                SELECT w.number FROM monitor_windows w
                WHERE w.monitor = \(monitor) AND w.length = \(length.rawValue) AND EXISTS (
                    SELECT 1 FROM monitor_performance p WHERE p.monitor = w.monitor AND p.number = w.number)
                ORDER BY w.number DESC LIMIT \(limit)
                """)
            guard let first = numbers.last else { return [] }
            return try reader.values(
                """
                SELECT p.body FROM monitor_performance p
                JOIN monitor_windows w ON w.monitor = p.monitor AND w.number = p.number
                WHERE p.monitor = \(monitor) AND p.number >= \(first) AND w.length = \(length.rawValue)
                ORDER BY p.number, p.source
                """)
        }
        var windows: [WindowPerformance] = []
        for body in bodies {
            let window = try WindowPerformance(monitor: monitor, body: body)
            if let last = windows.indices.last, windows[last].number == window.number {
                windows[last].merge(window)
            } else {
                windows.append(window)
            }
        }
        return windows
    }

    /// Stores what is known of a window now, puts what is found of it in the place of what was found before, and does what
    /// follows for alerts: all together, so that a crash neither loses nor repeats an alert.
    /// - Parameters:
    ///   - members: its predictions, where they are known one by one.
    ///   - isOver: whether its version does not answer any more, so that nothing follows for alerts; nil while that is not
    ///     known, when the newest version that was judged is taken for the one that answers.
    ///   - findings: of the window as all servers together know it.
    func keep(
        _ performance: WindowPerformance, of window: Window, members: WindowMembers? = nil, source: String,
        _ monitor: Monitor, at now: Timestamp, isOver: Bool?,
        findings: @escaping @Sendable (WindowPerformance) -> [Finding]
    ) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO monitor_performance (monitor, number, source, model, version, end_at, is_final, estimates,
                    body, row_count, members)
                VALUES (\(monitor.name), \(performance.number), \(source), \(performance.model),
                    \(performance.version), \(performance.end), \(performance.isFinal),
                    \(JSON.array(performance.estimates.map(\.json))), \(performance.body),
                    \(window.rows), \(members?.bytes))
                ON CONFLICT (monitor, number, source) DO UPDATE SET is_final = excluded.is_final,
                    estimates = excluded.estimates, body = excluded.body, row_count = excluded.row_count,
                    members = COALESCE(excluded.members, monitor_performance.members)
                """)
            let bodies: [JSON] = try transaction.values(
                """
                SELECT body FROM monitor_performance
                WHERE monitor = \(monitor.name) AND number = \(performance.number) ORDER BY source
                """)
            var merged = performance
            let parts = try bodies.map { try WindowPerformance(monitor: monitor.name, body: $0) }
            if let first = parts.first {
                merged = first
                for part in parts.dropFirst() { merged.merge(part) }
            }
            // Each server waits for the labels of the rows that it did not answer.
            merged.isFinal = merged.isFinal || merged.labelled >= merged.rows && merged.rows > 0
            try revise(monitor, merged, of: window, with: findings(merged), at: now, isOver: isOver, in: transaction)
        }
    }

    /// Puts findings of this family in the place of those that the window has.
    private func revise(
        _ monitor: Monitor, _ performance: WindowPerformance, of known: Window, with findings: [Finding],
        at now: Timestamp, isOver: Bool?, in transaction: Transaction
    ) throws {
        let number = performance.number
        let window = try transaction.row(
            """
            SELECT start_at, row_count, findings FROM monitor_windows
            WHERE monitor = \(monitor.name) AND number = \(number)
            """)
        guard let window else { return }
        let stored: JSON = try window.get(2)
        let former = try (stored.arrayValue ?? []).map(Finding.init(json:))
        let all = former.filter { $0.family != .performance } + findings
        try transaction.execute(
            """
            UPDATE monitor_windows SET findings = \(JSON.array(all.map(\.json))),
                provisional = \(!performance.isFinal && performance.rows > 0)
            WHERE monitor = \(monitor.name) AND number = \(number)
            """)
        let measured = former.filter { $0.family == .performance }
        if measured.contains(where: \.tellsOfLabels), Measure.all(measured) != Measure.all(findings) {
            try transaction.execute(
                """
                UPDATE monitor_windows SET revisions = revisions + 1, revised_at = \(now)
                WHERE monitor = \(monitor.name) AND number = \(number)
                """)
        }
        let progress = try transaction.row(
            "SELECT \(MonitorProgress.columns) FROM monitor_progress WHERE monitor = \(monitor.name)",
            as: MonitorProgress.self)
        // A former version's windows open nothing: there is another model by now.
        guard var progress, !(isOver ?? ((progress.model, progress.version) != (known.model, known.version))),
            try window.get(1, as: Int.self) >= MonitorWindow.minimumRows
        else { return }
        let moment = AlertState.Moment(window: number, length: known.length, start: try window.get(0))
        let steps = progress.alertState.observe(
            PerformanceFamily.measured(findings, in: known.lane), at: moment, slices: [], families: [.performance],
            persistence: monitor.alarms.persistence)
        try transaction.execute(
            "UPDATE monitor_progress SET alert_state = \(progress.alertState.json) WHERE monitor = \(monitor.name)")
        try alerts.apply(
            steps,
            from: AlertSource(
                monitor: monitor.name, endpoint: monitor.endpoint, model: known.model, version: known.version,
                rule: monitor.alerting, persistence: monitor.alarms.persistence), in: transaction)
    }

    // MARK: Monitors that are no more

    /// Drops what is known of monitors that are not among `names`.
    package func forget(except names: [String]) async throws {
        let known: [String] = try await database.read { reader in
            try reader.values(
                """
                SELECT DISTINCT monitor FROM monitor_performance
                UNION SELECT DISTINCT monitor FROM monitor_performance_bases
                """)
        }
        let gone = Set(known).subtracting(names)
        guard !gone.isEmpty else { return }
        try await database.write { transaction in
            for monitor in gone {
                try transaction.execute("DELETE FROM monitor_performance WHERE monitor = \(monitor)")
                try transaction.execute("DELETE FROM monitor_performance_bases WHERE monitor = \(monitor)")
            }
        }
    }
}
