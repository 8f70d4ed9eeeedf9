import Database
import Events
package import Wire

/// What people do about an incident: each a change of state with its event, so that the audit log says who and when.
extension IncidentStore {
    /// Somebody says that they look after it; whoever has no owner yet gets them.
    /// - Throws: `IncidentError` 409 when it is resolved.
    package func acknowledge(_ id: String, by actor: String) async throws -> Incident {
        try await change(id, by: actor, "acknowledged") { incident, transaction in
            guard incident.state != .resolved else { throw Self.over(incident) }
            guard incident.state == .open else { return nil }
            try transaction.execute(
                """
                UPDATE incidents SET state = \(Incident.State.acknowledged.rawValue), acknowledged_at = \(clock.now),
                    acknowledged_by = \(actor), owner = COALESCE(owner, \(actor))
                WHERE incident_id = \(id)
                """)
            return [:]
        }
    }

    /// Gives it to somebody.
    package func assign(_ id: String, to owner: String, by actor: String) async throws -> Incident {
        let owner = try Self.checked(owner, "owner", limit: 200)
        return try await change(id, by: actor, "assigned") { incident, transaction in
            guard incident.owner != owner else { return nil }
            try transaction.execute("UPDATE incidents SET owner = \(owner) WHERE incident_id = \(id)")
            return .compact(["from": incident.owner.map(JSON.string), "to": .string(owner)])
        }
    }

    /// Puts words on its time line.
    package func comment(_ id: String, _ words: String, by actor: String) async throws -> Incident {
        let words = try Self.checked(words, "words", limit: 10_000)
        return try await change(id, by: actor, "commented") { _, _ in ["words": .string(words)] }
    }

    /// Ends it with a cause; of one that ended by itself it says the cause.
    package func resolve(_ id: String, cause: Cause, words: String?, by actor: String) async throws -> Incident {
        let words = try words.map { try Self.checked($0, "words", limit: 10_000) }
        return try await database.write { transaction in
            guard let incident = try Self.incident(id, in: transaction) else { throw Self.unknown(id) }
            try end(incident, cause: cause, words: words, by: actor, in: transaction)
            return try Self.incident(id, in: transaction) ?? incident
        }
    }

    /// Opens it again, because it was not over.
    /// - Throws: `IncidentError` 409 when it is open, or when another of its endpoint is.
    package func reopen(_ id: String, by actor: String) async throws -> Incident {
        try await change(id, by: actor, "reopened") { incident, transaction in
            guard incident.state == .resolved else {
                throw IncidentError(.conflict, "Incident '\(id)' is not resolved.")
            }
            let other = try transaction.value(
                """
                SELECT incident_id FROM incidents
                WHERE endpoint = \(incident.endpoint) AND state <> \(Incident.State.resolved.rawValue)
                """, as: String.self)
            if let other {
                throw IncidentError(
                    .conflict, "Endpoint '\(incident.endpoint)' has an open incident already: '\(other)'.",
                    hint: "Comment on that one, or resolve it first.")
            }
            try transaction.execute(
                """
                UPDATE incidents SET state = \(Incident.State.open.rawValue), resolved_at = NULL, resolved_by = NULL,
                    cause = NULL, words = NULL, acknowledged_at = NULL, acknowledged_by = NULL
                WHERE incident_id = \(id)
                """)
            try owe(id, to: incident.notify, in: transaction)
            return [:]
        }
    }

    /// Makes a change and its event; a change of nothing (nil) has none.
    private func change(
        _ id: String, by actor: String, _ kind: String,
        _ body: @escaping @Sendable (Incident, Transaction) throws -> JSON?
    ) async throws -> Incident {
        try await database.write { transaction in
            guard let incident = try Self.incident(id, in: transaction) else { throw Self.unknown(id) }
            guard let data = try body(incident, transaction) else { return incident }
            try events.append(
                Change(by: actor, "incident.\(kind)", of: Incident.subject(id), data), in: transaction)
            return try Self.incident(id, in: transaction) ?? incident
        }
    }

    private static func over(_ incident: Incident) -> IncidentError {
        IncidentError(
            .conflict, "Incident '\(incident.id)' is resolved.", hint: "martlet incidents reopen \(incident.id)")
    }

    /// Text of people: something must be in it, and not too much.
    private static func checked(_ text: String, _ name: String, limit: Int) throws -> String {
        let text = text.replacing("\0", with: "\u{FFFD}")
        guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= limit else {
            throw FieldProblem("Parameter '\(name)' must be a text of 1 to \(limit) bytes.")
        }
        return text
    }
}
