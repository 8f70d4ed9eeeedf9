import Web
import Wire

/// The page of a monitor: what it sees, column by column, over its windows.
struct MonitorPage {
    let status: MonitorStatus
    /// Oldest first.
    let windows: [MonitorWindow]
    let alerts: [Alert]
    let now: Timestamp

    static let windowLimit = 60

    var page: Web.Page {
        Web.Page(
            title: "Monitor \(status.monitor.name)",
            trail: [
                Link("Monitors", "/monitors"),
                Link(status.monitor.name, "/monitors/\(status.monitor.name)"),
            ],
            badge: Self.badge(status), body: body)
    }

    static func list(_ statuses: [MonitorStatus]) -> Web.Page {
        let rows = statuses.map { status -> [HTML] in
            [
                .link(status.monitor.name, to: "/monitors/\(status.monitor.name)"), badge(status),
                .link(status.monitor.endpoint, to: "/endpoints/\(status.monitor.endpoint)"),
                "\(status.monitor.window.words)", "\(Quantity.count(status.windows))",
                "\(status.lastWindow?.drifting.joined(separator: ", ") ?? "")",
            ]
        }
        let body: HTML =
            rows.isEmpty
            ? .empty("No monitor has been applied.", code: "martlet apply -f monitor.yaml")
            : .table(
                ["monitor", "state", "endpoint", "window", .number("windows"), "drifting in the last window"],
                rows: rows)
        return Web.Page(title: "Monitors", trail: [Link("Monitors", "/monitors")], body: body)
    }

    static func badge(_ status: MonitorStatus) -> HTML {
        switch status.state {
        case .waiting: .badge("waiting for predictions", .plain)
        case .blind: .badge("no reference", .warning)
        case .quiet: .badge("no alert", .good)
        case .alert: .badge("alert", .bad)
        }
    }

    private var body: HTML {
        "\(notices)\(facts)\(drift)\(windowTable)\(alertTable)"
    }

    private var notices: HTML {
        let alert = status.openAlert.map { alert -> HTML in
            let names = alert.columns.map(\.name).joined(separator: ", ")
            return .notice(
                .bad,
                "<p>\(HTML.link("Alert", to: "/alerts/\(alert.id)")), opened \(HTML.time(alert.openedAt, now: now)): \(names).</p>"
            )
        }
        let message = status.message.map { HTML.notice(.warning, "<p>\($0)</p>") }
        return "\(alert)\(message)"
    }

    private var facts: HTML {
        let monitor = status.monitor
        let rule = monitor.rule
        let words =
            "effect of \(Quantity.number(rule.minimumEffect)) or more, false discoveries below "
            + "\(Quantity.number(rule.falseDiscoveryRate)), \(rule.windows) \(rule.windows == 1 ? "window" : "windows in a row")"
        return .facts([
            "Endpoint": .link(monitor.endpoint, to: "/endpoints/\(monitor.endpoint)"),
            "Compared with": status.reference.map(reference), "Window": "\(monitor.window.words)",
            "Drift": "\(words)",
            "On alert": monitor.onAlert.map { "<code>\($0.command.joined(separator: " "))</code>" },
        ])
    }

    private func reference(_ reference: Reference) -> HTML {
        """
        \(Quantity.count(reference.rows)) \(reference.context) rows of \
        \(HTML.link("\(reference.model)/\(reference.version)", to: "/models/\(reference.model)"))
        (\(HTML.link("run", to: "/runs/\(reference.runID)")))
        """
    }

    private var drift: HTML {
        guard let last = windows.last else {
            return .empty(
                "No window is complete yet. A window holds \(status.monitor.window.words) of endpoint \(status.monitor.endpoint)."
            )
        }
        let leading = DriftPage.leadingColumns(windows)
        return """
            \(DriftPage.chart(windows, of: leading, minimumEffect: status.monitor.rule.minimumEffect))
            <h2>Columns <small>window \(last.number), \(HTML.time(last.end, now: now))</small></h2>
            \(DriftPage.table(last.columns, over: windows))
            \(DriftPage.legend)
            """
    }

    private var windowTable: HTML? {
        guard !windows.isEmpty else { return nil }
        let rows = windows.reversed().map { window -> [HTML] in
            [
                "\(window.number)", .time(window.start), .time(window.end), "\(window.model)/\(window.version)",
                "\(Quantity.count(window.rows))", verdict(window),
            ]
        }
        return """
            <h2>Windows</h2>
            \(HTML.table([.number("window"), "from", "to", "version", .number("rows"), "drifting columns"], rows: rows))
            """
    }

    private func verdict(_ window: MonitorWindow) -> HTML {
        guard window.isJudged else { return .badge("too few rows to judge", .plain) }
        guard !window.drifting.isEmpty else { return .badge("none", .good) }
        return "\(HTML.badge("\(window.drifting.count)", .bad)) \(window.drifting.joined(separator: ", "))"
    }

    private var alertTable: HTML? {
        guard !alerts.isEmpty else { return nil }
        let rows = alerts.map { alert -> [HTML] in
            [
                .link(
                    "Alert of \(alert.openedAt.iso8601.prefix(16).replacing("T", with: " "))", to: "/alerts/\(alert.id)"
                ),
                AlertPage.badge(alert), "\(alert.columns.map(\.name).joined(separator: ", "))",
                "\(alert.windows)",
            ]
        }
        return "<h2>Alerts</h2>\(HTML.table(["alert", "state", "columns", .number("drifting windows")], rows: rows))"
    }
}
