import Database
import Incidents
import Wire

extension MonitorStore {
    /// Windows that are dropped at once.
    static let droppedAtOnce = 500
    /// The newest windows of a monitor, which are kept however old they are.
    static let leastKept = 100

    /// Drops windows that are as old as the monitor says, with what labels said of them, some at a time: whoever calls again until it
    /// returns false has dropped all. What may still change stays, and so does what was judged lately, whatever its time.
    /// - Returns: whether there may be more.
    func dropOld(of monitor: Monitor, at now: Timestamp) async throws -> Bool {
        let before = now + .seconds(-86_400 * monitor.keepDays)
        let daysBefore = min(before, now + (.zero - WindowPolicy.daysKept))
        return try await database.write { transaction in
            let numbers: [Int] = try transaction.values(
                """
                SELECT number FROM monitor_windows
                WHERE monitor = \(monitor.name) AND end_at < \(before) AND COALESCE(judged_at, end_at) < \(before)
                    AND provisional = 0 AND (length <> \(WindowLength.day.rawValue) OR end_at < \(daysBefore))
                    AND number <= (SELECT windows FROM monitor_progress WHERE monitor = \(monitor.name)) - \(Self.leastKept)
                ORDER BY end_at LIMIT \(Self.droppedAtOnce)
                """)
            guard !numbers.isEmpty else { return false }
            for table: SQL in ["monitor_windows", "monitor_performance"] {
                try transaction.execute(
                    "DELETE FROM \(table) WHERE monitor = \(monitor.name) AND number IN \(list: numbers)")
            }
            return numbers.count == Self.droppedAtOnce
        }
    }
}
