package import Incidents
package import Statistics
import Wire

/// What the feed has to know of a monitor: whose predictions it counts, and into what.
package struct WindowPlan: Sendable, Hashable {
    package let monitor: String
    package let endpoint: String
    package let window: WindowSize
    /// Hours and days that are told when rows come for them. What is counted does not depend on it.
    package let merged: [WindowLength]
    package let segments: [Segment]
    /// Changes when the reference that the manifest asks for does: records begin anew then.
    package let reference: String
    /// Whether rows of segments are kept too, which only the tests of other tools need.
    package let keepsSegmentRows: Bool

    package init(
        monitor: String, endpoint: String, window: WindowSize, merged: [WindowLength] = [], segments: [Segment] = [],
        reference: String = "", keepsSegmentRows: Bool = false
    ) {
        self.monitor = monitor
        self.endpoint = endpoint
        self.window = window
        self.merged = merged
        self.segments = segments
        self.reference = reference
        self.keepsSegmentRows = keepsSegmentRows
    }

    /// What a monitor's manifest asks for.
    package init(_ monitor: Monitor) {
        self.init(
            monitor: monitor.name, endpoint: monitor.endpoint, window: monitor.window, merged: monitor.merged,
            segments: monitor.segments, reference: monitor.reference.json.text,
            keepsSegmentRows: monitor.drift.mode != .martlet)
    }

    /// The same for the same plan, also in a later run of the server.
    var signature: String {
        let json: JSON = .compact([
            "window": .string(window.words), "segments": .string("\(segments)"), "reference": .string(reference),
            "segment_rows": keepsSegmentRows ? .bool(true) : Optional<JSON>.none,
        ])
        return json.text
    }
}

/// What the feed is told when it asks for what the columns of a version are sorted into.
package enum AnchorAnswer: Sendable {
    /// Nil when there is no reference.
    case known(WindowAnchors?)
    /// The reference is being made: whoever asks again later is told. With it goes what production gave, where it takes the
    /// place of one of another model.
    case making(isReplaced: Bool)
}

/// What the columns of a version are sorted into: what the feed asks for when it first meets a version.
package struct WindowAnchors: Sendable, Equatable {
    /// By the name of the column.
    package let inputs: [String: ColumnAnchors]
    /// By the name of the output: `prediction` for a value by itself, `prediction[i]` for one of several, else the member.
    package let outputs: [String: ColumnAnchors]

    package init(inputs: [String: ColumnAnchors] = [:], outputs: [String: ColumnAnchors] = [:]) {
        self.inputs = inputs
        self.outputs = outputs
    }
}
