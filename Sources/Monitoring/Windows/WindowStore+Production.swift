import Database
import Incidents
import Statistics
import Wire

/// All that was counted of an endpoint in a stretch of time, whichever server, variant and version answered.
struct ProductionCount: Sendable {
    /// Columns that versions sort into different cells are those of the version with the most rows; of the others nothing is
    /// known there.
    var record = WindowRecord()
    var sample = ReferenceSample([])
}

extension WindowStore {
    /// How much some monitors counted in the minutes that begin from one moment until before another, and on which servers.
    func production(
        of monitors: [String], from: Timestamp, to: Timestamp
    ) async throws -> [(monitor: String, rows: Int, sources: Set<String>)] {
        let rows = try await database.read { reader in
            try reader.rows(
                """
                SELECT monitor, source, SUM(row_count) FROM monitor_records
                WHERE monitor IN \(list: monitors) AND \(Self.whole(from, to)) GROUP BY monitor, source
                """)
        }
        var counts: [String: (rows: Int, sources: Set<String>)] = [:]
        for row in rows {
            counts[try row.get(0), default: (0, [])].rows += try row.get(2, as: Int.self)
            counts[try row.get(0), default: (0, [])].sources.insert(try row.get(1))
        }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value.rows, $0.value.sources) }
    }

    /// What a monitor counted in these minutes.
    func production(of monitor: String, from: Timestamp, to: Timestamp) async throws -> ProductionCount {
        struct Version: Hashable {
            let model: String?
            let version: Int?
        }
        return try await database.read { reader in
            var anchors = StoredAnchors()
            var versions: [Version: WindowRecord] = [:]
            var samples: [(sample: PredictionSample, rows: Int)] = []
            for key in try reader.rows(
                """
                SELECT \(WindowKey.columns) FROM monitor_records WHERE monitor = \(monitor) AND \(Self.whole(from, to))
                ORDER BY start_at, span, variant, model, version, window_number, source
                """, as: WindowKey.self)
            {
                do {
                    guard let record = try Self.record(key, in: reader, &anchors) else { continue }
                    samples.append((record.sample, record.keptRows))
                    let version = Version(model: key.slice.model, version: key.slice.version)
                    versions[version, default: WindowRecord()].merge(record)
                } catch is ProfileProblem {
                    continue
                }
            }
            var count = ProductionCount()
            for record in versions.values.sorted(by: { $0.keptRows > $1.keptRows }) { count.record.merge(record) }
            count.sample = ReferenceSample(samples)
            return count
        }
    }

    private static func whole(_ from: Timestamp, _ to: Timestamp) -> SQL {
        "segment = '' AND start_at >= \(from) AND start_at < \(to)"
    }
}
