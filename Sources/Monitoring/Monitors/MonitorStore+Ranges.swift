import Database
import Incidents
package import Wire

/// Windows by when they were.
extension MonitorStore {
    /// The windows of a monitor of which a part lies in a stretch of time, oldest first: all of them, or of each of so many equal
    /// parts of them the worst.
    /// - Returns: and how many there are.
    func windows(
        of monitor: String, in moments: ClosedRange<Timestamp>, limit: Int
    ) async throws -> (windows: [MonitorWindow], count: Int) {
        try await database.read { reader in
            let marks = try reader.rows(
                """
                SELECT number, bad_findings FROM monitor_windows
                WHERE monitor = \(monitor) AND length = \(WindowLength.window.rawValue) AND model <> ''
                    AND end_at >= \(moments.lowerBound) AND start_at <= \(moments.upperBound) ORDER BY number
                """, as: WindowMark.self)
            let windows = try WindowMark.worst(marks, limit: limit).compactMap { mark in
                try reader.row(
                    """
                    SELECT \(MonitorWindow.columnList) FROM monitor_windows
                    WHERE monitor = \(monitor) AND number = \(mark.number)
                    """, as: MonitorWindow.self)
            }
            return (windows, marks.count)
        }
    }
}

/// A window, by how much of it was bad.
struct WindowMark: Equatable {
    let number: Int
    /// How many findings.
    let bad: Int

    /// At most so many: of each of `limit` parts, as equal as can be, the one with most that is bad, and of several the last.
    /// - Parameter all: by number.
    static func worst(_ all: [WindowMark], limit: Int) -> [WindowMark] {
        guard all.count > limit else { return all }
        return (0..<limit).compactMap { part in
            let marks = all[part * all.count / limit..<(part + 1) * all.count / limit]
            return marks.max { ($0.bad, $0.number) < ($1.bad, $1.number) }
        }
    }
}

extension WindowMark: RowDecodable {
    init(row: Row) throws {
        self.init(number: try row.get(0), bad: try row.get(1))
    }
}
