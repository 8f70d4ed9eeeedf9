import Incidents
import Monitoring
import Serving
import Web
import Wire

/// Something that waits for somebody: what it is, since when, and where it is looked after.
struct OpenMatter {
    let tone: HTML.Tone
    /// What kind of matter it is, in a word or two.
    let kind: String
    let words: HTML
    let path: String
    let since: Timestamp?

    /// More are not read; each kind has a page of its own.
    private static let limit = 20
    /// A disk that is full sooner is looked after now.
    private static let urgentDays = 14.0

    /// What waits, the worst first.
    static func all(
        _ endpoints: [(endpoint: Endpoint, rollouts: [Rollout])], _ monitors: [MonitorStatus], incidents: [Incident],
        disk: DiskForecast?
    ) -> [OpenMatter] {
        let failed = endpoints.filter { $0.endpoint.state == .failed }.map { each in
            OpenMatter(
                tone: .bad, kind: "down",
                words:
                    "\(HTML.name(each.endpoint.name)) cannot answer: \(HTML.name(each.endpoint.message ?? "see there"))",
                path: "/endpoints/\(each.endpoint.name)", since: nil)
        }
        let worstFirst = incidents.sorted { ($1.severity, $0.openedAt) < ($0.severity, $1.openedAt) }
        let wrong = worstFirst.map { incident in
            OpenMatter(
                tone: incident.state == .open ? .bad : .active,
                kind: incident.state == .open ? "incident" : "looked after",
                words: "\(HTML.name(incident.title))\(incident.owner.map { ", \(HTML.name($0)) has it" as HTML })",
                path: "/incidents/\(incident.id)", since: incident.openedAt)
        }
        let full = disk.flatMap { disk in disk.days.flatMap { $0 < urgentDays ? ($0, disk) : nil } }.map { days, _ in
            OpenMatter(
                tone: .warning, kind: "disk", words: "The disk is full in \(Quantity.number(days, digits: 2)) days",
                path: "/monitors", since: nil)
        }
        let trials = endpoints.flatMap { $0.rollouts }.filter { $0.state == .running }.map { rollout in
            OpenMatter(
                tone: .active, kind: "rollout",
                words:
                    "\(HTML.name(rollout.to)) gets \(rollout.percent) % of \(HTML.name(rollout.endpoint)): \(HTML.name(rollout.progress ?? rollout.reason))",
                path: "/endpoints/\(rollout.endpoint)", since: rollout.start)
        }
        let blind = monitors.filter { $0.state == .blind }.map { status in
            OpenMatter(
                tone: .warning, kind: "no reference",
                words:
                    "Monitor \(HTML.name(status.monitor.name)): \(HTML.name(status.message ?? "nothing to compare with"))",
                path: "/monitors/\(status.monitor.name)", since: nil)
        }
        return failed + wrong + [full].compactMap(\.self) + trials + blind
    }

    /// A heading and a line for each; nothing when nothing waits.
    static func html(_ all: [OpenMatter], now: Timestamp) -> HTML? {
        guard !all.isEmpty else { return nil }
        let lines = all.prefix(limit).map { matter -> HTML in
            let age = matter.since.map { " \(HTML.time($0, now: now))" as HTML }
            return """
                <li>\(HTML.badge(matter.kind, matter.tone)) <a href="\(matter.path)">\(matter.words)</a>\(age)</li>

                """
        }
        let more = all.count - lines.count
        let rest: HTML? = more > 0 ? "<p class=\"quiet\">and \(more) more</p>" : nil
        return "<h2>Waits for somebody</h2>\n<ul class=\"matters\">\n\(lines)</ul>\(rest)"
    }
}
