package import Jobs
package import Wire

/// Drift that lasted: opened once, open while it lasts, closed after as many clean windows. It keeps the evidence it was
/// opened on.
package struct Alert: Sendable, Hashable {
    package enum State: String, Sendable {
        case open, closed
    }

    package let id: String
    package let monitor: String
    package let endpoint: String
    package let model: String
    package let version: Int
    package let state: State
    package let openedAt: Timestamp
    package let closedAt: Timestamp?
    /// The start of the first drifting window.
    package let driftingSince: Timestamp
    /// The columns that drifted long enough, each as it stood in the window in which it had.
    package let columns: [ColumnVerdict]
    /// Drifting windows so far.
    package let windows: Int
    /// The job that runs the monitor's command, when it has one.
    package let jobID: String?

    /// The word of routes, events and pages.
    package static func subject(_ id: String) -> String { "alerts/\(id)" }
}

/// What became of the command that an alert runs.
package struct AlertTrigger: Sendable, Hashable {
    package let jobID: String
    /// As the job's; failed also when the command ended with another code than 0.
    package let state: String
    package let exitCode: Int?
    /// The end of what the command wrote, or why it could not run.
    package let log: String?

    package init(_ job: Job) {
        jobID = job.id
        let code = job.result?["exit_code"]?.integerValue.flatMap { Int(exactly: $0) }
        exitCode = code
        let isFailure = job.state == .done && code.map { $0 != 0 } ?? false
        state = isFailure ? Job.State.failed.rawValue : job.state.rawValue
        log = job.result?["log"]?.stringValue ?? job.result?["skipped"]?.stringValue ?? job.failure
    }
}

extension AlertTrigger: JSONRepresentable {
    package var json: JSON {
        .compact([
            "job_id": .string(jobID), "state": .string(state), "exit_code": exitCode.map { .integer(Int64($0)) },
            "log": log.map(JSON.string),
        ])
    }
}

extension Alert {
    package func json(trigger: AlertTrigger?) -> JSON {
        .compact([
            "alert_id": .string(id), "monitor": .string(monitor), "endpoint": .string(endpoint),
            "model": .string(model), "version": .integer(Int64(version)), "state": .string(state.rawValue),
            "opened": openedAt.json, "closed": closedAt?.json, "drifting_since": driftingSince.json,
            "columns": .array(columns.map(\.json)), "windows": .integer(Int64(windows)), "trigger": trigger?.json,
        ])
    }
}
