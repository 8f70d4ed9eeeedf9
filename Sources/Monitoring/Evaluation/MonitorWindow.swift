package import Incidents
package import Wire

/// A judged window: a stretch of an endpoint's predictions by one model version in one variant, with what was found in it.
package struct MonitorWindow: Sendable, Hashable {
    package let monitor: String
    /// 1 for the window that the monitor judged first; one that is judged anew keeps its number.
    package var number: Int
    /// The version in its variant; the whole for stretches of the clock in which calls are counted.
    package let lane: TrafficSlice
    /// Of what length it is, as the monitor counts them.
    package let length: WindowLength
    /// The first prediction; of what the clock cuts the start of its minutes.
    package let start: Timestamp
    /// The last prediction; of what the clock cuts the end of its minutes.
    package let end: Timestamp
    package let rows: Int
    /// What was found in it, of every family and slice.
    package var findings: [Finding]
    /// Labels may still come that change it.
    package var isProvisional = false
    /// What was said of it has changed so often since it was judged first, by rows or by labels; and when it did last.
    package var revisions = 0
    package var revisedAt: Timestamp?
    /// Labels that came after it was final, and changed nothing.
    package var lateLabels = 0
    /// How many alerts one test of it may open by chance; nil where nobody limits that.
    package var openings: Double?
    /// The rows of each segment.
    package var segmentRows: [String: Int] = [:]

    /// Fewer rows say too little either way: such a window (the last one of a version, or of a quiet minute) is kept but
    /// neither opens nor closes an alert.
    package static let minimumRows = 20

    package init(
        monitor: String, number: Int, lane: TrafficSlice, length: WindowLength = .window, start: Timestamp,
        end: Timestamp, rows: Int, findings: [Finding], isProvisional: Bool = false
    ) {
        self.monitor = monitor
        self.number = number
        self.lane = lane
        self.length = length
        self.start = start
        self.end = end
        self.rows = rows
        self.findings = findings
        self.isProvisional = isProvisional
    }

    package var model: String { lane.model ?? "" }
    package var version: Int { lane.version ?? 0 }
    /// What came after it was judged first, in words; empty where nothing did.
    var changes: String {
        let revised = revisions == 0 ? nil : "recomputed \(revisions == 1 ? "once" : "\(revisions) times")"
        let late = lateLabels == 0 ? nil : "\(lateLabels) labels too late"
        return [revised, late].compactMap(\.self).joined(separator: ", ")
    }
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
            "number": .integer(Int64(number)), "length": .string(length.rawValue),
            "variant": lane.variant.map(JSON.string), "model": .string(model),
            "version": .integer(Int64(version)), "start": start.json, "end": end.json, "rows": .integer(Int64(rows)),
            "judged": .bool(isJudged), "provisional": .bool(isProvisional), "revisions": .integer(Int64(revisions)),
            "revised": revisedAt?.json, "changes": .string(changes), "late_labels": .integer(Int64(lateLabels)),
            "drifting": .strings(drifting),
            "columns": .array(columns.map(\.columnJSON)), "findings": .array(findings.map(\.json)),
        ])
    }
}
