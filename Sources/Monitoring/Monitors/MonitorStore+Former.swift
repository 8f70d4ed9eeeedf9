package import Database
import Incidents
import Wire

extension MonitorWindow {
    /// Takes over from what was said of the window before rows came late: what labels said of it stays until they are looked at
    /// again.
    mutating func succeed(_ former: MonitorStore.Former, at now: Timestamp) {
        let measured = former.findings.filter { $0.family == .performance }
        if !measured.isEmpty, findings.contains(where: { $0.family == .performance }) {
            findings = findings.filter { $0.family != .performance } + measured
        }
        revisions = former.revisions + 1
        revisedAt = now
        lateLabels = former.lateLabels
    }

    var segmentRowsJSON: JSON {
        .members(segmentRows.sorted { $0.key < $1.key }.map { ($0.key, .integer(Int64($0.value))) })
    }
}

extension MonitorWindow: RowDecodable {
    static let columnList: SQL = """
        monitor, number, variant, model, version, start_at, end_at, row_count, provisional, findings, length, revisions,
        revised_at, late_labels, openings
        """

    package init(row: Row) throws {
        let variant: String = try row.get(2)
        let model: String = try row.get(3)
        let findings: JSON = try row.get(9)
        self.init(
            monitor: try row.get(0), number: try row.get(1),
            lane: TrafficSlice(
                variant: variant.isEmpty ? nil : variant, model: model.isEmpty ? nil : model,
                version: model.isEmpty ? nil : try row.get(4)),
            length: WindowLength(rawValue: try row.get(10)) ?? .window, start: try row.get(5), end: try row.get(6),
            rows: try row.get(7),
            findings: try (findings.arrayValue ?? []).map(Finding.init(json:)), isProvisional: try row.get(8))
        revisions = try row.get(11)
        revisedAt = try row.get(12)
        lateLabels = try row.get(13)
        openings = try row.get(14)
    }
}
