package import Database
package import Events
package import Jobs
package import Wire

/// The incidents: what opens them is written in the transaction of the alert, what people do together with its event.
package struct IncidentStore: Sendable {
    let database: Database
    let events: EventLog
    let jobs: JobQueue
    let clock: WallClock
    let entropy: Entropy

    package init(database: Database, events: EventLog, jobs: JobQueue, clock: WallClock, entropy: Entropy) {
        self.database = database
        self.events = events
        self.jobs = jobs
        self.clock = clock
        self.entropy = entropy
    }

    // MARK: What alerts mean for it

    /// Takes an alert into the open incident of its endpoint, or of an endpoint with the same model version; else into the one
    /// that was over a short time ago, which goes on; or opens one.
    /// - Returns: the incident's id.
    func take(_ alert: Alert, notify: [String], in transaction: Transaction) throws -> String {
        var home = try home(of: alert, in: transaction)
        if home == nil, let former = try recent(before: alert, in: transaction) {
            try goOn(with: former, because: alert, in: transaction)
            home = try Self.incident(former.id, in: transaction)
        }
        guard let incident = home else {
            return try open(for: alert, notify: notify, in: transaction)
        }
        let severity = max(incident.severity, alert.severity)
        let channels = incident.notify + notify.filter { !incident.notify.contains($0) }
        try transaction.execute(
            """
            UPDATE incidents SET severity = \(severity.rawValue), notify = \(JSON.strings(channels)),
                owner = COALESCE(owner, \(alert.owner)), since = \(min(incident.since, alert.since))
            WHERE incident_id = \(incident.id)
            """)
        try join(alert, incident.id, in: transaction)
        try owe(incident.id, to: channels, in: transaction)
        return incident.id
    }

    private func home(of alert: Alert, in transaction: Transaction) throws -> Incident? {
        try transaction.row(
            """
            SELECT \(Incident.columns) FROM incidents
            WHERE state <> \(Incident.State.resolved.rawValue) AND (endpoint = \(alert.endpoint)
                OR incident_id IN (
                    SELECT incident_id FROM incident_alerts
                    WHERE state = \(Alert.State.open.rawValue) AND model = \(alert.model)
                        AND version = \(alert.version) AND incident_id IS NOT NULL))
            ORDER BY CASE WHEN endpoint = \(alert.endpoint) THEN 0 ELSE 1 END, opened_at LIMIT 1
            """, as: Incident.self)
    }

    /// The incident of the alert's endpoint that was over a short time ago, unless somebody said that it was.
    private func recent(before alert: Alert, in transaction: Transaction) throws -> Incident? {
        let now = clock.now
        let patience = Recurrence.patience(since: alert.since, now: now)
        return try transaction.row(
            """
            SELECT \(Incident.columns) FROM incidents
            WHERE endpoint = \(alert.endpoint) AND state = \(Incident.State.resolved.rawValue)
                AND resolved_by = \(AlertStore.actor) AND resolved_at >= \(now + (.zero - patience))
            ORDER BY resolved_at DESC, incident_id DESC LIMIT 1
            """, as: Incident.self)
    }

    /// Opens an incident again that seemed to be over.
    private func goOn(with incident: Incident, because alert: Alert, in transaction: Transaction) throws {
        let state: Incident.State = incident.acknowledgedAt == nil ? .open : .acknowledged
        try transaction.execute(
            """
            UPDATE incidents SET state = \(state.rawValue), resolved_at = NULL, resolved_by = NULL, cause = NULL,
                words = NULL, flaps = flaps + 1
            WHERE incident_id = \(incident.id)
            """)
        try transaction.execute("UPDATE incident_alerts SET flaps = 1 WHERE alert_id = \(alert.id)")
        let over = clock.now.milliseconds - (incident.resolvedAt ?? clock.now).milliseconds
        let data: JSON = [
            "alert_id": .string(alert.id), "over_ms": .integer(over), "flaps": .integer(Int64(incident.flaps + 1)),
        ]
        try events.append(
            Change(by: AlertStore.actor, "incident.continued", of: Incident.subject(incident.id), data),
            in: transaction)
    }

    private func open(for alert: Alert, notify: [String], in transaction: Transaction) throws -> String {
        // Of an alert that was silenced until now, people hear now.
        let now = clock.now
        let id = "i-" + entropy.sortableID(at: now)
        try transaction.execute(
            """
            INSERT INTO incidents (incident_id, endpoint, model, version, title, state, severity, owner, notify, since,
                opened_at)
            VALUES (\(id), \(alert.endpoint), \(alert.model), \(alert.version), \(alert.title),
                \(Incident.State.open.rawValue), \(alert.severity.rawValue), \(alert.owner), \(JSON.strings(notify)),
                \(alert.since), \(now))
            """)
        let data: JSON = [
            "endpoint": .string(alert.endpoint), "title": .string(alert.title),
            "severity": .string(alert.severity.rawValue), "alert_id": .string(alert.id),
        ]
        try events.append(
            Change(by: AlertStore.actor, "incident.opened", of: Incident.subject(id), data), in: transaction)
        try join(alert, id, in: transaction)
        try owe(id, to: notify, in: transaction)
        return id
    }

    private func join(_ alert: Alert, _ id: String, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE incident_alerts SET incident_id = \(id), silenced = 0 WHERE alert_id = \(alert.id)")
    }

    /// Ends an incident when the last of its alerts has closed: it is over, though nobody has said what it was.
    func alertClosed(_ id: String, in transaction: Transaction) throws {
        let open = try transaction.value(
            """
            SELECT COUNT(*) FROM incident_alerts
            WHERE incident_id = \(id) AND state = \(Alert.State.open.rawValue)
            """, as: Int.self)
        guard open == 0, let incident = try Self.incident(id, in: transaction), incident.state != .resolved else {
            return
        }
        try end(incident, cause: .recovered, words: nil, by: AlertStore.actor, in: transaction)
    }

    func end(
        _ incident: Incident, cause: Cause, words: String?, by actor: String, in transaction: Transaction
    ) throws {
        let now = clock.now
        try transaction.execute(
            """
            UPDATE incidents SET state = \(Incident.State.resolved.rawValue), resolved_at = COALESCE(resolved_at, \(now)),
                resolved_by = \(actor), cause = \(cause.rawValue), words = \(words)
            WHERE incident_id = \(incident.id)
            """)
        let data: JSON = .compact(["cause": .string(cause.rawValue), "words": words.map(JSON.string)])
        try events.append(
            Change(by: actor, "incident.resolved", of: Incident.subject(incident.id), data), in: transaction)
        // Of trouble that comes and goes it is told that it is over once it has been for a while.
        let isDoubtful = incident.flaps > 0 && actor == AlertStore.actor
        try owe(
            incident.id, to: incident.notify, after: isDoubtful ? Recurrence.shortest : Self.gathering,
            in: transaction)
    }

    // MARK: Reading

    static func incident(_ id: String, in reader: Reader) throws -> Incident? {
        try reader.row("SELECT \(Incident.columns) FROM incidents WHERE incident_id = \(id)", as: Incident.self)
    }

    /// - Throws: `IncidentError` 404 when there is none of this id.
    package func incident(_ id: String) async throws -> Incident {
        guard let incident = try await database.read({ try Self.incident(id, in: $0) }) else { throw Self.unknown(id) }
        return incident
    }

    static func unknown(_ id: String) -> IncidentError {
        IncidentError(
            .doesNotExist, "There is no incident '\(id)'.", hint: "'martlet incidents list' shows those there are.")
    }

    /// Incidents, newest first.
    /// - Parameter state: nil for all; open ones are those that are not resolved.
    package func incidents(
        isOpen: Bool? = nil, endpoint: String? = nil, limit: Int
    ) async throws -> [Incident] {
        var conditions: [SQL] = []
        let resolved = Incident.State.resolved.rawValue
        if let isOpen { conditions.append(isOpen ? "state <> \(resolved)" : "state = \(resolved)") }
        if let endpoint { conditions.append("endpoint = \(endpoint)") }
        let filter: SQL = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return try await database.read { reader in
            try reader.rows(
                """
                SELECT \(Incident.columns) FROM incidents\(filter)
                ORDER BY opened_at DESC, incident_id DESC LIMIT \(limit)
                """)
        }
    }

    /// The alerts that belong to an incident, oldest first.
    package func alerts(of id: String) async throws -> [Alert] {
        try await database.read { try Self.alerts(of: id, in: $0) }
    }

    static func alerts(of id: String, in reader: Reader) throws -> [Alert] {
        try reader.rows(
            """
            SELECT \(Alert.columnList) FROM incident_alerts WHERE incident_id = \(id) ORDER BY opened_at, alert_id
            """)
    }
}

extension Incident: RowDecodable {
    static let columns: SQL = """
        incident_id, endpoint, model, version, title, state, severity, owner, notify, since, opened_at, acknowledged_at,
        acknowledged_by, resolved_at, resolved_by, cause, words, flaps
        """

    package init(row: Row) throws {
        let notify: JSON = try row.get(8)
        self.init(
            id: try row.get(0), endpoint: try row.get(1), model: try row.get(2), version: try row.get(3),
            title: try row.get(4), state: State(rawValue: try row.get(5)) ?? .open,
            severity: Severity(rawValue: try row.get(6)) ?? .standard, owner: try row.get(7),
            notify: (notify.arrayValue ?? []).compactMap(\.stringValue), since: try row.get(9),
            openedAt: try row.get(10), acknowledgedAt: try row.get(11), acknowledgedBy: try row.get(12),
            resolvedAt: try row.get(13), resolvedBy: try row.get(14),
            cause: try row.get(15, as: String?.self).flatMap(Cause.init(rawValue:)), words: try row.get(16),
            flaps: try row.get(17))
    }
}
