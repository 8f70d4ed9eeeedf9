package import Web
import Wire

/// The page of an alert: what was found, since when, on what evidence, and what was done about it.
struct AlertPage {
    let alert: Alert
    let trigger: AlertTrigger?
    /// How the findings came about, window by window.
    let course: HTML?
    /// Whether this server has the endpoint.
    let isServed: Bool
    let now: Timestamp

    private static let section = Link("Alerts", "/alerts")

    /// All alerts, newest first.
    static func list(_ alerts: [Alert], now: Timestamp, origin: String) -> Web.Page {
        guard !alerts.isEmpty else {
            return Web.Page(
                title: "Alerts", trail: [section],
                body: .empty(
                    "No alerts. A monitor opens one when trouble lasts for as many windows as it says.",
                    code: "martlet monitors list --server \(origin)"))
        }
        let rows = alerts.map { alert -> [HTML] in
            [
                .link(alert.title, to: "/alerts/\(alert.id)"), AlertBadge.of(alert),
                AlertBadge.of(alert.severity), .link(alert.monitor, to: "/monitors/\(alert.monitor)"),
                .time(alert.openedAt, now: now), alert.closedAt.map { .time($0, now: now) } ?? "–",
                "\(alert.windows)", incident(alert) ?? "–",
            ]
        }
        return Web.Page(
            title: "Alerts", trail: [section], isLive: true,
            body: .table(
                [
                    "alert", "state", "severity", "monitor", "opened", "closed",
                    .number("bad windows", "Windows with a finding of this alert, while it was open."), "belongs to",
                ], rows: rows))
    }

    private static func incident(_ alert: Alert) -> HTML? {
        alert.incidentID.map { .link("its incident", to: "/incidents/\($0)") }
    }

    var page: Web.Page {
        Web.Page(
            title: alert.title,
            trail: [
                Self.section, Link("\(alert.endpoint), \(alert.openedAt.iso8601.prefix(10))", "/alerts/\(alert.id)"),
            ], badge: AlertBadge.of(alert), body: body)
    }

    private var body: HTML {
        """
        \(facts)
        \(advice)
        <h2>Evidence <small>each finding in the window in which it had been bad long enough</small></h2>
        \(FindingPage.table(alert.findings, of: alert.monitor))
        \(course)
        \(command)
        \(silence)
        """
    }

    private var facts: HTML {
        .facts([
            "Belongs to": Self.incident(alert),
            "Severity": AlertBadge.of(alert.severity), "Family": "\(alert.topic.family.title)",
            "Monitor": .link(alert.monitor, to: "/monitors/\(alert.monitor)"),
            "Endpoint": .endpoint(alert.endpoint, isServed: isServed),
            "Model version": .version(of: alert.model, alert.version, isServed: isServed),
            "Traffic": alert.topic.slice == .whole ? nil : .name(alert.topic.slice.words),
            "Owner": alert.owner.map { .name($0) }, "Runbook": alert.runbook.map { .link($0, to: $0) },
            "Since": .time(alert.since), "Opened": .time(alert.openedAt, now: now),
            "Closed": alert.closedAt.map { .time($0, now: now) }, "Bad windows": "\(alert.windows)",
        ])
    }

    private var advice: HTML? {
        alert.state == .open ? "<h2>What to do next</h2>\(AdvicePage.html(alert, isServed: isServed))" : nil
    }

    /// Nobody is told of what is silenced.
    private var silence: HTML? {
        guard alert.state == .open else { return nil }
        let subjects = alert.subjects.map { subject -> HTML in "<option>\(subject)</option>" }
        return """
            <h2>Silence <small>\(HTML.link("those in force", to: "/silences?monitor=\(alert.monitor)"))</small></h2>
            <form method="post" action="/alerts/\(alert.id)/silence">
            <label>Of <select name="subject"><option value="">all of it</option>\(subjects)</select></label>
            <label>for minutes <input name="minutes" type="number" min="1" max="129600" value="480" required></label>
            <label>because <input type="text" name="words"></label>
            <button>Silence</button>
            </form>
            """
    }

    private var command: HTML? {
        guard let trigger else { return nil }
        let code = trigger.exitCode.map { " with exit code \($0)" } ?? ""
        let words: HTML =
            switch trigger.state {
            case "queued": .badge("waiting for its turn", .plain)
            case "running": .badge("running", .active)
            case "done": .badge("ended\(code)", .good)
            default: .badge("failed\(code)", .bad)
            }
        let log = trigger.log.map(HTML.code)
        return "<h2>What it set going \(words)</h2>\(log)"
    }
}

/// States and severities in their colours.
package enum AlertBadge {
    package static func of(_ alert: Alert) -> HTML {
        switch alert.state {
        case .open: .badge("open", .bad)
        case .closed: .badge("closed", .good)
        }
    }

    package static func of(_ severity: Severity) -> HTML {
        switch severity {
        case .low: .badge("low", .plain)
        case .medium: .badge("medium", .warning)
        case .high, .critical: .badge(severity.rawValue, .bad)
        }
    }
}

/// What an alert is about may be elsewhere: predictions are taken of any endpoint.
extension HTML {
    static func endpoint(_ name: String, isServed: Bool) -> HTML {
        isServed ? .link(name, to: "/endpoints/\(name.queryEscaped)") : .name(name)
    }

    static func version(of model: String, _ version: Int, isServed: Bool) -> HTML {
        let label = "\(model)/\(version)"
        return isServed ? .link(label, to: "/models/\(model.queryEscaped)") : .name(label)
    }
}
