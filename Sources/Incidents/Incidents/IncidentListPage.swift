import Web
import Wire

/// Incidents in rows: those that somebody has to look after, and those that are over.
enum IncidentListPage {
    /// - Parameter served: the endpoints of this server.
    static func page(_ incidents: [Incident], served: Set<String>, now: Timestamp, origin: String) -> Web.Page {
        let links: HTML = """
            <p class="actions">\(HTML.link("How alarms went", to: "/incidents/report")) \
            \(HTML.link("Alerts", to: "/alerts")) \(HTML.link("Who is told", to: "/channels")) \
            \(HTML.link("Silences", to: "/silences"))</p>
            """
        return Web.Page(
            title: "Incidents", trail: [IncidentPage.section], isLive: true,
            body: "\(links)\(body(incidents, served, now, origin))")
    }

    private static func body(
        _ incidents: [Incident], _ served: Set<String>, _ now: Timestamp, _ origin: String
    ) -> HTML {
        guard !incidents.isEmpty else {
            return .empty(
                """
                No incidents. The first alert of an endpoint opens one, with what changed shortly before. To try it: send \
                an endpoint other rows than its model was trained on, and watch its monitor.
                """, code: "martlet monitors list --server \(origin)")
        }
        let isOver = { (incident: Incident) in incident.state == .resolved }
        let over = incidents.filter(isOver)
        let past: HTML? = over.isEmpty ? nil : "<h2>Over</h2>\(past(over, served, now: now))"
        return "<h2>Open</h2>\(open(incidents.filter { !isOver($0) }, served, now: now))\(past)"
    }

    /// What nobody has ended yet, the worst first.
    private static func open(_ incidents: [Incident], _ served: Set<String>, now: Timestamp) -> HTML {
        guard !incidents.isEmpty else { return .empty("No open incident.") }
        let worstFirst = incidents.sorted { ($1.severity, $0.openedAt) < ($0.severity, $1.openedAt) }
        let rows = worstFirst.map { incident -> [HTML] in
            [
                title(incident), AlertBadge.of(incident.severity), IncidentPage.badge(incident),
                incident.owner.map { .name($0) } ?? "<span class=\"quiet\">nobody</span>",
                .time(incident.openedAt, now: now),
                .endpoint(incident.endpoint, isServed: served.contains(incident.endpoint)),
            ]
        }
        return .table(["incident", "severity", "state", "owner", "opened", "endpoint"], rows: rows)
    }

    private static func past(_ incidents: [Incident], _ served: Set<String>, now: Timestamp) -> HTML {
        let rows = incidents.map { incident -> [HTML] in
            let lasted = incident.resolvedAt.map {
                Quantity.duration(milliseconds: $0.milliseconds - incident.openedAt.milliseconds)
            }
            return [
                title(incident), AlertBadge.of(incident.severity), "\(incident.cause?.words ?? "–")",
                .name(incident.resolvedBy ?? "–"), .time(incident.openedAt, now: now), "\(lasted ?? "–")",
                .endpoint(incident.endpoint, isServed: served.contains(incident.endpoint)),
            ]
        }
        return .table(
            [
                "incident", "severity", "cause", "ended by", "opened",
                .number("lasted", "From its opening until somebody ended it."), "endpoint",
            ], rows: rows)
    }

    private static func title(_ incident: Incident) -> HTML {
        let times = incident.flaps == 1 ? "once" : "\(incident.flaps) times"
        let again: HTML? = incident.flaps > 0 ? " <small class=\"quiet\">began again \(times)</small>" : nil
        return "\(HTML.link(incident.title, to: "/incidents/\(incident.id)"))\(again)"
    }
}
