import Incidents
import Web
import Wire

/// The page of a monitor: how it stands, what it sees column by column, what it found, what that cost.
struct MonitorPage {
    let view: MonitorView
    let range: TimeRange
    let search: ColumnSearch
    let now: Timestamp
    let origin: String

    static let section = Link("Monitors", "/monitors")

    private var status: MonitorStatus { view.status }
    private var monitor: Monitor { view.status.monitor }
    private var path: String { "/monitors/\(monitor.name)" }

    var page: Web.Page {
        Web.Page(
            title: "Monitor \(monitor.name)", trail: [Self.section, Link(monitor.name, path)],
            badge: Self.badge(status), modules: ["view.js"], isLive: true, body: body)
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
        """
        \(notices)
        \(links)
        \(facts)
        \(TimeRangePage(range: range, path: path, count: view.count.map { (view.windows.count, $0) }).html)
        \(drift)
        \(FindingHistoryPage(windows: view.windows, monitor: monitor).html)
        \(view.cost.map { CostPage(cost: $0, origin: origin).html })
        \(view.merged.reversed().compactMap { WindowListPage(windows: $0.windows, length: $0.length).html })
        \(WindowListPage(windows: view.windows).html)
        \(alertTable)
        """
    }

    private var links: HTML {
        """
        <p class="actions">\(HTML.link("Traffic and latency", to: "\(path)/traffic")) \
        \(HTML.link("Data quality", to: "\(path)/quality")) \
        \(HTML.link("Quality of predictions", to: "\(path)/performance")) \
        \(HTML.link("Rules", to: "\(path)/rules")) \(HTML.link("Silences", to: "/silences?monitor=\(monitor.name)")) \
        \(HTML.link("Incidents", to: "/incidents")) \(HTML.link("Manifest", to: "/manifests/monitors/\(monitor.name)"))</p>
        """
    }

    private var notices: HTML {
        let alerts = view.alerts.filter { $0.state == .open }.map { alert -> HTML in
            let incident = alert.incidentID.map { id -> HTML in
                ", in \(HTML.link("this incident", to: "/incidents/\(id)"))"
            }
            return .notice(
                .bad,
                """
                <p>\(HTML.link(alert.title, to: "/alerts/\(alert.id)")), opened \
                \(HTML.time(alert.openedAt, now: now))\(incident).</p>
                """)
        }
        let message = status.message.map { message -> HTML in
            let command = "martlet monitors reference \(monitor.name) --file rows.parquet --server \(origin)"
            return .notice(
                .warning, "<p>The chosen reference is not there: \(message)</p>\(HTML.code(command))")
        }
        let unreadable = view.last.map(\.record.unreadable).flatMap { records -> HTML? in
            guard records > 0 else { return nil }
            return .notice(
                .warning,
                """
                <p>Of what was counted in the newest window \(Quantity.count(records)) stored records are damaged; their rows \
                are missing below.</p>
                """)
        }
        return "\(alerts)\(message)\(unreadable)"
    }

    private var facts: HTML {
        let words = "effect of \(Quantity.number(monitor.drift.minimumEffect)) or more in \(monitor.alarms.words)"
        let rule = monitor.alerting
        return .facts([
            "Endpoint": view.hasEndpoint
                ? .link(monitor.endpoint, to: "/endpoints/\(monitor.endpoint)") : .name(monitor.endpoint),
            "Type": monitor.task.map { "\($0.rawValue)" },
            "Compared with": comparedWith,
            "Window":
                "\(([monitor.window.words] + monitor.merged.map { "by the \($0.rawValue)" }).joined(separator: ", "))",
            "Drift": "\(words)",
            "Segments": monitor.segments.isEmpty ? nil : "\(monitor.segments.count)",
            "Owner": rule.owner.map { .name($0) }, "Severity": AlertBadge.of(rule.severity),
            "Runbook": rule.runbook.map { .link($0, to: $0) },
            "Tells": rule.notify.isEmpty ? nil : .link(rule.notify.joined(separator: ", "), to: "/channels"),
            "On alert": rule.onAlert.map { "<code>\(HTML.name($0.words))</code>" },
        ])
    }

    /// What the newest window was held against; before there is one, what the next will be.
    private var comparedWith: HTML {
        let words = monitor.reference.words
        guard let reference = view.last?.reference ?? (monitor.reference.isMoving ? nil : status.reference) else {
            return "\(words)"
        }
        let version: HTML = .link(
            "\(reference.model)/\(reference.version)", to: "/models/\(reference.model.queryEscaped)")
        if reference.context.hasPrefix(Baseline.prefix(of: monitor.name)) {
            return "the first \(Quantity.count(reference.rows)) rows of \(version) in production, for want of \(words)"
        }
        let run = reference.runID.map { HTML.link("run", to: "/runs/\($0)") }
        return "\(Quantity.count(reference.rows)) rows of \(words), \(version) \(run)"
    }

    private var drift: HTML {
        guard let last = view.windows.last(where: { !$0.columns.isEmpty }) ?? view.last?.window else {
            guard range == .newest else { return .empty("No window of this monitor lies in this time.") }
            return .empty(
                "No window is complete yet. A window holds \(monitor.window.words) of endpoint \(monitor.endpoint).",
                code: """
                    curl \(origin)/endpoints/\(monitor.endpoint)/invocations -H 'Content-Type: application/json' \\
                      -d '{"dataframe_records": [{"age": 41, "plan": "basic"}]}'
                    """)
        }
        let leading = DriftPage.leadingColumns(view.windows)
        return """
            \(DriftPage.chart(view.windows, of: leading, minimumEffect: monitor.drift.minimumEffect))
            <h2>Columns <small>window \(last.number), \(HTML.time(last.end, now: now))</small></h2>
            \(DistributionChart.key(before: "reference", now: "window \(last.number)"))
            <div data-view>\(DriftPage.table(last.columns, over: view.windows, seen: view.last, path: path, search, query: range.query))</div>
            \(DriftPage.legend)
            """
    }

    private var alertTable: HTML? {
        guard !view.alerts.isEmpty else { return nil }
        let rows = view.alerts.map { alert -> [HTML] in
            [
                .link(alert.title, to: "/alerts/\(alert.id)"), AlertBadge.of(alert), AlertBadge.of(alert.severity),
                .time(alert.openedAt, now: now), alert.closedAt.map { .time($0, now: now) } ?? "–", "\(alert.windows)",
            ]
        }
        return """
            <h2>Alerts</h2>
            \(HTML.table(
                ["alert", "state", "severity", "opened", "closed",
                 .number("bad windows", "Windows with a finding of this alert, while it was open.")], rows: rows))
            """
    }
}
