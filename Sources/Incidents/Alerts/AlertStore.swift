package import Database
package import Events
package import Jobs
package import Wire

/// The alerts, written in the transaction of the window that opens, extends or closes them.
package struct AlertStore: Sendable {
    let database: Database
    let events: EventLog
    let jobs: JobQueue
    private let clock: WallClock
    private let entropy: Entropy
    /// Where alerts belong to.
    package let incidents: IncidentStore

    package init(database: Database, events: EventLog, jobs: JobQueue, clock: WallClock, entropy: Entropy) {
        self.database = database
        self.events = events
        self.jobs = jobs
        self.clock = clock
        self.entropy = entropy
        incidents = IncidentStore(database: database, events: events, jobs: jobs, clock: clock, entropy: entropy)
    }

    /// Who acts in the events of monitoring.
    package static let actor = "monitor"

    /// Does what a window means for the alerts of its monitor.
    package func apply(
        _ steps: [AlertState.Step], from source: AlertSource, in transaction: Transaction
    ) throws {
        for step in steps {
            switch step {
            case .opens(let topic, let lasting, let since, let windows):
                try open(topic, lasting, since: since, windows: windows, source, in: transaction)
            case .stays(let topic, let lasting, let isNewlyBad):
                try extend(topic, lasting, by: isNewlyBad ? 1 : 0, source, in: transaction)
            case .closes(let topic):
                try close(topic, ofMonitor: source.monitor, because: source.reasonToClose, in: transaction)
            }
        }
    }

    private func open(
        _ topic: AlertState.Topic, _ findings: [Finding], since: Timestamp, windows: Int, _ source: AlertSource,
        in transaction: Transaction
    ) throws {
        let now = clock.now
        let id = "a-" + entropy.sortableID(at: now)
        let rule = source.rule
        try transaction.execute(
            """
            INSERT INTO incident_alerts (alert_id, monitor, endpoint, model, version, family, slice, severity, owner,
                runbook, notify, remedy, state, opened_at, since, findings, windows, silenced)
            VALUES (\(id), \(source.monitor), \(source.endpoint), \(source.model), \(source.version),
                \(topic.family.rawValue), \(topic.slice.json), \(rule.severity.rawValue), \(rule.owner),
                \(rule.runbook), \(JSON.strings(rule.notify)), \(rule.onAlert?.json),
                \(Alert.State.open.rawValue), \(now), \(since), \(JSON.array(findings.map(\.json))), \(windows), 1)
            """)
        let isSilenced = try !raise(id, in: transaction)
        try events.append(
            Change(
                by: Self.actor, "alert.opened", of: Alert.subject(id),
                .compact([
                    "monitor": .string(source.monitor), "endpoint": .string(source.endpoint),
                    "model": .string(source.model), "version": .integer(Int64(source.version)),
                    "family": .string(topic.family.rawValue),
                    "slice": topic.slice == .whole ? nil : topic.slice.json,
                    "findings": .array(findings.map(\.json)), "silenced": isSilenced ? true : nil,
                ])),
            in: transaction)
    }

    /// Lets an alert be heard, unless all of its findings are silenced: it comes into an incident, and what its monitor wants
    /// done is owed, once for each monitor and incident.
    /// - Returns: whether it is heard now.
    @discardableResult
    func raise(_ id: String, in transaction: Transaction) throws -> Bool {
        let row = try transaction.row(
            "SELECT \(Alert.columnList), notify, remedy FROM incident_alerts WHERE alert_id = \(id)")
        guard let row else { return false }
        let alert = try Alert(row: row)
        let silences = try incidents.silences(ofMonitor: alert.monitor, in: transaction)
        guard !silences.cover(alert.findings) else { return false }
        let notify = (try row.get(18, as: JSON.self).arrayValue ?? []).compactMap(\.stringValue)
        let incident = try incidents.take(alert, notify: notify, in: transaction)
        if let remedy = try row.get(19, as: JSON?.self) {
            try owe(Remedy(json: remedy), for: alert, in: incident, transaction)
        }
        return true
    }

    /// Owes the remedy, once for an incident and each time that it begins again, and not before the cool-down since the monitor's last one has passed.
    private func owe(_ remedy: Remedy, for alert: Alert, in incident: String, _ transaction: Transaction) throws {
        let done = try transaction.value(
            """
            SELECT COUNT(*) FROM incident_alerts
            WHERE incident_id = \(incident) AND monitor = \(alert.monitor) AND job_id IS NOT NULL AND opened_at >= COALESCE((
                SELECT MAX(opened_at) FROM incident_alerts WHERE incident_id = \(incident) AND flaps > 0), 0)
            """, as: Int.self)
        guard done == 0 else { return }
        let now = clock.now
        let last =
            try transaction.value(
                "SELECT MAX(trigger_due_at) FROM incident_alerts WHERE monitor = \(alert.monitor)",
                as: Timestamp?.self) ?? nil
        let due = max(now, last.map { $0 + .seconds(60 * remedy.cooldownMinutes) } ?? now)
        let payload: JSON = .compact([
            "alert_id": .string(alert.id), "command": remedy.command.map { .strings($0) },
            "working_directory": remedy.workingDirectory.map(JSON.string),
        ])
        let delay = Duration.milliseconds(due.milliseconds - now.milliseconds)
        let kind = remedy.command == nil ? AlertAction.rollbackKind : AlertAction.commandKind
        let job = try jobs.enqueue(kind, payload, after: delay, in: transaction)
        try transaction.execute(
            "UPDATE incident_alerts SET job_id = \(job), trigger_due_at = \(due) WHERE alert_id = \(alert.id)")
    }

    /// Lets those alerts be heard whose silence is over while they are still open.
    /// - Returns: how many.
    package func raiseUnsilenced() async throws -> Int {
        let silenced = try await database.read { reader in
            try reader.values(
                """
                SELECT alert_id FROM incident_alerts
                WHERE state = \(Alert.State.open.rawValue) AND silenced = 1 ORDER BY opened_at LIMIT 1000
                """, as: String.self)
        }
        guard !silenced.isEmpty else { return 0 }
        return try await database.write { transaction in
            try silenced.count { try isSilenced($0, in: transaction) && raise($0, in: transaction) }
        }
    }

    private func isSilenced(_ id: String, in reader: Reader) throws -> Bool {
        let found = try reader.value(
            """
            SELECT COUNT(*) FROM incident_alerts
            WHERE alert_id = \(id) AND state = \(Alert.State.open.rawValue) AND silenced = 1
            """, as: Int.self)
        return found == 1
    }

    /// Counts bad windows, and takes in findings that have now been bad long enough too.
    private func extend(
        _ topic: AlertState.Topic, _ findings: [Finding], by windows: Int, _ source: AlertSource,
        in transaction: Transaction
    ) throws {
        let alert = try transaction.row(
            "SELECT \(Alert.columnList) FROM incident_alerts WHERE \(Self.isOpen(topic, source.monitor))",
            as: Alert.self)
        guard let alert else { return }
        let known = Set(alert.findings.map(\.key))
        let new = findings.filter { !known.contains($0.key) }
        guard windows > 0 || !new.isEmpty else { return }
        try transaction.execute(
            """
            UPDATE incident_alerts SET windows = windows + \(windows),
                findings = \(JSON.array((alert.findings + new).map(\.json)))
            WHERE alert_id = \(alert.id)
            """)
        // What is new may be what no silence covers.
        if alert.incidentID == nil, !new.isEmpty, try isSilenced(alert.id, in: transaction) {
            try raise(alert.id, in: transaction)
        }
    }

    /// Closes the open alert of a topic, if there is one.
    package func close(
        _ topic: AlertState.Topic, ofMonitor monitor: String, because reason: String, in transaction: Transaction
    ) throws {
        try close(where: Self.isOpen(topic, monitor), because: reason, in: transaction)
    }

    /// Closes whatever alerts of a monitor are open, such as when it is deleted.
    package func closeAll(ofMonitor monitor: String, because reason: String, in transaction: Transaction) throws {
        try close(
            where: "monitor = \(monitor) AND state = \(Alert.State.open.rawValue)", because: reason, in: transaction)
    }

    private func close(where condition: SQL, because reason: String, in transaction: Transaction) throws {
        let closed = try transaction.rows(
            """
            UPDATE incident_alerts SET state = \(Alert.State.closed.rawValue), closed_at = \(clock.now)
            WHERE \(condition) RETURNING alert_id, monitor, incident_id
            """)
        for row in closed {
            let data: JSON = ["monitor": .string(try row.get(1)), "reason": .string(reason)]
            try events.append(
                Change(by: Self.actor, "alert.closed", of: Alert.subject(try row.get(0)), data), in: transaction)
            if let incident: String = try row.get(2) { try incidents.alertClosed(incident, in: transaction) }
        }
    }

    private static func isOpen(_ topic: AlertState.Topic, _ monitor: String) -> SQL {
        """
        monitor = \(monitor) AND family = \(topic.family.rawValue) AND slice = \(topic.slice.json)
            AND state = \(Alert.State.open.rawValue)
        """
    }
}
