package import Incidents
package import Wire

/// Cuts the predictions of one monitor, as one server takes them, into windows. A value: what it answers follows from what
/// it was told.
///
/// A window belongs to a lane, one version in one variant. A window of rows closes with its last row, in the order of the
/// journal, whatever the rows' own times. It closes early when a later version of its variant fills a window without any row
/// in between, so that a version that is replaced leaves no window open. A window of minutes is known by its number alone,
/// the count of such stretches since 1970, takes rows by their own times, and closes by the clock.
package struct WindowCutter: Sendable, Equatable {
    package struct Open: Sendable, Equatable {
        package let number: Int
        package var rows: Int
        package var first: Timestamp
        package var last: Timestamp
        /// When the last row came, which may be long after its own time.
        package var arrived: Timestamp

        /// - Parameter arrived: the time of the last row, when nobody knows.
        package init(number: Int, rows: Int, first: Timestamp, last: Timestamp, arrived: Timestamp? = nil) {
            self.number = number
            self.rows = rows
            self.first = first
            self.last = last
            self.arrived = arrived ?? last
        }
    }

    /// A window of a lane.
    package struct Window: Sendable, Hashable {
        package let lane: TrafficSlice
        package let number: Int
    }

    package let size: WindowSize
    /// The number that the next window of rows gets; they count up over all lanes.
    package private(set) var nextNumber: Int
    /// Windows of rows that take more, by lane.
    package private(set) var open: [TrafficSlice: Open]

    package init(size: WindowSize, nextNumber: Int = 1, open: [TrafficSlice: Open] = [:]) {
        self.size = size
        self.nextNumber = nextNumber
        self.open = open
    }

    /// The window of the next prediction.
    /// - Parameters:
    ///   - time: its own.
    ///   - arrival: when it came; nil for at its time.
    /// - Returns: its number, and the windows that are closed now, in order.
    package mutating func place(
        _ lane: TrafficSlice, at time: Timestamp, arrival: Timestamp? = nil
    ) -> (number: Int, closed: [Window]) {
        let (number, _, closed) = place(lane, at: time, arrival: arrival, upTo: 1)
        return (number, closed)
    }

    /// The window of the next predictions of one moment.
    /// - Parameter rows: how many there are; at least one.
    /// - Returns: its number, how many of them it takes, and the windows that are closed after these, in order.
    mutating func place(
        _ lane: TrafficSlice, at time: Timestamp, arrival: Timestamp?, upTo rows: Int
    ) -> (number: Int, taken: Int, closed: [Window]) {
        guard case .rows(let count) = size else {
            if case .minutes(let minutes) = size { return (time.number(ofMinutes: minutes), rows, []) }
            return (0, rows, [])
        }
        var window = open[lane] ?? begin(at: time)
        let taken = min(rows, max(1, count - window.rows))
        window.rows += taken
        window.first = min(window.first, time)
        window.last = max(window.last, time)
        window.arrived = max(window.arrived, arrival ?? time)
        guard window.rows >= count else {
            open[lane] = window
            return (window.number, taken, [])
        }
        let replaced = open.filter { other, its in
            other.isEarlierVersion(of: lane, its.number < window.number) && its.last < window.first
        }
        for other in replaced.keys { open[other] = nil }
        open[lane] = nil
        let closed = replaced.map { Window(lane: $0.key, number: $0.value.number) }.sorted { $0.number < $1.number }
        return (window.number, taken, closed + [Window(lane: lane, number: window.number)])
    }

    private mutating func begin(at time: Timestamp) -> Open {
        defer { nextNumber += 1 }
        return Open(
            number: nextNumber, rows: 0, first: time, last: time, arrived: Timestamp(milliseconds: 0))
    }

    /// Closes windows of rows whose last one came before a moment: nothing more is to be expected.
    package mutating func closeIdle(since moment: Timestamp) -> [Window] {
        let done = open.filter { $0.value.arrived < moment }
        for lane in done.keys { open[lane] = nil }
        return done.map { Window(lane: $0.key, number: $0.value.number) }.sorted { $0.number < $1.number }
    }
}

extension TrafficSlice {
    /// - Parameter cameFirst: decides between models.
    fileprivate func isEarlierVersion(of other: TrafficSlice, _ cameFirst: Bool) -> Bool {
        guard variant == other.variant, self != other else { return false }
        return model == other.model ? (version ?? 0) < (other.version ?? 0) : cameFirst
    }
}
