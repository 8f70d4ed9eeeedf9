import Incidents
import Monitoring
import Serving
import Tracking
import Web
import Wire

/// The page that looks across slices: what is served, how it does, what drifts, what ran last.
struct OperationsPage: Sendable {
    let endpoints: Endpoints
    let board: MonitorBoard
    let alerts: AlertStore
    let rollouts: RolloutStore
    let runs: RunStore
    let costs: CostDesk
    /// The share of this server's disk that is free.
    let freeShare: @Sendable () -> Double?

    private static let runLimit = 10
    /// So many metrics of a run are shown.
    private static let metricLimit = 4
    private static let incidentLimit = 20
    private static let alertLimit = 1000

    func routes(into routes: inout Routes) {
        routes.page("/", .read("endpoints"), show)
    }

    private func show(_ call: Call) async throws -> Web.Page {
        let now = call.time
        let newest = try await rollouts.newest()
        let served = try await endpoints.all().map { endpoint in
            ServedEndpoint(
                endpoint: endpoint, traffic: endpoints.traffic(of: endpoint.name, now: now),
                rollouts: newest[endpoint.name] ?? [])
        }
        let monitors = try await board.statuses()
        let open = try await alerts.incidents.incidents(isOpen: true, limit: Self.incidentLimit)
        let alone = try await alerts.alerts(state: .open, limit: Self.alertLimit)
        let recent = try await runs.latest(limit: Self.runLimit, most: Self.metricLimit)
        let waiting = OpenMatter.all(
            served.map { ($0.endpoint, $0.rollouts) }, monitors, incidents: open, disk: try await costs.disk())
        return Web.Page(
            title: "Operations", trail: [Link("Operations", "/")], isLive: true,
            body: """
                \(numbers(served, monitors, incidents: open.count, alerts: alone.count))
                \(OpenMatter.html(waiting, now: now))
                <h2>Endpoints</h2>
                \(Self.endpointTable(served, monitors, call))
                \(Self.chart(served))
                <h2>Recent runs</h2>
                \(Self.runTable(recent, now: now, call))
                """)
    }

    private func numbers(
        _ served: [ServedEndpoint], _ monitors: [MonitorStatus], incidents: Int, alerts: Int
    ) -> HTML {
        let ready = served.filter { $0.endpoint.state == .ready }.count
        let blind = monitors.filter { $0.state == .blind }.count
        let unseen: HTML? = blind == 0 ? nil : "<small>\(blind) with no reference</small>"
        return .numbers(
            [
                "endpoints ready": .link("\(ready) of \(served.count)", to: "/endpoints"),
                "calls in the last hour": "\(Quantity.count(served.reduce(0) { $0 + ($1.traffic?.calls ?? 0) }))",
                "monitors": "\(HTML.link("\(monitors.count)", to: "/monitors"))\(unseen)",
                "open incidents": .link(
                    incidents == Self.incidentLimit ? "\(incidents) or more" : "\(incidents)", to: "/incidents"),
                "open alerts": .link("\(alerts)", to: "/alerts"),
                "disk free": freeShare().map { "\(Quantity.percent($0))" },
            ],
            meanings: [
                "endpoints ready": "Endpoints of which a variant can answer, of all there are.",
                "calls in the last hour": "Requests to this server, over all endpoints.",
                "monitors": "Each watches one endpoint.",
                "open incidents": "Incidents that nobody has ended.",
                "open alerts": "Alerts whose trouble lasts.",
                "disk free": "The share of the disk that the data folder is on.",
            ])
    }

    private static func endpointTable(
        _ served: [ServedEndpoint], _ monitors: [MonitorStatus], _ call: Call
    ) -> HTML {
        guard !served.isEmpty else {
            return .empty(
                "Nothing is served yet. Deploy a registered model, under its own name:",
                ways: HTML.waysToApply(EndpointPage.example, to: call.origin))
        }
        let rows = served.map { each -> [HTML] in
            let watching = monitors.filter { $0.monitor.endpoint == each.endpoint.name }
            return [
                .link(each.endpoint.name, to: "/endpoints/\(each.endpoint.name)"), each.endpoint.badge,
                version(each), each.endpoint.team.map { .name($0) } ?? "–",
                "\(Quantity.number(each.callsPerMinute, digits: 3))", latency(each.traffic?.p50Us),
                latency(each.traffic?.p95Us), "\(Quantity.count(each.errors))", "\(watching.map(drift))",
                each.rollouts.first.map { .time($0.end ?? $0.start, now: call.time) } ?? "–",
            ]
        }
        return .table(
            [
                "endpoint", "state", "version", "owner",
                .number("calls a minute", "The mean of the last five minutes, the one under way included."),
                .number("p50", "Half of the answers of the last hour took no longer."),
                .number("p95", "19 of 20 answers of the last hour took no longer."),
                .number("errors, last hour", "Requests that were refused or failed."), "drift", "deployed",
            ], named: "Endpoints", rows: rows)
    }

    /// What answers, and what is tried out beside it.
    private static func version(_ each: ServedEndpoint) -> HTML {
        guard let first = each.endpoint.variants.first, let deployed = first.deployed else { return "–" }
        let more = each.endpoint.variants.count - 1
        let others: HTML? = more > 0 ? " <small class=\"quiet\">and \(more) more</small>" : nil
        let candidate = first.candidate.map { candidate -> HTML in
            " \(HTML.badge("version \(candidate.deployed.version) at \(candidate.percent) %", .active))"
        }
        let path = "/models/\(deployed.model.queryEscaped)"
        let answers: HTML =
            // What is elsewhere has no version here.
            deployed.version == 0
            ? .name(deployed.model) : .link("\(deployed.model)/\(deployed.version)", to: path)
        return "\(answers)\(others)\(candidate)"
    }

    private static func drift(_ status: MonitorStatus) -> HTML {
        let path = "/monitors/\(status.monitor.name)"
        let names = status.lastWindow?.drifting ?? []
        return switch status.state {
        case .waiting: .link("waiting for a window", to: path)
        case .blind: "\(HTML.badge("no reference", .warning)) \(HTML.link("why", to: path))"
        case .quiet, .alert:
            names.isEmpty
                ? .link("none in window \(status.windows)", to: path)
                : "\(HTML.badge("drift", .bad)) \(HTML.link(names.joined(separator: ", "), to: path))"
        }
    }

    private static func chart(_ served: [ServedEndpoint]) -> HTML? {
        guard !served.isEmpty else { return nil }
        let series = served.prefix(6).map { each in
            Chart.Series(
                each.endpoint.name,
                points: (each.traffic?.callsPerMinute ?? []).map {
                    Chart.Point(x: Double($0.start.milliseconds), y: Double($0.calls))
                })
        }
        return Chart("Calls a minute", Array(series), xAxis: .time, fromZero: true).html
    }

    private static func runTable(_ runs: [Run], now: Timestamp, _ call: Call) -> HTML {
        guard !runs.isEmpty else {
            return .empty(
                "No runs yet. Point a script at this server:", ways: FirstRun.ways(to: call.origin))
        }
        let rows = runs.map { run -> [HTML] in
            [
                .link(run.info.name, to: "/runs/\(run.info.id)"), run.info.badge,
                .time(run.info.startTime, now: now), .name(run.info.userID),
                .tags(run.metrics.map { (key: $0.key, value: Quantity.number($0.value)) }),
                .link("files", to: "/runs/\(run.info.id)/artifacts"),
            ]
        }
        let ids = runs.map(\.info.id).joined(separator: ",")
        let compare: HTML? =
            runs.count > 1 ? "<p>\(HTML.link("Compare these runs", to: "/compare?runs=\(ids)"))</p>" : nil
        return """
            \(HTML.table(["run", "state", "started", "by", "metrics", "files"], named: "Recent runs", rows: rows))
            \(compare)
            """
    }

    private static func latency(_ microseconds: Int64?) -> HTML {
        microseconds.map { "\(Quantity.latency(microseconds: Double($0)))" } ?? "–"
    }
}

/// An endpoint with its last hour.
private struct ServedEndpoint {
    let endpoint: Endpoint
    let traffic: EndpointTraffic.Summary?
    /// What came last to one of its variants, and what else is tried out, newest first.
    let rollouts: [Rollout]

    /// The mean of the last five minutes, the one under way included.
    var callsPerMinute: Double {
        let last = (traffic?.callsPerMinute ?? []).suffix(5)
        return last.isEmpty ? 0 : Double(last.reduce(0) { $0 + $1.calls }) / Double(last.count)
    }

    var errors: Int { (traffic?.refused ?? 0) + (traffic?.failed ?? 0) }
}
