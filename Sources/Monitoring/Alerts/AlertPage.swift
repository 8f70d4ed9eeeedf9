import Web
import Wire

/// The page of an alert: what drifted, since when, on what evidence, and what was done about it.
struct AlertPage {
    let alert: Alert
    let trigger: AlertTrigger?
    /// Of its monitor, oldest first.
    let windows: [MonitorWindow]
    let now: Timestamp

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
                Link("Operations", "/"), Link("Monitors", "/monitors"),
                Link(alert.monitor, "/monitors/\(alert.monitor)"), Link("Alert", "/alerts/\(alert.id)"),
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
