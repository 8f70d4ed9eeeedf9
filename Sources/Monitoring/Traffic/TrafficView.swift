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

    /// - Parameter span: by minute the last hour is shown, by hour two days, by day a month.
    init(of monitor: String, by span: WindowSpan, in windows: WindowStore, to end: Timestamp) async throws {
        self.monitor = monitor
        self.span = span
        // So that the stretch under way is there, too.
        to = end + .seconds(1)
        from = span.start(of: end + .seconds(-60 * span.minutes * span.shown))
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
