package import Database
package import Incidents
import Predictions
import Statistics
package import Wire

/// What was counted of the monitors' traffic: read by who evaluates and shows, written by `WindowFeed`.
package struct WindowStore: Sendable {
    let database: Database
    let anchors = KnownAnchors()

    package init(database: Database) {
        self.database = database
    }

    // MARK: To evaluate

    /// The windows that were closed, or changed after that, and have not been evaluated since: oldest first. They are not yet
    /// complete where a server is behind; what comes later makes them appear again.
    ///
    /// What came late to a window that was evaluated and of which only whole hours are kept is counted, and not evaluated.
    package func waiting(of monitor: String, at now: Timestamp, limit: Int = 100) async throws -> [TrafficWindow] {
        try await database.read { try Self.waiting(of: monitor, at: now, limit: limit, $0) }
    }

    /// The same of all monitors of which a window waits.
    /// - Parameter limit: of each.
    func waiting(at now: Timestamp, limit: Int) async throws -> [String: [TrafficWindow]] {
        try await database.read { reader in
            let monitors: [String] = try reader.values(
                "SELECT DISTINCT monitor FROM monitor_traffic WHERE \(Self.waits(at: now))")
            return Dictionary(
                try monitors.map { ($0, try Self.waiting(of: $0, at: now, limit: limit, reader)) }
            ) { first, _ in first }
        }
    }

    private static func waiting(
        of monitor: String, at now: Timestamp, limit: Int, _ reader: Reader
    ) throws -> [TrafficWindow] {
        // All sources of a window of minutes, also those that were evaluated, because they make one window.
        let rows = try reader.rows(
            """
            SELECT \(TrafficPart.columns) FROM monitor_traffic
            WHERE monitor = \(monitor) AND closes_at <= \(now)
                AND (window_number, variant, model, version) IN (
                    SELECT window_number, variant, model, version FROM monitor_traffic
                    WHERE monitor = \(monitor) AND \(Self.waits(at: now)))
            ORDER BY end_at, window_number, variant, model, version, source
            LIMIT \(limit)
            """, as: TrafficPart.self)
        return TrafficPart.windows(rows, of: monitor).filter { $0.parts.contains(where: \.isWaiting) }.map(\.window)
    }

    /// Of parts of windows that are closed and changed since they were evaluated. Few are, and those are in an index.
    private static func waits(at now: Timestamp) -> SQL {
        """
        revision > evaluated AND closes_at <= \(now)
            AND (evaluated = 0 OR end_at >= \(now + (.zero - WindowPolicy.minutesKept))
                OR (end_at - start_at) % 3600000 = 0)
        """
    }

    /// Says that a window was evaluated as it was read. When rows came meanwhile it waits again. Belongs into the transaction
    /// that stores the findings.
    package func settle(_ window: TrafficWindow, in transaction: Transaction) throws {
        guard window.length == .window else { return try Self.settleMerged(window, in: transaction) }
        for (source, revision) in window.revisions {
            try transaction.execute(
                """
                UPDATE monitor_traffic SET evaluated = \(revision)
                WHERE monitor = \(window.monitor) AND window_number = \(window.number)
                    AND \(Self.lane(window.lane)) AND source = \(source)
                """)
        }
    }

    /// Whether a window as it was read is still to be evaluated: nobody else did meanwhile.
    func isWaiting(_ window: TrafficWindow, in reader: Reader) throws -> Bool {
        guard window.length == .window else { return try Self.isWaitingMerged(window, in: reader) }
        return try window.revisions.contains { source, revision in
            let evaluated = try reader.value(
                """
                SELECT evaluated FROM monitor_traffic
                WHERE monitor = \(window.monitor) AND window_number = \(window.number)
                    AND \(Self.lane(window.lane)) AND source = \(source)
                """, as: Int.self)
            return evaluated.map { $0 < revision } ?? false
        }
    }

    /// What was seen in a window: of its lane, and of each declared segment within it. Empty once a window of rows is kept by
    /// hours only.
    package func records(of window: TrafficWindow) async throws -> [TrafficSlice: WindowRecord] {
        try await database.read { reader in
            try merged(reader, where: Self.records(of: window)) { $0.slice }
        }
    }

    /// The same for who judges the window and nothing else (`WindowRecord.Part`).
    func judged(_ window: TrafficWindow, withRows: Bool) async throws -> [TrafficSlice: WindowRecord] {
        try await database.read { reader in
            try merged(reader, where: Self.records(of: window), .judged(withRows: withRows)) { $0.slice }
        }
    }

    /// The predictions that stand for a window of rows: all of them where they are no more than a sample holds.
    func sampled(
        of monitor: String, _ lane: TrafficSlice, number: Int, source: String, _ reader: Reader
    ) throws -> Set<PredictionID> {
        let records = try merged(
            reader,
            where: """
                monitor = \(monitor) AND \(Self.lane(lane)) AND segment = '' AND window_number = \(number)
                    AND source = \(source)
                """
        ) { $0.slice }
        return Set(records.values.flatMap { $0.sample.entries.map(\.id) })
    }

    /// The rows of a slice from one moment on until a window ends, its own included, or nil when there are none.
    func merged(slice: TrafficSlice, from: Timestamp, upTo window: TrafficWindow) async throws -> WindowRecord? {
        // What the clock cuts ends before its end.
        let end = window.source == nil ? window.end : window.end + .milliseconds(1)
        var condition = Self.stretch(window.monitor, slice, from, end)
        // Windows of rows share minutes with those that follow.
        if let source = window.source {
            condition += " AND (source <> \(source) OR window_number <= \(window.number))"
        }
        let ofRows = condition
        return try await database.read { try merged($0, where: ofRows) { _ in 0 }[0] }
    }

    // MARK: To show

    /// The rows of a slice from one moment until before another, over all servers, or nil when there are none. Where records
    /// are kept by hours or days only, those count that begin in between.
    package func merged(
        monitor: String, slice: TrafficSlice = .whole, from: Timestamp, to: Timestamp,
        _ part: WindowRecord.Part = .whole
    ) async throws -> WindowRecord? {
        try await database.read { reader in
            try merged(reader, where: Self.stretch(monitor, slice, from, to), part) { _ in 0 }[0]
        }
    }

    /// The same by minute, hour or day, without those in which nothing came.
    package func series(
        monitor: String, slice: TrafficSlice = .whole, from: Timestamp, to: Timestamp, by span: WindowSpan,
        _ part: WindowRecord.Part = .whole
    ) async throws -> [(start: Timestamp, record: WindowRecord)] {
        let records = try await database.read { reader in
            try merged(reader, where: Self.stretch(monitor, slice, from, to), part) { span.start(of: $0.start) }
        }
        return records.sorted { $0.key < $1.key }.map { (start: $0.key, record: $0.value) }
    }

    /// The lanes and segments of which there are records.
    package func slices(monitor: String) async throws -> [TrafficSlice] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT DISTINCT variant, model, version, segment FROM monitor_records WHERE monitor = \(monitor)
                ORDER BY variant, model, version, segment
                """
            ).map(Self.slice)
        }
    }

    /// The newest closed windows of a lane, oldest first.
    package func windows(of monitor: String, lane: TrafficSlice, at now: Timestamp, limit: Int) async throws
        -> [TrafficWindow]
    {
        try await database.read { reader in
            let rows = try reader.rows(
                """
                SELECT \(TrafficPart.columns) FROM monitor_traffic
                WHERE monitor = \(monitor) AND closes_at <= \(now) AND \(Self.lane(lane))
                ORDER BY end_at DESC, window_number DESC LIMIT \(limit)
                """, as: TrafficPart.self)
            return TrafficPart.windows(rows.reversed(), of: monitor).map(\.window)
        }
    }

    // MARK: Monitors that are no more

    /// The monitors of which something is kept here.
    package func known() async throws -> [String] {
        try await database.read { try $0.values("SELECT DISTINCT monitor FROM monitor_feeds ORDER BY monitor") }
    }

    /// Drops everything that was counted for a monitor. Feeds that still count for it store nothing more.
    package func forget(_ monitor: String, in transaction: Transaction) throws {
        let tables: [SQL] = [
            "monitor_feeds", "monitor_traffic", "monitor_merged", "monitor_records", "monitor_baselines",
            "monitor_anchor_uses",
        ]
        for table in tables { try transaction.execute("DELETE FROM \(table) WHERE monitor = \(monitor)") }
        try transaction.execute(
            """
            DELETE FROM monitor_anchors
            WHERE NOT EXISTS (SELECT 1 FROM monitor_anchor_uses AS used WHERE used.id = monitor_anchors.id)
            """)
    }

    // MARK: SQL

    static func records(of window: TrafficWindow) -> SQL {
        var condition: SQL = "monitor = \(window.monitor) AND \(lane(window.lane))"
        if let source = window.source {
            condition += " AND window_number IN (\(window.number), \(aside(window.number))) AND source = \(source)"
        } else if let minutes = window.length.minutes {
            // However these minutes were cut into windows. What is kept by longer stretches has rows of others.
            condition += " AND start_at >= \(window.start) AND start_at < \(window.end) AND span <= \(minutes)"
        } else {
            // By another plan rows of these minutes may have been counted into other windows.
            condition += """
                 AND start_at >= \(window.start) AND start_at < \(window.end) AND window_number IN (\(window.number), \(aside(window.number)), 0)
                """
        }
        return condition
    }

    static func lane(_ lane: TrafficSlice) -> SQL {
        "variant = \(lane.variant ?? "") AND model = \(lane.model ?? "") AND version = \(lane.version ?? 0)"
    }

    private static func stretch(_ monitor: String, _ slice: TrafficSlice, _ from: Timestamp, _ to: Timestamp) -> SQL {
        var condition: SQL = """
            monitor = \(monitor) AND start_at >= \(from) AND start_at < \(to) AND segment = \(slice.segment ?? "")
            """
        if let variant = slice.variant { condition += " AND variant = \(variant)" }
        if let model = slice.model { condition += " AND model = \(model)" }
        if let version = slice.version { condition += " AND version = \(version)" }
        return condition
    }

    static func slice(_ row: Row) throws -> TrafficSlice {
        let segment: String = try row.get(3)
        return TrafficSlice(
            variant: try row.get(0), model: try row.get(1), version: try row.get(2),
            segment: segment.isEmpty ? nil : segment)
    }

    /// Merges the records that meet a condition, by what `group` makes of their keys, in the order of their times. One that
    /// cannot be read keeps nobody from the others; it is counted as `unreadable`.
    /// - Parameter part: what of a record is read that is the only one of its group; others are read as a whole.
    private func merged<Group: Hashable>(
        _ reader: Reader, where condition: SQL, _ part: WindowRecord.Part = .whole, by group: (WindowKey) -> Group
    ) throws -> [Group: WindowRecord] {
        var anchors = StoredAnchors(known: anchors)
        var merged: [Group: WindowRecord] = [:]
        func add(_ row: Row, _ group: Group, _ part: WindowRecord.Part) throws {
            do {
                let record = try anchors.record(row.get(WindowKey.columnCount), part, in: reader)
                // The only one of most windows.
                if merged[group]?.merge(record) == nil { merged[group] = record }
            } catch is ProfileProblem {
                merged[group, default: WindowRecord()].unreadable += 1
            }
        }
        let query: SQL = """
            SELECT \(WindowKey.columns), body FROM monitor_records WHERE \(condition)
            ORDER BY start_at, span, window_number, source
            """
        if case .calls = part {
            // Nothing else is asked for them, so that one after the other is let go of.
            try reader.forEachRow(query) { try add($0, group(try WindowKey(row: $0)), part) }
            return merged
        }
        let rows = try reader.rows(query)
        let groups = try rows.map { group(try WindowKey(row: $0)) }
        let counts = Dictionary(groups.map { ($0, 1) }, uniquingKeysWith: +)
        for (row, group) in zip(rows, groups) { try add(row, group, counts[group] == 1 ? part : .whole) }
        return merged
    }
}
