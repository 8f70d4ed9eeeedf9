package import Database
package import Wire

/// The log of everything that changed. A store appends in the transaction that makes the change, so that neither is
/// ever there without the other.
package struct EventLog: Sendable {
    let database: Database
    private let clock: WallClock
    let signal: Signal

    private static let topic = Topic("events")

    package init(database: Database, clock: WallClock) {
        self.database = database
        signal = database.signal(of: Self.topic)
        self.clock = clock
    }

    /// Records a change as part of `transaction`.
    /// - Returns: the moment under which it is recorded.
    @discardableResult
    package func append(_ change: Change, in transaction: Transaction) throws -> Timestamp {
        // There is one writer at a time, so that nobody else has read the same head.
        let head = try transaction.row("SELECT sequence, hash FROM event_head WHERE id = 1")
        guard let head else { throw EventError(.internalError, "The event log has no head.") }
        let sequence = try head.get(0, as: Int64.self) + 1
        let time = clock.now
        let data = change.data.text
        let hash = EventChain.hash(
            after: try head.get(1), sequence: sequence, time: time, actor: change.actor, kind: change.kind,
            subject: change.subject, data: data)
        try transaction.execute(
            """
            INSERT INTO events (sequence, time, actor, kind, subject, data, hash)
            VALUES (\(sequence), \(time), \(change.actor), \(change.kind), \(change.subject), \(data), \(hash))
            """)
        try transaction.execute("UPDATE event_head SET sequence = \(sequence), hash = \(hash) WHERE id = 1")
        transaction.announce(Self.topic)
        return time
    }

    /// Up to `limit` events after a number, oldest first.
    package func events(after sequence: Int64, subject: String? = nil, limit: Int) async throws -> [Event] {
        let condition: SQL = subject.map { " AND subject = \($0)" } ?? ""
        return try await database.read { reader in
            try reader.rows(
                """
                SELECT \(Event.columns) FROM events WHERE sequence > \(sequence)\(condition)
                ORDER BY sequence LIMIT \(limit)
                """)
        }
    }

    /// What happened to some subjects from one moment to another, oldest first.
    package func events(
        of subjects: [String], from start: Timestamp, to end: Timestamp, limit: Int
    ) async throws -> [Event] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT \(Event.columns) FROM events
                WHERE subject IN \(list: subjects) AND time >= \(start) AND time <= \(end)
                ORDER BY sequence LIMIT \(limit)
                """)
        }
    }

    /// What happened to a subject last before an event.
    package func last(of subject: String, before sequence: Int64, kinds: [String]) async throws -> Event? {
        try await database.read { reader in
            try reader.row(
                """
                SELECT \(Event.columns) FROM events
                WHERE subject = \(subject) AND sequence < \(sequence) AND kind IN \(list: kinds)
                ORDER BY sequence DESC LIMIT 1
                """)
        }
    }

    /// The newest events, newest first.
    package func latest(limit: Int) async throws -> [Event] {
        try await database.read { reader in
            try reader.rows("SELECT \(Event.columns) FROM events ORDER BY sequence DESC LIMIT \(limit)")
        }
    }

    /// The number of the last event; 0 when nothing has happened.
    package func head() async throws -> Int64 {
        try await database.read { try $0.value("SELECT sequence FROM event_head WHERE id = 1") ?? 0 }
    }

    /// All events after a number: those there are, then each new one as it is committed. It ends with its task.
    package func follow(after sequence: Int64) -> EventFeed {
        EventFeed(log: self, cursor: sequence)
    }

    /// Walks the whole chain.
    package func verify() async throws -> ChainVerdict {
        try await database.read { reader in
            var previous = EventChain.origin
            var expected: Int64 = 1
            var verdict: ChainVerdict?
            try reader.forEachRow("SELECT \(Event.columns) FROM events ORDER BY sequence") { row in
                guard verdict == nil else { return }
                guard let event = try? Event(row: row), let data = try? row.get(5, as: String.self) else {
                    verdict = .broken(at: expected, reason: "event \(expected) is unreadable")
                    return
                }
                let hash = EventChain.hash(
                    after: previous, sequence: event.sequence, time: event.time, actor: event.actor, kind: event.kind,
                    subject: event.subject, data: data)
                if event.sequence != expected {
                    verdict = .broken(at: expected, reason: "event \(expected) is missing")
                } else if hash != event.hash {
                    verdict = .broken(at: expected, reason: "event \(expected) or the one before it was changed")
                }
                previous = event.hash
                expected += 1
            }
            if let verdict { return verdict }
            let head = try reader.row("SELECT sequence, hash FROM event_head WHERE id = 1")
            guard let head, try head.get(0) == expected - 1, try head.get(1) == previous else {
                return .broken(at: expected, reason: "events after \(expected - 1) are missing")
            }
            return .intact(events: expected - 1)
        }
    }
}

extension Event: RowDecodable {
    static let columns: SQL = "sequence, time, actor, kind, subject, data, hash"

    package init(row: Row) throws {
        sequence = try row.get(0)
        time = try row.get(1)
        actor = try row.get(2)
        kind = try row.get(3)
        subject = try row.get(4)
        // Text that no longer parses was tampered with; `verify` still hashes it as it stands.
        let text: String = try row.get(5)
        data = (try? JSON.parse(text)) ?? .string(text)
        hash = try row.get(6)
    }
}
