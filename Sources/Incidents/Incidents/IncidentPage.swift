import Web
import Wire

/// The page of an incident: what changed before it, what to do about it, the evidence, and everything that happened.
struct IncidentPage {
    let view: IncidentView
    let now: Timestamp

    static let section = Link("Incidents", "/incidents")

    static func badge(_ incident: Incident) -> HTML {
        switch incident.state {
        case .open: .badge("open", .bad)
        case .acknowledged: .badge("acknowledged", .warning)
        case .resolved: .badge("resolved", .good)
        }
    }

    private var incident: Incident { view.incident }
    private var path: String { "/incidents/\(incident.id)" }

    var page: Web.Page {
        Web.Page(
            title: incident.title,
            trail: [Self.section, Link("\(incident.endpoint), \(incident.openedAt.iso8601.prefix(10))", path)],
            badge: Self.badge(incident), isLive: incident.state != .resolved,
            body: """
                \(suspects)
                \(facts)
                \(actions)
                \(advice)
                <h2>Evidence</h2>
                \(evidence)
                <h2>Time line</h2>
                \(timeLine)
                \(channels)
                """)
    }

    private var suspects: HTML {
        guard !view.suspects.isEmpty else {
            return .notice(.plain, "<p>Nothing is known to have changed in the day before the first alarm.</p>")
        }
        let items = view.suspects.prefix(6).map { suspect -> HTML in "<li>\(HTML.name(suspect.words, limit: 400))</li>"
        }
        return .notice(.warning, "<p>What changed shortly before the first alarm:</p><ul>\(items)</ul>")
    }

    private var facts: HTML {
        let monitors = Set(view.alerts.map(\.monitor)).sorted().map { HTML.link($0, to: "/monitors/\($0)") }
        return .facts([
            "Severity": AlertBadge.of(incident.severity),
            "Owner": incident.owner.map { .name($0) } ?? "nobody",
            "Endpoint": .endpoint(incident.endpoint, isServed: view.isServed),
            "Model version": .version(of: incident.model, incident.version, isServed: view.isServed),
            "Monitor": monitors.isEmpty ? nil : "\(monitors.joined(by: ", "))",
            "Runbook": view.alerts.lazy.compactMap(\.runbook).first.map { .link($0, to: $0) },
            "First bad window": .time(incident.since), "Opened": .time(incident.openedAt, now: now),
            "Acknowledged": incident.acknowledgedAt.map {
                "\(HTML.time($0, now: now)) by \(HTML.name(incident.acknowledgedBy ?? "?"))"
            },
            "Resolved": incident.resolvedAt.map {
                "\(HTML.time($0, now: now)) by \(HTML.name(incident.resolvedBy ?? "?"))"
            },
            "Began again": incident.flaps > 0 ? "\(incident.flaps == 1 ? "once" : "\(incident.flaps) times")" : nil,
            "Lasted": incident.resolvedAt.map { lasted(until: $0) },
            "Cause": incident.cause.map { "\($0.words)" }, "In words": incident.words.map { .value($0) },
        ])
    }

    private func lasted(until end: Timestamp) -> HTML {
        "\(Quantity.duration(milliseconds: end.milliseconds - incident.openedAt.milliseconds))"
    }

    /// Of the alerts that are still open, one for each family.
    private var advice: HTML? {
        var families: Set<Finding.Family> = []
        let open = view.alerts.filter { $0.state == .open && families.insert($0.topic.family).inserted }
        guard incident.state != .resolved, !open.isEmpty else { return nil }
        var runbooks: Set<String?> = []
        let parts = open.map { alert -> HTML in
            let isNew = runbooks.insert(alert.runbook).inserted
            return
                "<h3>\(alert.topic.family.title)</h3>\(AdvicePage.html(alert, isServed: view.isServed, hasRunbook: isNew))"
        }
        return "<h2>What to do next</h2>\(parts)"
    }

    // MARK: Forms

    private var actions: HTML {
        let forms: HTML =
            switch incident.state {
            case .open: "\(acknowledge)\(assign)\(comment)\(resolve)"
            case .acknowledged: "\(assign)\(comment)\(resolve)"
            case .resolved: "\(comment)\(resolve)\(form("reopen", "Open it again"))"
            }
        return "<div class=\"forms\">\(forms)</div>"
    }

    private var acknowledge: HTML { form("acknowledge", "I look after it") }

    private var assign: HTML {
        form("assign", "Assign", "<label>To <input name=\"owner\" required maxlength=\"200\"></label>")
    }

    private var comment: HTML {
        form("comment", "Comment", "<label>Words <input type=\"text\" name=\"words\" required></label>")
    }

    private var resolve: HTML {
        let options = Cause.allCases.map { cause -> HTML in
            "<option value=\"\(cause.rawValue)\">\(cause.words)</option>"
        }
        return form(
            "resolve", incident.state == .resolved ? "Say the cause" : "Resolve",
            """
            <label>Cause <select name="cause">\(options)</select></label>
            <label>Words <input type="text" name="words"></label>
            """)
    }

    private func form(_ action: String, _ title: String, _ fields: HTML = "") -> HTML {
        "<form method=\"post\" action=\"\(path)/\(action)\">\(fields)<button>\(title)</button></form>"
    }

    // MARK: What is known

    private var evidence: HTML {
        let parts = view.alerts.map { alert -> HTML in
            """
            <h3>\(HTML.link(alert.title, to: "/alerts/\(alert.id)")) \(AlertBadge.of(alert)) \
            \(AlertBadge.of(alert.severity))</h3>
            \(FindingPage.table(alert.findings, of: alert.monitor))
            """
        }
        return "\(parts)"
    }

    private var timeLine: HTML {
        let rows = view.entries.map { entry -> [HTML] in
            let words: HTML = entry.path.map { .link(entry.words, to: $0) } ?? .name(entry.words, limit: 400)
            let details = entry.details.map { line -> HTML in "<br><small>\(HTML.name(line, limit: 400))</small>" }
            return [
                .time(entry.time), "\(distance(of: entry))", tone(entry), "\(words)\(details)",
                entry.actor.map { .name($0) } ?? "<span class=\"quiet\">Martlet</span>",
            ]
        }
        return .table(
            [
                "when",
                .number(
                    "from the first bad window",
                    "How long after the start of the first bad window; before it with a minus."), "kind", "what", "by",
            ], rows: rows)
    }

    /// How long after the start of the first bad window something happened, such as `+3 min 20 s`; before it with a minus.
    private func distance(of entry: TimeLineEntry) -> String {
        let milliseconds = entry.time.milliseconds - incident.since.milliseconds
        return (milliseconds < 0 ? "" : "+") + Quantity.duration(milliseconds: milliseconds)
    }

    private func tone(_ entry: TimeLineEntry) -> HTML {
        switch entry.kind {
        case .alarm: .badge(entry.kind.rawValue, .bad)
        case .deployment, .registry, .manifest, .infrastructure: .badge(entry.kind.rawValue, .warning)
        case .people, .remedy: .badge(entry.kind.rawValue, .active)
        }
    }

    private var channels: HTML? {
        guard !view.tellings.isEmpty else { return nil }
        let rows = view.tellings.map { telling -> [HTML] in
            [
                .link(telling.channel, to: "/channels"), telling.toldAt.map { .time($0, now: now) } ?? "–",
                telling.failure.map { "\(HTML.badge("failed", .bad)) \($0)" } ?? "–",
            ]
        }
        return "<h2>Channels</h2>\(HTML.table(["channel", "told", "failure"], rows: rows))"
    }
}
