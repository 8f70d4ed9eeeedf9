package import Database
import Events
package import Wire

/// The silences, which alerts are held against when they open.
extension IncidentStore {
    /// - Parameter endsAt: in the future, at most `Silence.longest` ahead.
    package func silence(
        monitor: String, family: Finding.Family?, subject: String?, until endsAt: Timestamp, words: String?,
        by actor: String
    ) async throws -> Silence {
        let silence = try silence(monitor, family, subject, until: endsAt, words, by: actor)
        try await database.write { try add(silence, in: $0) }
        return silence
    }

    /// Silences what the alerts of an incident are about: each of their families in its monitor.
    /// - Throws: `IncidentError` 404 when there is none of this id.
    package func silence(
        incident id: String, until endsAt: Timestamp, words: String?, by actor: String
    ) async throws -> [Silence] {
        let alerts = try await alerts(of: incident(id).id)
        var seen: Set<[String]> = []
        let silences = try alerts.filter { seen.insert([$0.monitor, $0.topic.family.rawValue]).inserted }.map {
            try silence($0.monitor, $0.topic.family, nil, until: endsAt, words, by: actor)
        }
        try await database.write { transaction in
            for silence in silences { try add(silence, in: transaction) }
        }
        return silences
    }

    private func silence(
        _ monitor: String, _ family: Finding.Family?, _ subject: String?, until endsAt: Timestamp, _ words: String?,
        by actor: String
    ) throws -> Silence {
        let now = clock.now
        guard endsAt > now, endsAt <= now + Silence.longest else {
            throw FieldProblem("A silence ends within 90 days, and not before it begins.")
        }
        return Silence(
            id: "s-" + entropy.sortableID(at: now), monitor: monitor, family: family, subject: subject, words: words,
            createdBy: actor, createdAt: now, endsAt: endsAt)
    }

    private func add(_ silence: Silence, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO silences (silence_id, monitor, family, subject, words, created_by, created_at, ends_at)
            VALUES (\(silence.id), \(silence.monitor), \(silence.family?.rawValue), \(silence.subject),
                \(silence.words), \(silence.createdBy), \(silence.createdAt), \(silence.endsAt))
            """)
        try events.append(
            Change(by: silence.createdBy, "silence.created", of: "monitors/\(silence.monitor)", silence.json),
            in: transaction)
    }

    /// Ends a silence now.
    /// - Throws: `IncidentError` 404 when none of this id is in force.
    package func endSilence(_ id: String, by actor: String) async throws {
        let now = clock.now
        try await database.write { transaction in
            let monitor = try transaction.value(
                """
                UPDATE silences SET ends_at = \(now) WHERE silence_id = \(id) AND ends_at > \(now) RETURNING monitor
                """, as: String.self)
            guard let monitor else {
                throw IncidentError(
                    .doesNotExist, "No silence '\(id)' is in force.", hint: "martlet alerts silences")
            }
            try events.append(
                Change(by: actor, "silence.ended", of: "monitors/\(monitor)", ["silence_id": .string(id)]),
                in: transaction)
        }
    }

    /// Those in force, the one that ends first in front.
    package func silences() async throws -> [Silence] {
        let now = clock.now
        return try await database.read { reader in
            try reader.rows(
                "SELECT \(Silence.columns) FROM silences WHERE ends_at > \(now) ORDER BY ends_at, silence_id")
        }
    }

    func silences(ofMonitor monitor: String, in reader: Reader) throws -> [Silence] {
        try reader.rows(
            "SELECT \(Silence.columns) FROM silences WHERE monitor = \(monitor) AND ends_at > \(clock.now)")
    }
}

extension Silence: RowDecodable {
    static let columns: SQL = "silence_id, monitor, family, subject, words, created_by, created_at, ends_at"

    package init(row: Row) throws {
        self.init(
            id: try row.get(0), monitor: try row.get(1),
            family: try row.get(2, as: String?.self).flatMap(Finding.Family.init(rawValue:)), subject: try row.get(3),
            words: try row.get(4), createdBy: try row.get(5), createdAt: try row.get(6), endsAt: try row.get(7))
    }
}
