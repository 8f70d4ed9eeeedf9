package import Incidents
import Predictions
package import Statistics
package import Wire

/// What a family of findings is given of one slice of one window: what was seen, and what it is to be held against.
package struct WindowView: Sendable {
    package struct Column: Sendable {
        package let name: String
        package let role: Reference.Role
        package let profile: ColumnProfile

        package init(name: String, role: Reference.Role = .input, profile: ColumnProfile) {
            self.name = name
            self.role = role
            self.profile = profile
        }
    }

    package let monitor: Monitor
    package let slice: TrafficSlice
    /// The hour or the day that it is, if it is no window by itself.
    package var length = WindowLength.window
    package let start: Timestamp
    package let end: Timestamp
    package let rows: Int
    /// Everything that was counted of the slice.
    package var record = WindowRecord()
    /// The columns that rows of this window had, anchored as in `reference` where that has them.
    package let columns: [Column]
    /// Nil while there is none; findings that need one are then left out.
    package var reference: Reference?
    /// Judged windows of the same lane before this one, oldest first, as many as are at hand.
    package var history: [MonitorWindow] = []
    /// What its predictions took of the machine; nil while that is not known.
    package var cost: WindowCost?
    /// The labels that came for the endpoint meanwhile; nil where that is not told.
    var labels: LabelArrivals?
    /// How sure a test must be.
    package var level = AlarmLevel.standard
    /// The same of a test of sampled rows.
    package var rowLevel = AlarmLevel.standard
    /// How many slices of the window are judged, this one among them.
    package var slices = 1
    /// It was judged before, and rows or labels came later.
    package var isReevaluation = false
    /// When it is judged.
    package var now: Timestamp

    package init(
        monitor: Monitor, slice: TrafficSlice = .whole, start: Timestamp, end: Timestamp, rows: Int, columns: [Column],
        now: Timestamp
    ) {
        self.monitor = monitor
        self.slice = slice
        self.start = start
        self.end = end
        self.rows = rows
        self.columns = columns
        self.now = now
    }

    /// What was counted of a slice of a window.
    init(
        _ record: WindowRecord, of slice: TrafficSlice, in window: TrafficWindow, monitor: Monitor,
        reference: Reference?, now: Timestamp
    ) {
        let anchors = reference.map {
            Dictionary($0.columns.map { ($0.key, $0.profile.anchors) }) { first, _ in first }
        }
        func columns(_ columns: WindowRecord.Columns, _ role: Reference.Role) -> [Column] {
            columns.compactMap { name, column in
                let key = Reference.Column.Key(name: name, role: role)
                return record.profile(column, anchors: anchors?[key]).map {
                    Column(name: name, role: role, profile: $0)
                }
            }
        }
        self.init(
            monitor: monitor, slice: slice, start: window.start, end: window.end, rows: record.rows,
            columns: columns(record.inputs, .input) + columns(record.outputs, .output), now: now)
        self.record = record
        self.reference = reference
        length = window.length
    }

    /// What it holds, as a manifest would say it.
    var size: WindowSize { monitor.size(length) }

    /// Fewer rows say too little either way.
    package var isJudged: Bool { rows >= MonitorWindow.minimumRows }

    typealias Pair = (column: Column, reference: ColumnProfile)

    /// The columns that the window and its reference both have: those with the same anchors, which can be compared, and those that
    /// were sorted into other cells in the reference, which cannot.
    var pairs: (alike: [Pair], unlike: [Pair]) {
        let others = reference?.columns ?? []
        let places = Dictionary(others.indices.map { (others[$0].key, $0) }, uniquingKeysWith: { first, _ in first })
        var pairs: (alike: [Pair], unlike: [Pair]) = ([], [])
        for column in columns {
            let place = places[Reference.Column.Key(name: column.name, role: column.role)]
            guard let other = place.map({ others[$0].profile }) else { continue }
            if other.anchors == column.profile.anchors {
                pairs.alike.append((column, other))
            } else {
                pairs.unlike.append((column, other))
            }
        }
        return pairs
    }

    /// Those of some columns of the reference that came before: others, such as the target that the model predicts, never come.
    func former(_ names: [String]) -> [String] {
        names.filter { name in
            history.reversed().contains { window in
                window.findings.contains { $0.subject == name && $0.slice == slice && $0.tellsOfColumn }
            }
        }
    }
}

extension Finding {
    /// Whether there is one in each window in which a column of the reference is there, or should be.
    fileprivate var tellsOfColumn: Bool {
        isColumnDrift || code == "column_vanished" || code == Finding.notCompared
    }
}
