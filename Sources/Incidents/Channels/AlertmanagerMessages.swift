import Wire

/// The alerts of an incident as Alertmanager's API v2 takes them (`POST /api/v2/alerts`): each is known by its labels, and open
/// until `endsAt`. It forgets those that are not sent again, so that one whose sender has died does not stay for ever.
enum AlertmanagerMessages {
    /// How long Alertmanager takes an open alert for open without hearing of it again: several times the pause between two.
    static let validity = Duration.seconds(300)

    static func body(of incident: Incident, _ alerts: [Alert], link: String, now: Timestamp) -> JSON {
        .array(
            alerts.map { alert in
                let end = incident.state == .resolved ? alert.closedAt ?? incident.resolvedAt : alert.closedAt
                let annotations: JSON = .compact([
                    "summary": .string(alert.title),
                    "description": .string(alert.findings.prefix(5).map(\.words).joined(separator: "\n")),
                    "runbook_url": alert.runbook.map(JSON.string),
                ])
                return [
                    "labels": labels(of: alert, incident), "annotations": annotations,
                    "startsAt": .string(alert.openedAt.iso8601),
                    "endsAt": .string((end ?? now + validity).iso8601), "generatorURL": .string(link),
                ]
            })
    }

    /// The same for as long as the alert lives; a label without a value is none.
    private static func labels(of alert: Alert, _ incident: Incident) -> JSON {
        let name = alert.topic.family.title.split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        return .compact([
            "alertname": .string("Martlet" + name.joined()), "severity": .string(alert.severity.rawValue),
            "endpoint": .string(alert.endpoint), "monitor": .string(alert.monitor),
            "family": .string(alert.topic.family.rawValue),
            "slice": alert.topic.slice == .whole ? nil : .string(alert.topic.slice.words),
            "model": .string(alert.model), "version": .string(String(alert.version)),
            "incident": .string(incident.id), "alert_id": .string(alert.id),
        ])
    }
}
