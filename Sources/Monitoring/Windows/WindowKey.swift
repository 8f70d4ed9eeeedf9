package import Incidents
package import Wire

/// Names one record: the rows of one slice of a monitor's traffic in one stretch of time that one server took.
///
/// Records of other sources, minutes or windows are merged when somebody reads; nobody but its source writes a record.
package struct WindowKey: Sendable, Hashable {
    package let monitor: String
    /// A lane, that is one version in one variant, or a segment of it. Everything larger is merged of lanes.
    package let slice: TrafficSlice
    /// The start of the stretch. What is old is kept by hours, what is older by days.
    package let start: Timestamp
    package let span: WindowSpan
    /// The number of the window that the rows belong to; 0 once records are kept without.
    package let window: Int
    /// `PredictionLog.source` of the server that took the rows.
    package let source: String

    package init(
        monitor: String, slice: TrafficSlice, start: Timestamp, span: WindowSpan = .minute, window: Int, source: String
    ) {
        self.monitor = monitor
        self.slice = slice
        self.start = start
        self.span = span
        self.window = window
        self.source = source
    }
}

/// How long a stretch of time is that is kept, or shown, as one.
package enum WindowSpan: Int, Sendable, Hashable, CaseIterable {
    case minute = 1
    case hour = 60
    case day = 1440

    package var minutes: Int { rawValue }

    /// The start of the stretch that a moment lies in; stretches are counted from 1970, in UTC.
    package func start(of moment: Timestamp) -> Timestamp {
        moment.start(ofMinutes: minutes)
    }

    package func end(from start: Timestamp) -> Timestamp {
        start + .seconds(60 * minutes)
    }
}

extension Timestamp {
    /// The number of the stretch of so many minutes, counted from 1970, that the moment lies in.
    package func number(ofMinutes minutes: Int) -> Int {
        let length = Int64(minutes) * 60_000
        let remainder = milliseconds % length
        return Int((milliseconds - (remainder < 0 ? remainder + length : remainder)) / length)
    }

    package func start(ofMinutes minutes: Int) -> Timestamp {
        Timestamp(milliseconds: Int64(number(ofMinutes: minutes)) * Int64(minutes) * 60_000)
    }
}

extension TrafficSlice {
    /// Whether everything of `part` is in this slice. A side that is open takes all there is, but for segments, which
    /// overlap: without a segment it takes only what is in none.
    package func contains(_ part: TrafficSlice) -> Bool {
        (variant == nil || variant == part.variant) && (model == nil || model == part.model)
            && (version == nil || version == part.version) && segment == part.segment
    }

    /// The slice without its segment.
    package var lane: TrafficSlice {
        TrafficSlice(variant: variant, model: model, version: version)
    }
}
