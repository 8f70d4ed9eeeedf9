import Database
import Wire

extension EventLog {
    /// How many events one page looks at to find those of somebody or of a kind, for which there is no index: the log grows
    /// with each change, and each index would make all of them dearer.
    static let searchStride: Int64 = 50_000

    /// Events that fit, newest first. However few they are, it takes no longer than it takes to look at `stride` events.
    ///
    /// Moments are found by halving, because numbers follow time. Where a clock was set back they may be a few events off.
    package func search(_ query: EventQuery, stride: Int64 = searchStride) async throws -> EventPage {
        try await database.read { reader in
            let head: Int64 = try reader.value("SELECT sequence FROM event_head WHERE id = 1") ?? 0
            let least = try query.from.map { try Self.first(from: $0, head, in: reader) } ?? 1
            let end = try query.to.map { try Self.first(from: $0, head, in: reader) } ?? head + 1
            let most = max(1, min(end, query.before ?? .max)) - 1
            let isIndexed = query.subject != nil || (query.actor == nil && query.kind == nil)
            let last = isIndexed ? least : max(least, most - stride + 1)
            let found = try reader.rows(
                """
                SELECT \(Event.columns) FROM events WHERE sequence >= \(last) AND sequence <= \(most)\(Self.condition(query))
                ORDER BY sequence DESC LIMIT \(query.limit + 1)
                """, as: Event.self)
            let events = Array(found.prefix(query.limit))
            if found.count > events.count {
                return EventPage(events: events, next: events.last?.sequence, isCutShort: false)
            }
            return EventPage(events: events, next: last > least ? last : nil, isCutShort: last > least)
        }
    }

    private static func condition(_ query: EventQuery) -> SQL {
        var conditions: [SQL] = []
        if let actor = query.actor { conditions.append(" AND actor = \(actor)") }
        if let subject = query.subject { conditions.append(" AND subject = \(subject)") }
        if let kind = query.kind {
            // Texts are in the order of their bytes, in which '/' follows '.'.
            conditions.append(" AND (kind = \(kind) OR (kind > \(kind + ".") AND kind < \(kind + "/")))")
        }
        return conditions.joined(separator: "")
    }

    /// The number of the first event at a moment or after it; one more than the last when there is none.
    private static func first(from moment: Timestamp, _ head: Int64, in reader: Reader) throws -> Int64 {
        var (low, high) = (Int64(1), head + 1)
        while low < high {
            let middle = (low + high) / 2
            let time = try reader.value("SELECT time FROM events WHERE sequence = \(middle)", as: Timestamp.self)
            if time.map({ $0 < moment }) ?? true { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
