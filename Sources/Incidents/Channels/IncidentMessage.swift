import Outbound
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What is told of an incident, before it takes the form of a channel.
struct IncidentMessage: Sendable {
    let incident: Incident
    let alerts: [Alert]
    /// Whether this server has the endpoint.
    let isServed: Bool
    let change: IncidentChange
    /// What changed shortly before the first alarm, most likely first.
    let suspects: [String]
    /// The page of the incident.
    let link: String
    let time: Timestamp

    /// One line, such as `[high] Drift at churn: age — opened`.
    var headline: String { "[\(incident.severity.rawValue)] \(incident.title) — \(change.rawValue)" }

    /// The lines below it.
    var lines: [String] {
        var lines = alerts.prefix(10).flatMap { alert in
            ["\(alert.title) (\(alert.state.rawValue), model \(alert.model)/\(alert.version))"]
                + alert.findings.prefix(3).map { "  \($0.words)" }
        }
        if alerts.count > 10 { lines.append("and \(alerts.count - 10) alerts more") }
        if !suspects.isEmpty {
            lines += ["Shortly before:"] + suspects.prefix(5).map { "  \($0)" }
        }
        if let owner = incident.owner { lines.append("Owner: \(owner)") }
        if let runbook = alerts.lazy.compactMap(\.runbook).first { lines.append("Runbook: \(runbook)") }
        if incident.state == .resolved {
            let by = incident.resolvedBy.map { " by \($0)" } ?? ""
            lines.append(
                "Resolved\(by): \(incident.cause?.words ?? "no cause given")\(incident.words.map { ", \($0)" } ?? "")")
        }
        return lines
    }

    var plainText: String { ([headline, ""] + lines + ["", link]).joined(separator: "\n") + "\n" }

    // MARK: Webhook

    var json: JSON {
        [
            "event": .string("incident.\(change.rawValue)"), "time": .string(time.iso8601), "link": .string(link),
            "incident": incident.json, "alerts": .array(alerts.map { $0.json(trigger: nil, isServed: isServed) }),
            "changed_before": .strings(suspects), "text": .string(plainText),
        ]
    }

    // MARK: Slack

    /// The form that Slack's incoming webhooks take, and Mattermost's: `text` for the notification, `blocks` to read.
    var slack: JSON {
        let head = "*<\(link)|\(Self.escaped(headline))>*"
        let body = lines.map(Self.escaped).joined(separator: "\n").prefix(2800)
        let section: (String) -> JSON = { text in
            ["type": "section", "text": ["type": "mrkdwn", "text": .string(text)]]
        }
        return [
            "text": .string(Self.escaped(headline)),
            "blocks": .array([section(head)] + (body.isEmpty ? [] : [section(String(body))])),
        ]
    }

    /// What is markup to Slack in what others wrote.
    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    // MARK: Mail

    /// Letters of one incident hang together in whoever reads them.
    func mail(from sender: String, to recipients: [String], id: String) throws -> MailMessage {
        try MailMessage(
            from: sender, to: recipients, subject: headline, text: plainText, id: id, time: time,
            inReplyTo: change == .opened ? nil : Self.firstMail(of: incident))
    }

    /// The id of the letter that told of the incident first.
    static func firstMail(of incident: Incident) -> String { "\(incident.id).opened" }
}
