package import Wire

/// A closed window: a stretch of an endpoint's predictions by one model version, compared with that version's reference.
package struct MonitorWindow: Sendable, Hashable {
    package let monitor: String
    /// 1 for the monitor's first window.
    package let number: Int
    package let model: String
    package let version: Int
    /// The first prediction; for windows of minutes the start of its minutes.
    package let start: Timestamp
    /// The last prediction; for windows of minutes the end of its minutes.
    package let end: Timestamp
    package let rows: Int
    package let columns: [ColumnVerdict]

    /// Fewer rows say too little either way: such a window (the last one of a version, or of a quiet minute) is kept but
    /// neither opens nor closes an alert.
    package static let minimumRows = 20

    package init(
        monitor: String, number: Int, model: String, version: Int, start: Timestamp, end: Timestamp, rows: Int,
        columns: [ColumnVerdict]
    ) {
        self.monitor = monitor
        self.number = number
        self.model = model
        self.version = version
        self.start = start
        self.end = end
        self.rows = rows
        self.columns = columns
    }

    /// Closes an open window and judges it.
    init(closing open: OpenWindow, of monitor: Monitor, number: Int) {
        self.init(
            monitor: monitor.name, number: number, model: open.reference.model, version: open.reference.version,
            start: open.start, end: open.end, rows: open.rows, columns: open.verdicts(by: monitor.rule))
    }

    package var isJudged: Bool { rows >= Self.minimumRows }
    /// The names of the drifting columns; empty in a window that is not judged.
    package var drifting: [String] { isJudged ? columns.filter(\.isDrifting).map(\.name) : [] }
}

extension MonitorWindow: JSONRepresentable {
    package var json: JSON {
        [
            "number": .integer(Int64(number)), "model": .string(model), "version": .integer(Int64(version)),
            "start": start.json, "end": end.json, "rows": .integer(Int64(rows)), "judged": .bool(isJudged),
            "drifting": .strings(drifting), "columns": .array(columns.map(\.json)),
        ]
    }
}
