import Database
import Incidents
package import Wire

/// Windows by when they were.
extension MonitorStore {
    /// The windows of a monitor of which a part lies in a stretch of time, oldest first: all of them, or so many that are spread
    /// evenly over it.
    /// - Returns: and how many there are.
    func windows(
        of monitor: String, in moments: ClosedRange<Timestamp>, limit: Int
    ) async throws -> (windows: [MonitorWindow], count: Int) {
        try await database.read { reader in
            let numbers: [Int] = try reader.values(
                """
                SELECT number FROM monitor_windows
                WHERE monitor = \(monitor) AND end_at >= \(moments.lowerBound) AND start_at <= \(moments.upperBound)
                    AND length = \(WindowLength.window.rawValue) AND model <> '' ORDER BY number
                """)
            let windows = try Self.spread(numbers, limit: limit).compactMap { number in
                try reader.row(
                    """
                    SELECT \(MonitorWindow.columnList) FROM monitor_windows
                    WHERE monitor = \(monitor) AND number = \(number)
                    """, as: MonitorWindow.self)
            }
            return (windows, numbers.count)
        }
    }

    /// At most so many, the first and the last among them.
    static func spread<Element>(_ all: [Element], limit: Int) -> [Element] {
        guard all.count > limit, limit > 1 else { return all }
        return (0..<limit).map { all[$0 * (all.count - 1) / (limit - 1)] }
    }
}
