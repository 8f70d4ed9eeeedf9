import Database
import Incidents
import Wire

extension WindowStore {
    /// When a slice had its last row at the latest: the end of its minute, or of the hour or day of which alone is known what is
    /// old; nil when nothing is kept of it.
    func lastRow(of monitor: String, slice: TrafficSlice) async throws -> Timestamp? {
        var conditions: [SQL] = ["monitor = \(monitor)", "segment = \(slice.segment ?? "")", "row_count > 0"]
        if let variant = slice.variant { conditions.append("variant = \(variant)") }
        if let model = slice.model { conditions.append("model = \(model)") }
        if let version = slice.version { conditions.append("version = \(version)") }
        let isOfSlice = conditions.joined(separator: " AND ")
        return try await database.read { reader in
            let row = try reader.row(
                "SELECT start_at, span FROM monitor_records WHERE \(isOfSlice) ORDER BY start_at DESC LIMIT 1")
            return try row.map { row in
                try (WindowSpan(rawValue: row.get(1)) ?? .minute).end(from: row.get(0))
            }
        }
    }
}
