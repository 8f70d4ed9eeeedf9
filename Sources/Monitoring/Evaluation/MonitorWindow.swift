package import Incidents
package import Wire

/// A judged window: a stretch of an endpoint's predictions by one model version in one variant, with what was found in it.
package struct MonitorWindow: Sendable, Hashable {
    package let monitor: String
    /// 1 for the window that the monitor judged first; one that is judged anew keeps its number.
    package var number: Int
    /// The version in its variant; the whole for stretches of the clock in which calls are counted.
    package let lane: TrafficSlice
    /// The first prediction; for windows of minutes the start of its minutes.
    package let start: Timestamp
    /// The last prediction; for windows of minutes the end of its minutes.
    package let end: Timestamp
    package let rows: Int
    /// What was found in it, of every family and slice.
    package let findings: [Finding]
    /// Rows or labels may still come, so that it may be judged anew.
    package var isProvisional = false

    /// Fewer rows say too little either way: such a window (the last one of a version, or of a quiet minute) is kept but
    /// neither opens nor closes an alert.
    package static let minimumRows = 20

    package init(
        monitor: String, number: Int, lane: TrafficSlice, start: Timestamp, end: Timestamp, rows: Int,
        findings: [Finding], isProvisional: Bool = false
    ) {
        self.monitor = monitor
        self.number = number
        self.lane = lane
        self.start = start
        self.end = end
        self.rows = rows
        self.findings = findings
        self.isProvisional = isProvisional
    }

    package var model: String { lane.model ?? "" }
    package var version: Int { lane.version ?? 0 }
    /// Also a window with no rows is judged, when it was cut by the clock to say so.
    package var isJudged: Bool {
        rows >= Self.minimumRows || lane == .whole || findings.contains { $0.code == Freshness.code }
    }
    /// What is said of the distribution of each column over all rows of the window.
    package var columns: [Finding] { findings.filter { $0.isColumnDrift && $0.slice.segment == nil } }
    /// The names of the drifting columns; empty in a window that is not judged.
    package var drifting: [String] { isJudged ? columns.filter { $0.verdict == .bad }.compactMap(\.subject) : [] }
    /// What is worse than it should be, of whatever family.
    package var bad: [Finding] { isJudged ? findings.filter { $0.verdict == .bad } : [] }
}

extension MonitorWindow: JSONRepresentable {
    package var json: JSON {
        .compact([
            "number": .integer(Int64(number)), "variant": lane.variant.map(JSON.string), "model": .string(model),
            "version": .integer(Int64(version)), "start": start.json, "end": end.json, "rows": .integer(Int64(rows)),
            "judged": .bool(isJudged), "provisional": .bool(isProvisional), "drifting": .strings(drifting),
            "columns": .array(columns.map(\.columnJSON)), "findings": .array(findings.map(\.json)),
        ])
    }
}
