package import Database
package import Incidents
import Predictions
package import Wire

/// What is known of models' quality, window by window, and the findings and alerts that follow from it.
package struct PerformanceStore: Sendable {
    let database: Database
    let windows: WindowStore
    let alerts: AlertStore

    package init(database: Database, alerts: AlertStore) {
        self.database = database
        windows = WindowStore(database: database)
        self.alerts = alerts
    }

    // MARK: To look at

    /// How often windows of each monitor were kept: there is something new only where it is more than before.
    func changes() async throws -> [String: Int] {
        try await database.read { reader in
            let rows = try reader.rows("SELECT monitor, changes FROM monitor_progress")
            return Dictionary(try rows.map { (try $0.get(0), try $0.get(1)) }) { first, _ in first }
        }
    }

    /// What there is to look at of a monitor, each oldest first.
    struct Due: Sendable {
        /// Windows that this server has not looked at, or to which rows came since. Those in which only calls were counted have no
        /// labels.
        var unseen: [Window]
        /// Up to which of the monitor's changes they are all.
        var change: Int
        /// Whether there may be more of them.
        var isMoreWaiting: Bool
        /// Windows whose labels were waited for, and which ended before a moment.
        var overdue: [Window]
    }

    /// - Parameters:
    ///   - change: all that was kept up to then has been looked at.
    ///   - known: how often windows of the monitor were kept.
    ///   - moment: labels of windows that ended earlier are no longer waited for.
    ///   - limit: of the windows of either kind.
    func due(
        of monitor: String, source: String, after change: Int, known: Int, before moment: Timestamp, limit: Int
    ) async throws -> Due {
        try await database.read { reader in
            let rows = try reader.rows(
                """
                SELECT \(Self.windowColumns), w.change FROM monitor_windows w
                WHERE w.monitor = \(monitor) AND w.model <> '' AND w.change > \(change) AND w.change <= \(known)
                    AND NOT EXISTS (
                        SELECT 1 FROM monitor_performance p
                        WHERE p.monitor = w.monitor AND p.number = w.number AND p.source = \(source)
                            AND (p.row_count IS NULL OR p.row_count = w.row_count))
                ORDER BY w.change LIMIT \(limit)
                """)
            let isMoreWaiting = rows.count == limit
            return Due(
                unseen: try rows.map(Window.init(row:)),
                change: try isMoreWaiting ? rows.last?.get(Self.windowColumnCount) ?? known : known,
                isMoreWaiting: isMoreWaiting,
                overdue: try reader.rows(
                    """
                    SELECT \(Self.windowColumns) FROM monitor_performance p
                    JOIN monitor_windows w ON w.monitor = p.monitor AND w.number = p.number
                    WHERE p.monitor = \(monitor) AND p.source = \(source) AND p.is_final = 0 AND p.end_at < \(moment)
                        AND COALESCE(w.judged_at, 0) < \(moment)
                    ORDER BY p.end_at LIMIT \(limit)
                    """))
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
        try await database.read { try Self.basis(of: monitor, model: model, version: version, $0) }
    }

    static func basis(of monitor: String, model: String, version: Int, _ reader: Reader) throws -> PerformanceBasis? {
        let body = try reader.value(
            """
            SELECT body FROM monitor_performance_bases
            WHERE monitor = \(monitor) AND model = \(model) AND version = \(version)
            """, as: JSON.self)
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
    static func record(of monitor: String, version: Int, except number: Int, _ reader: Reader) throws -> EstimateRecord
    {
        let lists = try reader.values(
            """
            SELECT estimates FROM monitor_performance
            WHERE monitor = \(monitor) AND version = \(version) AND number <> \(number) AND estimates <> '[]'
            ORDER BY number DESC LIMIT 30
            """, as: JSON.self)
        var record = EstimateRecord()
        for list in lists { record.add(try (list.arrayValue ?? []).map(PerformanceEstimate.init(json:))) }
        return record
    }

    /// The newest windows that were looked at, oldest first, of all servers together.
    package func performance(
        of monitor: String, _ length: WindowLength = .window, in moments: ClosedRange<Timestamp>? = nil, limit: Int
    ) async throws -> [WindowPerformance] {
        let time: SQL =
            moments.map { " AND w.end_at >= \($0.lowerBound) AND w.start_at <= \($0.upperBound)" } ?? ""
        let bodies: [JSON] = try await database.read { reader in
            let numbers: [Int] = try reader.values(
                """
                SELECT w.number FROM monitor_windows w
                WHERE w.monitor = \(monitor) AND w.length = \(length.rawValue)\(time) AND EXISTS (
                    SELECT 1 FROM monitor_performance p WHERE p.monitor = w.monitor AND p.number = w.number)
                ORDER BY w.number DESC LIMIT \(limit)
                """)
            guard let first = numbers.last else { return [] }
            return try reader.values(
                """
                SELECT p.body FROM monitor_performance p
                JOIN monitor_windows w ON w.monitor = p.monitor AND w.number = p.number
                WHERE p.monitor = \(monitor) AND p.number >= \(first) AND w.length = \(length.rawValue)\(time)
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

    /// How many windows of a stretch of time were looked at.
    func performanceCount(of monitor: String, in moments: ClosedRange<Timestamp>) async throws -> Int {
        try await database.read { reader in
            let count: Int? = try reader.value(
                """
                SELECT COUNT(DISTINCT w.number) FROM monitor_windows w
                JOIN monitor_performance p ON p.monitor = w.monitor AND p.number = w.number
                WHERE w.monitor = \(monitor) AND w.length = \(WindowLength.window.rawValue) AND w.model <> ''
                    AND w.end_at >= \(moments.lowerBound) AND w.start_at <= \(moments.upperBound)
                """)
            return count ?? 0
        }
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
