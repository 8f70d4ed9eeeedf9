import Incidents
import Wire

/// What came to a monitor over a stretch of time: how much, from whom, how quickly, in which slices. Of columns nothing is read.
struct TrafficView: Sendable {
    let monitor: String
    let span: WindowSpan
    let from: Timestamp
    let to: Timestamp
    /// Oldest first, without those in which nothing came.
    let series: [(start: Timestamp, record: WindowRecord)]
    /// The lanes and segments that were ever counted, with what came to each in the stretch.
    let slices: [(slice: TrafficSlice, record: WindowRecord?)]

    private static let sliceLimit = 40

    /// All of the series together.
    var merged: WindowRecord {
        series.reduce(into: WindowRecord()) { $0.merge($1.record) }
    }

    /// A stretch of time, cut as finely as a chart can show: by the minute up to three hours, by the hour up to four days.
    init(of monitor: String, in moments: ClosedRange<Timestamp>, _ windows: WindowStore) async throws {
        let minutes = (moments.upperBound.milliseconds - moments.lowerBound.milliseconds) / 60_000
        let span: WindowSpan = minutes <= 180 ? .minute : minutes <= 4 * 1440 ? .hour : .day
        // No further back than anything is kept, so that a chart has no more points than that.
        let earliest = moments.upperBound + .seconds(-WindowPolicy.daysKept.components.seconds)
        let from = span.start(of: max(moments.lowerBound, earliest))
        try await self.init(of: monitor, by: span, in: windows, from: from, to: moments.upperBound + .seconds(1))
    }

    /// - Parameter span: by minute the last hour is shown, by hour two days, by day a month.
    init(of monitor: String, by span: WindowSpan, in windows: WindowStore, to end: Timestamp) async throws {
        // So that the stretch under way is there, too.
        try await self.init(
            of: monitor, by: span, in: windows, from: span.start(of: end + .seconds(-60 * span.minutes * span.shown)),
            to: end + .seconds(1))
    }

    private init(
        of monitor: String, by span: WindowSpan, in windows: WindowStore, from: Timestamp, to: Timestamp
    ) async throws {
        self.monitor = monitor
        self.span = span
        self.from = from
        self.to = to
        series = try await windows.series(monitor: monitor, from: from, to: to, by: span, .calls)
        var slices: [(TrafficSlice, WindowRecord?)] = []
        for slice in try await windows.slices(monitor: monitor).prefix(Self.sliceLimit) {
            slices.append((slice, try await windows.merged(monitor: monitor, slice: slice, from: from, to: to, .calls)))
        }
        self.slices = slices
    }
}

extension WindowSpan {
    /// How many stretches a page shows.
    fileprivate var shown: Int {
        switch self {
        case .minute: 60
        case .hour: 48
        case .day: 30
        }
    }
}
