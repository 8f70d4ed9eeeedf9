import Database
import Incidents
import Predictions
import Statistics
import Wire

// What a feed reads and writes.

extension WindowStore {
    /// What a server counted so far for one monitor.
    struct FeedState: Sendable {
        let plan: String
        let cutter: WindowCutter
    }

    /// The place in its journal up to which a server counted; nil before the first time.
    func position(of source: String) async throws -> JournalPosition? {
        try await database.read { try Self.position(of: source, in: $0) }
    }

    private static func position(of source: String, in reader: Reader) throws -> JournalPosition? {
        let row = try reader.row("SELECT segment, byte_offset FROM monitor_sources WHERE source = \(source)")
        return try row.map { JournalPosition(segment: try $0.get(0), offset: try $0.get(1)) }
    }

    /// Takes up a monitor, or goes on with it.
    /// - Returns: nil when it is new to this server.
    func state(of monitor: String, source: String, size: WindowSize) async throws -> FeedState? {
        try await database.read { reader in
            let feed = try reader.row(
                "SELECT plan, next_window FROM monitor_feeds WHERE monitor = \(monitor) AND source = \(source)")
            guard let feed else { return nil }
            let parts = try reader.rows(
                """
                SELECT \(TrafficPart.columns) FROM monitor_traffic
                WHERE monitor = \(monitor) AND source = \(source) AND closes_at IS NULL
                """, as: TrafficPart.self)
            let open = parts.map {
                ($0.lane, WindowCutter.Open(number: $0.number, rows: $0.rows, first: $0.start, last: $0.end))
            }
            return FeedState(
                plan: try feed.get(0),
                cutter: WindowCutter(
                    size: size, nextNumber: try feed.get(1), open: Dictionary(open) { _, later in later }))
        }
    }

    /// Notes what a server counts for a monitor from now on, and closes the windows of rows that it counted into otherwise.
    /// - Returns: whether there were any.
    func begin(_ monitor: String, plan: String, source: String) async throws -> Bool {
        try await database.write { transaction in
            let closed = try transaction.execute(
                """
                UPDATE monitor_traffic SET closes_at = \(Timestamp.closed), revision = revision + 1
                WHERE monitor = \(monitor) AND source = \(source) AND closes_at IS NULL
                """)
            try transaction.execute(
                """
                INSERT INTO monitor_feeds (monitor, source, plan, next_window) VALUES (\(monitor), \(source), \(plan), 1)
                ON CONFLICT (monitor, source) DO UPDATE SET plan = excluded.plan
                """)
            return closed > 0
        }
    }

    /// The records of these keys that are stored. One that cannot be read is put aside and counted anew: nothing that comes
    /// later may wait for it, and whoever reads the window is told.
    func stored(_ keys: some Collection<WindowKey> & Sendable) async throws -> [WindowKey: WindowRecord] {
        let (found, damaged) = try await database.read { reader in
            var anchors = StoredAnchors(known: anchors)
            var (found, damaged): ([WindowKey: WindowRecord], [WindowKey]) = ([:], [])
            for key in keys {
                do {
                    found[key] = try Self.record(key, in: reader, &anchors)
                } catch is ProfileProblem {
                    damaged.append(key)
                }
            }
            return (found, damaged)
        }
        if !damaged.isEmpty {
            try await database.write { transaction in
                for key in damaged { try Self.putAside(key, as: key.span, in: transaction) }
            }
        }
        return found
    }

    /// The anchors of a version's columns that were made from production.
    func baselines(of monitor: String, model: String, version: Int) async throws -> WindowAnchors {
        try await database.read { reader in
            let rows = try reader.rows(
                """
                SELECT role, name, anchors FROM monitor_baselines
                WHERE monitor = \(monitor) AND model = \(model) AND version = \(version)
                """)
            var columns: [String: [String: ColumnAnchors]] = [:]
            for row in rows {
                columns[try row.get(0), default: [:]][try row.get(1)] = try ColumnAnchors(json: try row.get(2))
            }
            return WindowAnchors(inputs: columns["input"] ?? [:], outputs: columns["output"] ?? [:])
        }
    }

    /// Fixes anchors that were made from production. Where another server was first, its anchors hold.
    func fix(_ anchors: WindowAnchors, of monitor: String, model: String, version: Int) async throws -> WindowAnchors {
        try await database.write { transaction in
            for (role, columns) in [("input", anchors.inputs), ("output", anchors.outputs)] {
                for (name, anchors) in columns.sorted(by: { $0.key < $1.key }) {
                    try transaction.execute(
                        """
                        INSERT INTO monitor_baselines (monitor, model, version, role, name, anchors)
                        VALUES (\(monitor), \(model), \(version), \(role), \(name), \(anchors.json))
                        ON CONFLICT DO NOTHING
                        """)
                }
            }
        }
        return try await baselines(of: monitor, model: model, version: version)
    }

    /// Stores what was counted and how far, together. What was stored before, because the answer to it was lost, is not
    /// stored again.
    /// - Returns: the monitors that were deleted meanwhile, of which nothing was stored.
    /// - Throws: `MonitorError` when the journal was counted further than the flush says.
    func store(_ flush: WindowFlush, at now: Timestamp) async throws -> Set<String> {
        try await database.write { transaction in
            if let position = flush.position, position != flush.former {
                let stored = try Self.position(of: flush.source, in: transaction)
                if stored == position { return [] }
                guard stored == flush.former else {
                    throw MonitorError(
                        .internalError, "Another server counts the predictions of this data folder too.",
                        hint: "Start one server for a data folder.")
                }
                try transaction.execute(
                    """
                    INSERT INTO monitor_sources (source, segment, byte_offset, seen_at)
                    VALUES (\(flush.source), \(position.segment), \(position.offset), \(now))
                    ON CONFLICT (source) DO UPDATE SET segment = excluded.segment, byte_offset = excluded.byte_offset,
                        seen_at = excluded.seen_at
                    """)
            }
            var gone: Set<String> = []
            for (monitor, next) in flush.nextNumbers {
                let changed = try transaction.execute(
                    """
                    UPDATE monitor_feeds SET next_window = \(next)
                    WHERE monitor = \(monitor) AND source = \(flush.source)
                    """)
                if changed == 0 { gone.insert(monitor) }
            }
            for (monitor, anchors) in flush.anchors where !gone.contains(monitor) {
                try Self.store(anchors, of: monitor, at: now, in: transaction)
            }
            for (lane, growth) in flush.growth where !gone.contains(lane.monitor) {
                if lane.length == .window {
                    try Self.store(growth, of: lane, source: flush.source, in: transaction)
                } else {
                    try Self.storeMerged(growth, of: lane, source: flush.source, at: now, in: transaction)
                }
            }
            for (key, record) in flush.records where !gone.contains(key.monitor) {
                try Self.store(record, of: key, in: transaction)
            }
            return gone
        }
    }

    private static func store(
        _ anchors: Set<FixedAnchors>, of monitor: String, at now: Timestamp, in transaction: Transaction
    ) throws {
        for anchors in anchors {
            let id = Int64(bitPattern: anchors.id)
            try transaction.execute(
                "INSERT INTO monitor_anchors (id, anchors) VALUES (\(id), \(anchors.anchors.json)) ON CONFLICT DO NOTHING"
            )
            try transaction.execute(
                """
                INSERT INTO monitor_anchor_uses (monitor, id, seen_at) VALUES (\(monitor), \(id), \(now))
                ON CONFLICT (monitor, id) DO UPDATE SET seen_at = excluded.seen_at
                """)
        }
    }

    private static func store(
        _ growth: TrafficGrowth, of lane: WindowFlush.Lane, source: String, in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO monitor_traffic (monitor, variant, model, version, window_number, source, start_at, end_at,
                row_count, closes_at, revision, evaluated)
            VALUES (\(lane.monitor), \(lane.lane.variant ?? ""), \(lane.lane.model ?? ""), \(lane.lane.version ?? 0),
                \(lane.number), \(source), \(growth.start), \(growth.end), \(growth.rows), \(growth.closesAt), 1, 0)
            ON CONFLICT (monitor, window_number, variant, model, version, source) DO UPDATE SET
                start_at = CASE WHEN excluded.start_at < monitor_traffic.start_at THEN excluded.start_at
                    ELSE monitor_traffic.start_at END,
                end_at = CASE WHEN excluded.end_at > monitor_traffic.end_at THEN excluded.end_at
                    ELSE monitor_traffic.end_at END,
                row_count = monitor_traffic.row_count + excluded.row_count,
                closes_at = COALESCE(monitor_traffic.closes_at, excluded.closes_at),
                revision = monitor_traffic.revision + 1
            """)
    }

    static func store(_ record: WindowRecord, of key: WindowKey, in transaction: Transaction) throws {
        let lane = key.slice
        try transaction.execute(
            """
            INSERT INTO monitor_records (monitor, variant, model, version, segment, start_at, span, window_number, source,
                row_count, body)
            VALUES (\(key.monitor), \(lane.variant ?? ""), \(lane.model ?? ""), \(lane.version ?? 0),
                \(lane.segment ?? ""), \(key.start), \(key.span.rawValue), \(key.window), \(key.source), \(record.rows),
                \(record.bytes))
            ON CONFLICT (monitor, start_at, span, variant, model, version, segment, window_number, source)
                DO UPDATE SET row_count = excluded.row_count, body = excluded.body
            """)
    }
}
