package import Incidents
package import Wire

/// A window of one lane, or an hour or a day of its rows, that was closed, or that changed since: what is to be evaluated.
package struct TrafficWindow: Sendable, Hashable {
    package let monitor: String
    /// One version in one variant.
    package let lane: TrafficSlice
    /// Of windows of rows the count of windows that the server began for this monitor; of windows of minutes, hours and days the count of
    /// such stretches since 1970.
    package let number: Int
    package let length: WindowLength
    /// The server that took the rows of a window of rows; nil for a window of minutes, which holds what all servers took.
    package let source: String?
    /// The first row and the last; of a window of minutes the stretch.
    package let start: Timestamp
    package let end: Timestamp
    package let rows: Int
    /// Whether it was evaluated before, and late rows came since.
    package let isChanged: Bool
    /// What of each source's part is in here.
    let revisions: [String: Int]

    package init(
        monitor: String, lane: TrafficSlice, number: Int, length: WindowLength = .window, source: String?,
        start: Timestamp,
        end: Timestamp, rows: Int, isChanged: Bool, revisions: [String: Int]
    ) {
        self.monitor = monitor
        self.lane = lane
        self.number = number
        self.length = length
        self.source = source
        self.start = start
        self.end = end
        self.rows = rows
        self.isChanged = isChanged
        self.revisions = revisions
    }
}

/// Rows that came to a window since it was last stored, on their way into `monitor_traffic`.
struct TrafficGrowth: Sendable, Equatable {
    var rows = 0
    var start: Timestamp
    var end: Timestamp
    /// When it may be evaluated; nil while it takes rows.
    var closesAt: Timestamp?

    func merged(with more: TrafficGrowth) -> TrafficGrowth {
        TrafficGrowth(
            rows: rows + more.rows, start: min(start, more.start), end: max(end, more.end),
            closesAt: closesAt ?? more.closesAt)
    }
}
