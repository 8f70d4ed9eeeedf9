package import Database
import Incidents
import Statistics
import Wire

extension WindowKey: RowDecodable {
    static let columns: SQL = "variant, model, version, segment, start_at, span, window_number, source, monitor"
    static let columnCount = 9

    package init(row: Row) throws {
        self.init(
            monitor: try row.get(8), slice: try WindowStore.slice(row), start: try row.get(4),
            span: WindowSpan(rawValue: try row.get(5)) ?? .minute, window: try row.get(6), source: try row.get(7))
    }
}

extension WindowStore {
    /// All rows of a window that one server counted; nil where there are more of them than records hold, where they are kept by the
    /// hour together with those of other windows, or something of it cannot be read.
    func allRows(of window: TrafficWindow, source: String) async throws -> PackedRows? {
        try await database.read { reader in
            var rows = PackedRows()
            let bodies: [[UInt8]] = try reader.values(
                "SELECT body FROM monitor_records WHERE \(Self.records(of: window)) AND segment = '' AND source = \(source)"
            )
            for body in bodies {
                guard let more = try? WindowRecord.allRows(bytes: body) else { return nil }
                rows.append(more)
            }
            return rows.count == (try Self.counted(window, source, in: reader)) ? rows : nil
        }
    }

    /// How many rows of a window one server counted.
    private static func counted(_ window: TrafficWindow, _ source: String, in reader: Reader) throws -> Int? {
        guard window.length == .window else { return try countedMerged(window, source, in: reader) }
        return try reader.value(
            """
            SELECT row_count FROM monitor_traffic
            WHERE monitor = \(window.monitor) AND window_number = \(window.number) AND \(lane(window.lane))
                AND source = \(source)
            """)
    }
}

/// The anchors that records rest on.
struct StoredAnchors {
    private let known: KnownAnchors

    init(known: KnownAnchors = KnownAnchors()) {
        self.known = known
    }

    mutating func record(
        _ body: [UInt8], _ part: WindowRecord.Part = .whole, in reader: Reader
    ) throws -> WindowRecord {
        try WindowRecord(bytes: body, part) { id in
            if let anchors = known[id] { return anchors }
            let stored = try? reader.value(
                "SELECT anchors FROM monitor_anchors WHERE id = \(Int64(bitPattern: id))", as: JSON.self)
            guard let anchors = stored.flatMap({ try? FixedAnchors(ColumnAnchors(json: $0)) }) else { return nil }
            known.note(anchors)
            return anchors
        }
    }
}

/// What one server holds of a window.
struct TrafficPart: RowDecodable {
    static let columns: SQL = """
        variant, model, version, window_number, source, start_at, end_at, row_count, closes_at, revision, evaluated
        """

    let lane: TrafficSlice
    let number: Int
    let source: String
    let start: Timestamp
    let end: Timestamp
    let rows: Int
    let closesAt: Timestamp?
    let revision: Int
    let evaluated: Int

    var isWaiting: Bool { revision > evaluated }

    init(row: Row) throws {
        lane = TrafficSlice(variant: try row.get(0), model: try row.get(1), version: try row.get(2))
        number = try row.get(3)
        source = try row.get(4)
        start = try row.get(5)
        end = try row.get(6)
        rows = try row.get(7)
        closesAt = try row.get(8)
        revision = try row.get(9)
        evaluated = try row.get(10)
    }

    /// Whether it is a part of a window of minutes, which lies between full minutes and closes by the clock.
    private var isByClock: Bool { closesAt.map { $0 > end } ?? false }

    /// Puts the parts of windows of minutes together.
    static func windows(
        _ parts: [TrafficPart], of monitor: String, _ length: WindowLength = .window
    ) -> [(window: TrafficWindow, parts: [TrafficPart])] {
        struct Place: Hashable {
            let lane: TrafficSlice
            let number: Int
            let source: String?
        }
        var order: [Place] = []
        var groups: [Place: [TrafficPart]] = [:]
        for part in parts {
            let place = Place(lane: part.lane, number: part.number, source: part.isByClock ? nil : part.source)
            if groups[place] == nil { order.append(place) }
            groups[place, default: []].append(part)
        }
        return order.compactMap { place in
            guard let parts = groups[place], let first = parts.first else { return nil }
            let window = TrafficWindow(
                monitor: monitor, lane: place.lane, number: place.number, length: length, source: place.source,
                start: parts.map(\.start).min() ?? first.start, end: parts.map(\.end).max() ?? first.end,
                rows: parts.reduce(0) { $0 + $1.rows }, isChanged: parts.contains { $0.evaluated > 0 },
                revisions: Dictionary(uniqueKeysWithValues: parts.map { ($0.source, $0.revision) }))
            return (window, parts)
        }
    }
}
