package import Jobs
package import Wire

/// Trouble that lasted: opened once for a monitor's family of findings in a slice, open while it lasts, closed after as many
/// clean windows. It keeps the evidence it was opened on.
package struct Alert: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case open, closed
    }

    package let id: String
    package let monitor: String
    package let endpoint: String
    package let model: String
    package let version: Int
    /// With the monitor, what no two open alerts have in common.
    package let topic: AlertState.Topic
    package let severity: Severity
    package let owner: String?
    package let runbook: String?
    package let state: State
    package let openedAt: Timestamp
    package let closedAt: Timestamp?
    /// The start of the first bad window.
    package let since: Timestamp
    /// What was bad long enough, each as it stood in the window in which it had been.
    package let findings: [Finding]
    /// Bad windows so far.
    package let windows: Int
    /// The job that does what the monitor wants done, when it wants something.
    package let jobID: String?
    /// What it belongs to; nil while it is silenced, and for alerts from before there were incidents.
    package let incidentID: String?

    /// The word of routes, events and pages.
    package static func subject(_ id: String) -> String { "alerts/\(id)" }

    /// The columns, callers or resources that it is about, each once.
    package var subjects: [String] {
        var seen: Set<String> = []
        return findings.compactMap(\.subject).filter { seen.insert($0).inserted }
    }

    /// In a few words, such as `Drift at churn: age, plan`.
    package var title: String {
        let place = topic.slice == .whole ? endpoint : "\(endpoint) (\(topic.slice.words))"
        let head = "\(topic.family.title) at \(place)"
        let subjects = subjects
        guard !subjects.isEmpty else { return head }
        let shown = subjects.prefix(3).joined(separator: ", ")
        return "\(head): \(shown)" + (subjects.count > 3 ? " and \(subjects.count - 3) more" : "")
    }
}

extension Finding.Family {
    /// As a heading.
    package var title: String {
        switch self {
        case .latency: "Latency"
        case .calls: "Calls"
        case .quality: "Data quality"
        case .drift: "Drift"
        case .performance: "Performance"
        case .cost: "Cost"
        }
    }
}

/// What became of what an alert set going.
package struct AlertTrigger: Sendable, Hashable {
    package let jobID: String
    /// As the job's; failed also when a command ended with another code than 0.
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
    /// - Parameter isServed: whether this server has the endpoint.
    package func json(trigger: AlertTrigger?, isServed: Bool) -> JSON {
        .compact([
            "alert_id": .string(id), "monitor": .string(monitor), "endpoint": .string(endpoint),
            "model": .string(model), "version": .integer(Int64(version)), "family": .string(topic.family.rawValue),
            "slice": topic.slice == .whole ? Optional<JSON>.none : topic.slice.json, "title": .string(title),
            "severity": .string(severity.rawValue), "owner": owner.map(JSON.string),
            "runbook": runbook.map(JSON.string), "incident_id": incidentID.map(JSON.string),
            "state": .string(state.rawValue), "opened": openedAt.json, "closed": closedAt?.json, "since": since.json,
            "windows": .integer(Int64(windows)), "findings": .array(findings.map(\.json)),
            // The names of before there were other families than drift.
            "drifting_since": since.json, "columns": .array(findings.filter { $0.family == .drift }.map(\.columnJSON)),
            "trigger": trigger?.json,
            "advice": state == .open ? .array(advice(isServed: isServed).map(\.json)) : Optional<JSON>.none,
        ])
    }
}
