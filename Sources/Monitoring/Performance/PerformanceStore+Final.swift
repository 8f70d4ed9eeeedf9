package import Database
import Incidents
import Wire

// What is said of windows whose labels are no longer waited for.

extension PerformanceStore {
    /// Whether a server has said its last of a window, of all rows that it has.
    static func isSettled(_ window: Window, of monitor: String, source: String, _ reader: Reader) throws -> Bool {
        let count = try reader.value(
            """
            SELECT COUNT(*) FROM monitor_performance
            WHERE monitor = \(monitor) AND number = \(window.number) AND source = \(source) AND is_final = 1
                AND (row_count IS NULL OR row_count = \(window.rows))
            """, as: Int.self)
        return count ?? 0 > 0
    }

    /// What a server knew of a window when it looked last.
    func known(of window: Window, _ monitor: String, source: String) async throws -> WindowPerformance? {
        let body = try await database.read { reader in
            try reader.value(
                """
                SELECT body FROM monitor_performance
                WHERE monitor = \(monitor) AND number = \(window.number) AND source = \(source)
                """, as: JSON.self)
        }
        return try body.map { try WindowPerformance(monitor: monitor, body: $0) }
    }

    /// Notes how many labels came after a window was final; they are told of, and change nothing. The hours and days that it is
    /// in tell of those of all their windows.
    func note(lateLabels count: Int, of window: Window, _ monitor: String, source: String) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE monitor_performance SET late_labels = \(count)
                WHERE monitor = \(monitor) AND number = \(window.number) AND source = \(source)
                """)
            try transaction.execute(
                """
                UPDATE monitor_windows SET late_labels = (
                    SELECT CAST(COALESCE(SUM(p.late_labels), 0) AS BIGINT) FROM monitor_performance p
                    WHERE p.monitor = monitor_windows.monitor AND p.number = monitor_windows.number)
                WHERE monitor = \(monitor) AND number = \(window.number)
                """)
            try transaction.execute(
                """
                UPDATE monitor_windows SET late_labels = (
                    SELECT CAST(COALESCE(SUM(w.late_labels), 0) AS BIGINT) FROM monitor_windows w
                    WHERE w.monitor = monitor_windows.monitor AND w.end_at > monitor_windows.start_at
                        AND w.end_at <= monitor_windows.end_at AND w.length = \(WindowLength.window.rawValue)
                        AND w.variant = monitor_windows.variant AND w.model = monitor_windows.model
                        AND w.version = monitor_windows.version)
                WHERE monitor = \(monitor) AND length <> \(WindowLength.window.rawValue) AND end_at >= \(window.end)
                    AND start_at < \(window.end) AND variant = \(window.variant) AND model = \(window.model)
                    AND version = \(window.version)
                """)
        }
    }

    /// What a finding says in numbers, by which it is told whether it says something else.
    struct Measure: Hashable {
        let key: Finding.Key
        let verdict: Finding.Verdict
        let value: Double?
        let rows: Int

        static func all(_ findings: [Finding]) -> Set<Measure> {
            Set(findings.map { Measure(key: $0.key, verdict: $0.verdict, value: $0.value, rows: $0.rows) })
        }
    }
}

extension Finding {
    /// Whether labels had been looked for when it was made.
    var tellsOfLabels: Bool { code == PerformanceFamily.labelsCode && details["final"] != nil }
}
