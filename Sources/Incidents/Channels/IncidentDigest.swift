package import Wire

/// What of an incident is worth a message when it changes: whether it is open, how bad it is, what kinds of trouble are in it.
package struct IncidentDigest: Sendable, Hashable {
    package let isOpen: Bool
    package let severity: Severity
    /// A family at an endpoint each, such as `drift at churn`.
    package let topics: Set<String>

    package init(isOpen: Bool, severity: Severity, topics: Set<String>) {
        self.isOpen = isOpen
        self.severity = severity
        self.topics = topics
    }

    init(_ incident: Incident, _ alerts: [Alert]) {
        self.init(
            isOpen: incident.state != .resolved, severity: incident.severity,
            topics: Set(alerts.map { "\($0.topic.family.rawValue) at \($0.endpoint)" }))
    }

    /// What there is to say to whoever knew of `former` last; nil when nothing has changed for them.
    package func change(since former: IncidentDigest?) -> IncidentChange? {
        guard let former, former.isOpen else { return isOpen ? (former == nil ? .opened : .reopened) : nil }
        guard isOpen else { return .resolved }
        return severity > former.severity || !topics.isSubset(of: former.topics) ? .worsened : nil
    }
}

/// What is told of an incident; nothing else is, so that nobody is flooded.
package enum IncidentChange: String, Sendable, Hashable {
    case opened, worsened, resolved, reopened
}

extension IncidentDigest: JSONRepresentable {
    package var json: JSON {
        [
            "open": .bool(isOpen), "severity": .string(severity.rawValue), "topics": .strings(topics.sorted()),
        ]
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a digest.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        self.init(
            isOpen: try fields.optionalBool("open") ?? false,
            severity: Severity(rawValue: try fields.string("severity")) ?? .standard,
            topics: Set(try fields.strings("topics")))
    }
}
