import Web
import Wire

/// The page of an alert: what drifted, since when, on what evidence, and what was done about it.
struct AlertPage {
    let alert: Alert
    let trigger: AlertTrigger?
    /// Of its monitor, oldest first.
    let windows: [MonitorWindow]
    let now: Timestamp

    private static let section = Link("Alerts", "/alerts")

    /// All alerts, newest first.
    static func list(_ alerts: [Alert], now: Timestamp) -> Web.Page {
        guard !alerts.isEmpty else {
            return Web.Page(
                title: "Alerts", trail: [section],
                body: .empty("No alerts. A monitor opens one when a column drifts for as many windows as it says."))
        }
        let rows = alerts.map { alert -> [HTML] in
            [
                .link("Drift at \(alert.endpoint)", to: "/alerts/\(alert.id)"), badge(alert),
                .link(alert.monitor, to: "/monitors/\(alert.monitor)"), .time(alert.openedAt, now: now),
                alert.closedAt.map { .time($0, now: now) } ?? "–",
                "\(alert.columns.map(\.name).joined(separator: ", "))", "\(alert.windows)",
            ]
        }
        return Web.Page(
            title: "Alerts", trail: [section],
            body: .table(
                ["alert", "state", "monitor", "opened", "closed", "columns", .number("drifting windows")], rows: rows))
    }

    static func badge(_ alert: Alert) -> HTML {
        switch alert.state {
        case .open: .badge("open", .bad)
        case .closed: .badge("closed", .good)
        }
    }

    var page: Web.Page {
        Web.Page(
            title: "Alert on \(alert.endpoint)",
            trail: [
                Self.section, Link("\(alert.endpoint), \(alert.openedAt.iso8601.prefix(10))", "/alerts/\(alert.id)"),
            ], badge: Self.badge(alert), body: body)
    }

    private var body: HTML {
        let names = alert.columns.map(\.name)
        return """
            \(facts)
            \(DriftPage.chart(windows, of: names, minimumEffect: nil))
            <h2>Evidence <small>each column in the window in which it had drifted long enough</small></h2>
            \(DriftPage.table(alert.columns, over: windows))
            \(DriftPage.legend)
            \(command)
            """
    }

    private var facts: HTML {
        .facts([
            "Monitor": .link(alert.monitor, to: "/monitors/\(alert.monitor)"),
            "Endpoint": .link(alert.endpoint, to: "/endpoints/\(alert.endpoint)"),
            "Model version": .link("\(alert.model)/\(alert.version)", to: "/models/\(alert.model)"),
            "Drifting since": .time(alert.driftingSince), "Opened": .time(alert.openedAt, now: now),
            "Closed": alert.closedAt.map { .time($0, now: now) }, "Drifting windows": "\(alert.windows)",
        ])
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
        return "<h2>Command \(words)</h2>\(log)"
    }
}
