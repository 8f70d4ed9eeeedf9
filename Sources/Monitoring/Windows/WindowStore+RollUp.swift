import Database
import Incidents
import Statistics
import Wire

// What becomes of records as they grow old: minutes become hours, hours become days, days go.

extension WindowStore {
    /// Rolls up and drops what is old enough, some of it: whoever calls again until it returns false has done all.
    /// - Parameter source: whose records are rolled up, besides those of servers that have not been seen for long. While it is
    ///   at it, the source must not hold any of these records in memory.
    /// - Returns: whether there may be more.
    func rollUp(source: String, at now: Timestamp) async throws -> Bool {
        try await database.write { transaction in
            let gone = now + (.zero - WindowPolicy.sourceGone)
            let sources = try transaction.values(
                "SELECT source FROM monitor_sources WHERE source = \(source) OR seen_at < \(gone)", as: String.self)
            let minutes = try Self.rollUp(
                .minute, to: .hour, of: sources, before: now + (.zero - WindowPolicy.minutesKept), at: now,
                in: transaction)
            let hours = try Self.rollUp(
                .hour, to: .day, of: sources, before: now + (.zero - WindowPolicy.hoursKept), at: now, in: transaction)
            try transaction.execute(
                """
                DELETE FROM monitor_records
                WHERE span = \(WindowSpan.day.rawValue) AND start_at < \(now + (.zero - WindowPolicy.daysKept))
                """)
            try transaction.execute(
                """
                DELETE FROM monitor_traffic WHERE end_at < \(now + (.zero - WindowPolicy.hoursKept))
                    AND closes_at IS NOT NULL AND revision <= evaluated
                """)
            try transaction.execute(
                "DELETE FROM monitor_merged WHERE end_at < \(now + (.zero - WindowPolicy.daysKept))")
            let hasMoreAnchors = try Self.dropUnusedAnchors(at: now, in: transaction)
            return minutes || hours || hasMoreAnchors
        }
    }

    /// Drops anchors by which nothing was counted for so long that no record rests on them any more.
    private static func dropUnusedAnchors(at now: Timestamp, in transaction: Transaction) throws -> Bool {
        // Of those of earlier versions nobody knows.
        try transaction.execute("UPDATE monitor_anchor_uses SET seen_at = \(now) WHERE seen_at IS NULL")
        let ids: [Int64] = try transaction.values(
            """
            SELECT id FROM monitor_anchor_uses
            WHERE seen_at < \(now + (.zero - WindowPolicy.anchorsKept)) ORDER BY seen_at LIMIT \(rollUpLimit)
            """)
        guard !ids.isEmpty else { return false }
        try transaction.execute(
            """
            DELETE FROM monitor_anchor_uses
            WHERE seen_at < \(now + (.zero - WindowPolicy.anchorsKept)) AND id IN \(list: ids)
            """)
        try transaction.execute(
            """
            DELETE FROM monitor_anchors WHERE id IN \(list: ids)
                AND NOT EXISTS (SELECT 1 FROM monitor_anchor_uses AS used WHERE used.id = monitor_anchors.id)
            """)
        return ids.count == rollUpLimit
    }

    /// So many records are looked at in one transaction.
    private static let rollUpLimit = 200

    /// Merges records into longer ones without the number of their window. Those of windows that are open or wait to be
    /// evaluated stay, however old their rows are: what is imported may be of years ago.
    private static func rollUp(
        _ span: WindowSpan, to longer: WindowSpan, of sources: [String], before: Timestamp, at now: Timestamp,
        in transaction: Transaction
    ) throws -> Bool {
        // Whole stretches only.
        let before = longer.start(of: before)
        let kept = now + (.zero - WindowPolicy.minutesKept)
        let hourIsJudged: SQL =
            longer == .day
            ? """
             AND NOT EXISTS (
                SELECT 1 FROM monitor_merged AS hour
                WHERE hour.monitor = record.monitor AND hour.length = \(WindowLength.hour.rawValue)
                    AND hour.window_number = record.start_at / 3600000 AND hour.variant = record.variant
                    AND hour.model = record.model AND hour.version = record.version AND hour.evaluated = 0
                    AND hour.closes_at > \(now + (.zero - WindowPolicy.mergedWait)))
            """ : ""
        let old = try transaction.rows(
            """
            SELECT \(WindowKey.columns) FROM monitor_records AS record
            WHERE span = \(span.rawValue) AND start_at < \(before) AND source IN \(list: sources) AND NOT EXISTS (
                SELECT 1 FROM monitor_traffic AS part
                WHERE part.monitor = record.monitor AND part.window_number = record.window_number
                    AND part.variant = record.variant AND part.model = record.model
                    AND part.version = record.version AND part.source = record.source
                    AND (part.closes_at IS NULL OR part.evaluated = 0
                        OR part.revision > part.evaluated AND part.end_at >= \(kept)))\(hourIsJudged)
            ORDER BY start_at, window_number LIMIT \(rollUpLimit)
            """, as: WindowKey.self)
        var groups: [WindowKey: [WindowKey]] = [:]
        for key in old {
            let place = WindowKey(
                monitor: key.monitor, slice: key.slice, start: longer.start(of: key.start), span: longer, window: 0,
                source: key.source)
            groups[place, default: []].append(key)
        }
        var anchors = StoredAnchors()
        for (place, parts) in groups {
            var merged = WindowRecord()
            for key in [place] + parts {
                do {
                    if let record = try record(key, in: transaction, &anchors) { merged.merge(record) }
                    try transaction.execute("DELETE FROM monitor_records WHERE \(at(key))")
                } catch is ProfileProblem {
                    try putAside(key, as: longer, in: transaction)
                }
            }
            // Values of rows are not kept for years.
            if longer == .day { merged.sample.forgetRows() }
            try store(merged, of: place, in: transaction)
        }
        return old.count == rollUpLimit
    }

    /// Keeps a record that cannot be read for as long as those that it belongs to, so that whoever reads these is told. It takes
    /// the place of none but another that was put aside there.
    static func putAside(_ key: WindowKey, as span: WindowSpan, in transaction: Transaction) throws {
        let window = key.window < 0 ? key.window : aside(key.window)
        let place = WindowKey(
            monitor: key.monitor, slice: key.slice, start: key.start, span: span, window: window, source: key.source)
        guard place != key else { return }
        try transaction.execute("DELETE FROM monitor_records WHERE \(at(place))")
        try transaction.execute(
            "UPDATE monitor_records SET span = \(span.rawValue), window_number = \(window) WHERE \(at(key))")
    }

    /// Under which number the records of a window are kept that cannot be read.
    static func aside(_ window: Int) -> Int { -1 - window }

    /// The record that is stored under a key.
    static func record(
        _ key: WindowKey, in reader: Reader, _ anchors: inout StoredAnchors
    ) throws -> WindowRecord? {
        let body = try reader.value("SELECT body FROM monitor_records WHERE \(at(key))", as: [UInt8].self)
        return try body.map { try anchors.record($0, in: reader) }
    }

    private static func at(_ key: WindowKey) -> SQL {
        """
        monitor = \(key.monitor) AND start_at = \(key.start) AND span = \(key.span.rawValue)
            AND \(lane(key.slice)) AND segment = \(key.slice.segment ?? "") AND window_number = \(key.window)
            AND source = \(key.source)
        """
    }
}
