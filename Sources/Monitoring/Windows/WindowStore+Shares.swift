package import Database
import Incidents
import Wire

extension WindowStore {
    /// Whose rows were counted in the minutes that a stretch of time touches: those of a lane, and those of its version in all
    /// variants of the endpoint.
    func shares(
        of lane: TrafficSlice, in monitor: String, from start: Timestamp, to end: Timestamp
    ) async throws -> WindowCost.Rows {
        try await database.read { reader in
            let rows = try reader.rows(
                """
                SELECT variant, CAST(SUM(row_count) AS BIGINT) FROM monitor_records
                WHERE monitor = \(monitor) AND start_at >= \(start.start(ofMinutes: 1)) AND start_at <= \(end)
                    AND model = \(lane.model ?? "") AND version = \(lane.version ?? 0) AND segment = ''
                GROUP BY variant
                """)
            var (own, all) = (0, 0)
            for row in rows {
                let count: Int = try row.get(1)
                all += count
                if try row.get(0, as: String.self) == lane.variant ?? "" { own += count }
            }
            return WindowCost.Rows(lane: own, version: all)
        }
    }
}
