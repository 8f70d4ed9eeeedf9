package import Database
import Jobs
package import Wire

/// What a channel was told of an incident, or what kept it from being told.
package struct Telling: Sendable, Hashable {
    package let incidentID: String
    package let channel: String
    /// The state of the incident of which the channel knows; nil when it knows of none.
    package let told: IncidentDigest?
    package let toldAt: Timestamp?
    /// Why the last attempt failed; nil when it did not.
    package let failure: String?
    package let failedAt: Timestamp?
}

extension Telling: JSONRepresentable {
    package var json: JSON {
        .compact([
            "incident_id": .string(incidentID), "channel": .string(channel), "told": toldAt?.json,
            "state": told.map { .string($0.isOpen ? "open" : "resolved") }, "failure": failure.map(JSON.string),
            "failed": failedAt?.json,
        ])
    }
}

/// Who is owed word of an incident. A job is owed, not a message: what is to be said is looked up when it is said, so that ten
/// alerts in a row are one message, and a job that comes twice says nothing the second time.
extension IncidentStore {
    /// Alerts that come within this time are told of together.
    static let gathering = Duration.seconds(2)

    /// Owes channels word of an incident, unless they are to have it by then already.
    /// - Parameter delay: one that is owed it sooner later on is told then, and the second time there is nothing to say.
    func owe(
        _ id: String, to channels: [String], after delay: Duration = Self.gathering, in transaction: Transaction
    ) throws {
        let due = clock.now + delay
        for channel in channels {
            let isNew = try transaction.execute(
                """
                INSERT INTO incident_tellings (incident_id, channel, owed_at) VALUES (\(id), \(channel), \(due))
                ON CONFLICT (incident_id, channel) DO UPDATE SET owed_at = excluded.owed_at
                WHERE incident_tellings.owed_at IS NULL OR incident_tellings.owed_at > excluded.owed_at
                """)
            guard isNew > 0 else { continue }
            let payload: JSON = ["incident_id": .string(id), "channel": .string(channel)]
            try jobs.enqueue(Courier.jobKind, payload, after: delay, in: transaction)
        }
    }

    /// After this long a telling that did not end is taken to be one of a server that is no more.
    static let longestTelling = Duration.seconds(300)

    /// What a channel knows of an incident. From now on changes are owed anew, and nobody else tells it of this incident until
    /// this telling has ended.
    /// - Parameter teller: the job that tells; the same may begin again.
    /// - Returns: nil when nothing is owed to the channel.
    /// - Throws: `PostponedJob` while another is telling: it does not know what the channel will have been told by then.
    func beginTelling(_ id: String, _ channel: String, by teller: String) async throws -> Telling? {
        let now = clock.now
        return try await database.write { transaction in
            let place: SQL = "incident_id = \(id) AND channel = \(channel)"
            let begun = try transaction.execute(
                """
                UPDATE incident_tellings SET owed_at = NULL, teller = \(teller), teller_until = \(now + Self.longestTelling)
                WHERE \(place) AND (teller IS NULL OR teller = \(teller) OR teller_until <= \(now))
                """)
            let telling = try transaction.row(
                "SELECT \(Telling.columns) FROM incident_tellings WHERE \(place)", as: Telling.self)
            if telling != nil, begun == 0 { throw PostponedJob(for: Self.gathering) }
            return telling
        }
    }

    /// Says that a telling has ended, whatever came of it.
    func endTelling(_ id: String, _ channel: String, by teller: String) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE incident_tellings SET teller = NULL, teller_until = NULL
                WHERE incident_id = \(id) AND channel = \(channel) AND teller = \(teller)
                """)
        }
    }

    /// Notes what a channel knows now. What has changed while it was told is owed, unless it is already: whoever was to tell it
    /// meanwhile did not know yet what this telling would come to.
    func noteTold(_ id: String, _ channel: String, _ digest: IncidentDigest) async throws {
        let now = clock.now
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE incident_tellings SET told = \(digest.json), told_at = \(now), failure = NULL, failed_at = NULL
                WHERE incident_id = \(id) AND channel = \(channel)
                """)
            guard let incident = try Self.incident(id, in: transaction),
                IncidentDigest(incident, try Self.alerts(of: id, in: transaction)).change(since: digest) != nil,
                try !isOwed(id, channel, in: transaction)
            else { return }
            try owe(id, to: [channel], in: transaction)
        }
    }

    private func isOwed(_ id: String, _ channel: String, in reader: Reader) throws -> Bool {
        let owed = try reader.value(
            """
            SELECT owed_at FROM incident_tellings
            WHERE incident_id = \(id) AND channel = \(channel) AND owed_at IS NOT NULL
            """, as: Timestamp.self)
        return owed != nil
    }

    /// What kept a channel from being told of an incident is over.
    func clearFailure(_ id: String, _ channel: String) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE incident_tellings SET failure = NULL, failed_at = NULL
                WHERE incident_id = \(id) AND channel = \(channel)
                """)
        }
    }

    /// The incidents of which a channel could not be told last.
    func failing(_ channel: String) async throws -> Set<String> {
        let ids: [String] = try await database.read { reader in
            try reader.values(
                "SELECT incident_id FROM incident_tellings WHERE channel = \(channel) AND failure IS NOT NULL")
        }
        return Set(ids)
    }

    func noteFailure(_ id: String, _ channel: String, _ reason: String) async throws {
        let now = clock.now
        let reason = reason.replacing("\0", with: "\u{FFFD}")
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE incident_tellings SET failure = \(reason), failed_at = \(now)
                WHERE incident_id = \(id) AND channel = \(channel)
                """)
        }
    }

    /// What the channels of an incident know, by name.
    package func tellings(of id: String) async throws -> [Telling] {
        try await database.read { reader in
            try reader.rows(
                "SELECT \(Telling.columns) FROM incident_tellings WHERE incident_id = \(id) ORDER BY channel")
        }
    }

    /// The newest of what each channel was told, or could not be told.
    package func latestTellings() async throws -> [String: Telling] {
        let all: [Telling] = try await database.read { reader in
            try reader.rows(
                """
                SELECT \(Telling.columns) FROM incident_tellings
                WHERE told_at IS NOT NULL OR failed_at IS NOT NULL
                ORDER BY CASE WHEN COALESCE(failed_at, 0) > COALESCE(told_at, 0) THEN failed_at ELSE told_at END DESC
                LIMIT 1000
                """)
        }
        return Dictionary(all.map { ($0.channel, $0) }, uniquingKeysWith: { newest, _ in newest })
    }
}

extension Telling: RowDecodable {
    static let columns: SQL = "incident_id, channel, told, told_at, failure, failed_at"

    package init(row: Row) throws {
        self.init(
            incidentID: try row.get(0), channel: try row.get(1),
            told: try row.get(2, as: JSON?.self).map(IncidentDigest.init(json:)), toldAt: try row.get(3),
            failure: try row.get(4), failedAt: try row.get(5))
    }
}
