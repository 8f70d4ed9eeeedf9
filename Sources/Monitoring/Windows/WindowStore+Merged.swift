import Database
import Incidents
import Wire

// Hours and days of a lane: which of them changed since they were judged. Their rows are those of the records of their minutes.

extension WindowStore {
    /// The hours and days that ended, or changed after that, and have not been judged since: the longest last, oldest first.
    ///
    /// What comes late to one of which only longer stretches are kept is counted, and it is not judged again.
    func waitingMerged(
        of monitor: String, _ lengths: [WindowLength], at now: Timestamp, limit: Int
    ) async throws -> [TrafficWindow] {
        guard !lengths.isEmpty else { return [] }
        return try await database.read { reader in
            var found: [TrafficWindow] = []
            for length in lengths where found.count < limit {
                let kept = now + (.zero - (length == .day ? WindowPolicy.daysKept : WindowPolicy.hoursKept))
                let places = try reader.rows(
                    """
                    SELECT DISTINCT variant, model, version, window_number FROM monitor_merged
                    WHERE monitor = \(monitor) AND closes_at <= \(now) AND revision > evaluated
                        AND length = \(length.rawValue) AND (evaluated = 0 OR end_at >= \(kept))
                    ORDER BY window_number, variant, model, version LIMIT \(limit - found.count)
                    """)
                for place in places {
                    let lane = TrafficSlice(
                        variant: try place.get(0), model: try place.get(1), version: try place.get(2))
                    // All sources, also those of which nothing is new: they make one hour or day.
                    let parts = try reader.rows(
                        """
                        SELECT \(TrafficPart.columns) FROM monitor_merged
                        WHERE monitor = \(monitor) AND length = \(length.rawValue) AND \(Self.lane(lane))
                            AND window_number = \(try place.get(3, as: Int.self)) ORDER BY source
                        """, as: TrafficPart.self)
                    found += TrafficPart.windows(parts, of: monitor, length).map(\.window)
                }
            }
            return found
        }
    }

    /// The last hours or days with rows of the lane before one, oldest first.
    func merged(before window: TrafficWindow, limit: Int) async throws -> [TrafficWindow] {
        try await database.read { reader in
            let numbers: [Int] = try reader.values(
                """
                SELECT DISTINCT window_number FROM monitor_merged
                WHERE monitor = \(window.monitor) AND length = \(window.length.rawValue)
                    AND window_number < \(window.number) AND \(Self.lane(window.lane))
                ORDER BY window_number DESC LIMIT \(limit)
                """)
            guard let first = numbers.last else { return [] }
            let rows = try reader.rows(
                """
                SELECT \(TrafficPart.columns) FROM monitor_merged
                WHERE monitor = \(window.monitor) AND length = \(window.length.rawValue) AND window_number >= \(first)
                    AND window_number < \(window.number) AND \(Self.lane(window.lane))
                ORDER BY window_number, source
                """, as: TrafficPart.self)
            return TrafficPart.windows(rows, of: window.monitor, window.length).map(\.window)
        }
    }

    /// Notes that rows came. Of an hour or a day that has ended they are gathered for a while.
    static func storeMerged(
        _ growth: TrafficGrowth, of lane: WindowFlush.Lane, source: String, at now: Timestamp,
        in transaction: Transaction
    ) throws {
        let regular = growth.closesAt ?? growth.end
        let closesAt = regular > now ? regular : now + WindowPolicy.gathering
        try transaction.execute(
            """
            INSERT INTO monitor_merged (monitor, length, variant, model, version, window_number, source, start_at, end_at,
                row_count, closes_at, revision, evaluated)
            VALUES (\(lane.monitor), \(lane.length.rawValue), \(lane.lane.variant ?? ""), \(lane.lane.model ?? ""),
                \(lane.lane.version ?? 0), \(lane.number), \(source), \(growth.start), \(growth.end), \(growth.rows),
                \(closesAt), 1, 0)
            ON CONFLICT (monitor, length, window_number, variant, model, version, source) DO UPDATE SET
                row_count = monitor_merged.row_count + excluded.row_count,
                closes_at = CASE WHEN monitor_merged.revision > monitor_merged.evaluated
                        AND monitor_merged.closes_at > \(regular) THEN monitor_merged.closes_at
                    ELSE excluded.closes_at END,
                revision = monitor_merged.revision + 1
            """)
    }

    static func settleMerged(_ window: TrafficWindow, in transaction: Transaction) throws {
        for (source, revision) in window.revisions {
            try transaction.execute(
                "UPDATE monitor_merged SET evaluated = \(revision) WHERE \(part(window, source))")
        }
    }

    static func isWaitingMerged(_ window: TrafficWindow, in reader: Reader) throws -> Bool {
        try window.revisions.contains { source, revision in
            let evaluated = try reader.value(
                "SELECT evaluated FROM monitor_merged WHERE \(part(window, source))", as: Int.self)
            return evaluated.map { $0 < revision } ?? false
        }
    }

    /// How many rows of an hour or a day one server counted.
    static func countedMerged(_ window: TrafficWindow, _ source: String, in reader: Reader) throws -> Int? {
        try reader.value("SELECT row_count FROM monitor_merged WHERE \(part(window, source))")
    }

    private static func part(_ window: TrafficWindow, _ source: String) -> SQL {
        """
        monitor = \(window.monitor) AND length = \(window.length.rawValue) AND window_number = \(window.number)
            AND \(lane(window.lane)) AND source = \(source)
        """
    }
}
