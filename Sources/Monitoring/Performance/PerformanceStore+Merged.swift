package import Database
import Incidents
package import Wire

extension PerformanceStore {
    /// What a server knows of the windows that ended in an hour or a day, which hold each label once.
    func parts(of window: Window, _ monitor: String, source: String) async throws -> [WindowPerformance] {
        let bodies: [JSON] = try await database.read { reader in
            try reader.values(
                """
                SELECT p.body FROM monitor_windows w
                JOIN monitor_performance p ON p.monitor = w.monitor AND p.number = w.number
                WHERE w.monitor = \(monitor) AND w.end_at > \(window.start) AND w.end_at <= \(window.end)
                    AND w.length = \(WindowLength.window.rawValue) AND w.variant = \(window.variant)
                    AND w.model = \(window.model) AND w.version = \(window.version) AND p.source = \(source)
                ORDER BY w.number
                """)
        }
        return try bodies.map { try WindowPerformance(monitor: monitor, body: $0) }
    }

    /// The hours and days in which a window ended.
    func merged(over window: Window, of monitor: String) async throws -> [Window] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT \(Self.windowColumns) FROM monitor_windows w
                WHERE w.monitor = \(monitor) AND w.length <> \(WindowLength.window.rawValue)
                    AND w.end_at >= \(window.end) AND w.start_at < \(window.end) AND w.variant = \(window.variant)
                    AND w.model = \(window.model) AND w.version = \(window.version)
                """)
        }
    }
}
