package import Database
import Events
package import Jobs
package import Wire

/// What is asked of alerts, and what is written down of what they set going.
extension AlertStore {
    /// Records how the command of an alert ended.
    package func recordEnd(of alert: String, jobID: String, exitCode: Int) async throws {
        try await database.write { transaction in
            try events.append(
                Change(
                    by: Self.actor, "alert.command-ended", of: Alert.subject(alert),
                    ["job_id": .string(jobID), "exit_code": .integer(Int64(exitCode))]),
                in: transaction)
        }
    }

    /// Records that the endpoint of an alert went back to a former version.
    package func recordRollback(of alert: String, jobID: String, _ words: String) async throws {
        try await database.write { transaction in
            try events.append(
                Change(
                    by: Self.actor, "alert.rolled-back", of: Alert.subject(alert),
                    ["job_id": .string(jobID), "words": .string(words)]),
                in: transaction)
        }
    }

    /// Alerts, newest first.
    package func alerts(state: Alert.State? = nil, monitor: String? = nil, limit: Int) async throws -> [Alert] {
        var conditions: [SQL] = []
        if let state { conditions.append("state = \(state.rawValue)") }
        if let monitor { conditions.append("monitor = \(monitor)") }
        let filter: SQL = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return try await database.read { reader in
            try reader.rows(
                """
                SELECT \(Alert.columnList) FROM incident_alerts\(filter)
                ORDER BY opened_at DESC, alert_id DESC LIMIT \(limit)
                """)
        }
    }

    /// - Throws: `IncidentError` 404 when there is none of this id.
    package func alert(id: String) async throws -> Alert {
        let alert = try await database.read { reader in
            try reader.row("SELECT \(Alert.columnList) FROM incident_alerts WHERE alert_id = \(id)", as: Alert.self)
        }
        guard let alert else {
            throw IncidentError(
                .doesNotExist, "There is no alert '\(id)'.", hint: "'martlet alerts list' shows those there are.")
        }
        return alert
    }

    /// What became of what the alert set going; nil when it set nothing going.
    package func trigger(of alert: Alert) async throws -> AlertTrigger? {
        guard let id = alert.jobID else { return nil }
        return try await jobs.job(id: id).map(AlertTrigger.init)
    }
}

extension Alert: RowDecodable {
    static let columnList: SQL = """
        alert_id, monitor, endpoint, model, version, family, slice, severity, owner, runbook, state, opened_at, closed_at,
        since, findings, windows, job_id, incident_id
        """

    package init(row: Row) throws {
        let family = Finding.Family(rawValue: try row.get(5)) ?? .quality
        let findings: JSON = try row.get(14)
        self.init(
            id: try row.get(0), monitor: try row.get(1), endpoint: try row.get(2), model: try row.get(3),
            version: try row.get(4),
            topic: AlertState.Topic(family, in: try TrafficSlice(json: try row.get(6))),
            severity: Severity(rawValue: try row.get(7)) ?? .standard, owner: try row.get(8), runbook: try row.get(9),
            state: State(rawValue: try row.get(10)) ?? .closed, openedAt: try row.get(11), closedAt: try row.get(12),
            since: try row.get(13), findings: try (findings.arrayValue ?? []).map(Finding.init(json:)),
            windows: try row.get(15), jobID: try row.get(16), incidentID: try row.get(17))
    }
}
