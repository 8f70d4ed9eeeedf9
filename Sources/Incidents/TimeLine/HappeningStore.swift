package import Database
package import Wire

/// Something that happened to the machines: a server that started, a worker that crashed, a disk that filled.
package struct Happening: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case serverStarted = "server_started"
        case serverStopped = "server_stopped"
        case workerCrashed = "worker_crashed"
        case disk
    }

    package let time: Timestamp
    package let kind: Kind
    /// Nil for what concerns all of them.
    package let endpoint: String?
    /// A sentence.
    package let words: String
}

/// What happened to the machines. It is no change that somebody made, so it is not in the event log.
extension IncidentStore {
    /// What is older is dropped when something new comes.
    private static let retention = Duration.seconds(400 * 86_400)

    package func note(_ kind: Happening.Kind, at endpoint: String? = nil, _ words: String) async throws {
        let now = clock.now
        let id = entropy.sortableID(at: now)
        let words = String(words.replacing("\0", with: "\u{FFFD}").prefix(2000))
        try await database.write { transaction in
            try transaction.execute("DELETE FROM happenings WHERE time < \(now + (.zero - Self.retention))")
            try transaction.execute(
                """
                INSERT INTO happenings (happening_id, time, kind, endpoint, words)
                VALUES (\(id), \(now), \(kind.rawValue), \(endpoint), \(words))
                """)
        }
    }

    /// The newest of a kind.
    package func lastHappening(_ kinds: [Happening.Kind]) async throws -> Happening? {
        try await database.read { reader in
            try reader.row(
                """
                SELECT time, kind, endpoint, words FROM happenings WHERE kind IN \(list: kinds.map(\.rawValue))
                ORDER BY time DESC, happening_id DESC LIMIT 1
                """)
        }
    }

    /// What happened to endpoints, or to all of them, oldest first.
    func happenings(
        at endpoints: Set<String>, from start: Timestamp, to end: Timestamp
    ) async throws -> [Happening] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT time, kind, endpoint, words FROM happenings
                WHERE time >= \(start) AND time <= \(end)
                    AND (endpoint IS NULL OR endpoint IN \(list: endpoints.sorted()))
                ORDER BY time, happening_id LIMIT 1000
                """)
        }
    }
}

extension Happening: RowDecodable {
    package init(row: Row) throws {
        self.init(
            time: try row.get(0), kind: Kind(rawValue: try row.get(1)) ?? .disk, endpoint: try row.get(2),
            words: try row.get(3))
    }
}
