package import Database
package import Events
package import Jobs
package import Wire

/// The alerts, written in the transaction of the window that opens, extends or closes them.
package struct AlertStore: Sendable {
    private let database: Database
    private let events: EventLog
    private let jobs: JobQueue
    private let clock: WallClock
    private let entropy: Entropy

    package init(database: Database, events: EventLog, jobs: JobQueue, clock: WallClock, entropy: Entropy) {
        self.database = database
        self.events = events
        self.jobs = jobs
        self.clock = clock
        self.entropy = entropy
    }

    /// Who acts in the events of monitoring.
    static let actor = "monitor"

    /// Does what a window means for its monitor's alert.
    func apply(
        _ step: AlertState.Step, of window: MonitorWindow, monitor: Monitor, in transaction: Transaction
    ) throws {
        switch step {
        case .nothing: return
        case .opens(let columns, let since):
            try open(
                window.columns.filter { columns.contains($0.name) }, since: since, window, monitor, in: transaction)
        case .stays(let columns, let isDrifting):
            guard isDrifting else { return }
            try extend(window.columns.filter { columns.contains($0.name) }, window, in: transaction)
        case .closes:
            let windows = monitor.rule.windows
            let reason = "\(windows) \(windows == 1 ? "window" : "windows in a row") without drift"
            try close(ofMonitor: monitor.name, because: reason, in: transaction)
        }
    }

    private func open(
        _ columns: [ColumnVerdict], since: Timestamp, _ window: MonitorWindow, _ monitor: Monitor,
        in transaction: Transaction
    ) throws {
        let now = clock.now
        let id = "a-" + entropy.sortableID(at: now)
        let trigger = try monitor.onAlert.map { try enqueue($0, alert: id, monitor, at: now, in: transaction) }
        try transaction.execute(
            """
            INSERT INTO alerts (alert_id, monitor, endpoint, model, version, state, opened_at, drifting_since, columns,
                windows, job_id, trigger_due_at)
            VALUES (\(id), \(monitor.name), \(monitor.endpoint), \(window.model), \(window.version),
                \(Alert.State.open.rawValue), \(now), \(since), \(JSON.array(columns.map(\.json))),
                \(monitor.rule.windows), \(trigger?.jobID), \(trigger?.dueAt))
            """)
        try events.append(
            Change(
                by: Self.actor, "alert.opened", of: Alert.subject(id),
                .compact([
                    "monitor": .string(monitor.name), "endpoint": .string(monitor.endpoint),
                    "model": .string(window.model), "version": .integer(Int64(window.version)),
                    "columns": .array(columns.map(\.json)), "job_id": trigger.map { .string($0.jobID) },
                ])),
            in: transaction)
    }

    /// Owes the command, not before the cool-down since the monitor's last one has passed.
    private func enqueue(
        _ action: AlertCommandLine, alert: String, _ monitor: Monitor, at now: Timestamp, in transaction: Transaction
    ) throws -> (jobID: String, dueAt: Timestamp) {
        let last =
            try transaction.value(
                "SELECT MAX(trigger_due_at) FROM alerts WHERE monitor = \(monitor.name)", as: Timestamp?.self) ?? nil
        let earliest = last.map { $0 + .seconds(60 * action.cooldownMinutes) } ?? now
        let due = max(now, earliest)
        let delay = Duration.milliseconds(due.milliseconds - now.milliseconds)
        let payload: JSON = .compact([
            "alert_id": .string(alert), "command": .strings(action.command),
            "working_directory": action.workingDirectory.map(JSON.string),
        ])
        return (try jobs.enqueue(AlertAction.jobKind, payload, after: delay, in: transaction), due)
    }

    /// Counts one more drifting window, and takes in columns that have now drifted long enough too.
    private func extend(_ columns: [ColumnVerdict], _ window: MonitorWindow, in transaction: Transaction) throws {
        let alert = try transaction.row(
            "SELECT \(Alert.columnList) FROM alerts WHERE \(Self.isOpen(window.monitor))", as: Alert.self)
        guard let alert else { return }
        let known = Set(alert.columns.map(\.name))
        let all = alert.columns + columns.filter { !known.contains($0.name) }
        try transaction.execute(
            """
            UPDATE alerts SET windows = windows + 1, columns = \(JSON.array(all.map(\.json)))
            WHERE alert_id = \(alert.id)
            """)
    }

    /// Closes the open alert of a monitor, if it has one.
    func close(ofMonitor monitor: String, because reason: String, in transaction: Transaction) throws {
        let id = try transaction.value(
            """
            UPDATE alerts SET state = \(Alert.State.closed.rawValue), closed_at = \(clock.now)
            WHERE \(Self.isOpen(monitor)) RETURNING alert_id
            """, as: String.self)
        guard let id else { return }
        try events.append(
            Change(
                by: Self.actor, "alert.closed", of: Alert.subject(id),
                ["monitor": .string(monitor), "reason": .string(reason)]),
            in: transaction)
    }

    private static func isOpen(_ monitor: String) -> SQL {
        "monitor = \(monitor) AND state = \(Alert.State.open.rawValue)"
    }

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

    /// Alerts, newest first.
    package func alerts(state: Alert.State? = nil, monitor: String? = nil, limit: Int) async throws -> [Alert] {
        var conditions: [SQL] = []
        if let state { conditions.append("state = \(state.rawValue)") }
        if let monitor { conditions.append("monitor = \(monitor)") }
        let filter: SQL = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return try await database.read { reader in
            try reader.rows(
                "SELECT \(Alert.columnList) FROM alerts\(filter) ORDER BY opened_at DESC, alert_id DESC LIMIT \(limit)")
        }
    }

    /// - Throws: `MonitorError` 404 when there is none of this id.
    package func alert(id: String) async throws -> Alert {
        let alert = try await database.read { reader in
            try reader.row("SELECT \(Alert.columnList) FROM alerts WHERE alert_id = \(id)", as: Alert.self)
        }
        guard let alert else {
            throw MonitorError(
                .doesNotExist, "There is no alert '\(id)'.", hint: "'martlet alerts list' shows those there are.")
        }
        return alert
    }

    /// What became of the alert's command; nil when it has none.
    package func trigger(of alert: Alert) async throws -> AlertTrigger? {
        guard let id = alert.jobID else { return nil }
        return try await jobs.job(id: id).map(AlertTrigger.init)
    }
}

extension Alert: RowDecodable {
    static let columnList: SQL = """
        alert_id, monitor, endpoint, model, version, state, opened_at, closed_at, drifting_since, columns, windows, job_id
        """

    package init(row: Row) throws {
        let columns: JSON = try row.get(9)
        self.init(
            id: try row.get(0), monitor: try row.get(1), endpoint: try row.get(2), model: try row.get(3),
            version: try row.get(4), state: State(rawValue: try row.get(5)) ?? .closed, openedAt: try row.get(6),
            closedAt: try row.get(7), driftingSince: try row.get(8),
            columns: try (columns.arrayValue ?? []).map(ColumnVerdict.init(json:)), windows: try row.get(10),
            jobID: try row.get(11))
    }
}
