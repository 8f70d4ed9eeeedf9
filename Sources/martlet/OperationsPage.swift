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
    let experiments: ExperimentStore
    let runs: RunStore

    private static let runLimit = 10
    private static let incidentLimit = 20
    private static let alertLimit = 1000

    func routes(into routes: inout Routes) {
        routes.page("/", .read("endpoints"), show)
    }

    private func show(_ call: Call) async throws -> Web.Page {
        let now = call.time
        let served = try await endpoints.all().map { endpoint in
            ServedEndpoint(endpoint: endpoint, traffic: endpoints.traffic(of: endpoint.name, now: now))
        }
        let monitors = try await board.statuses()
        let open = try await alerts.incidents.incidents(isOpen: true, limit: Self.incidentLimit)
        let alone = try await alerts.alerts(state: .open, limit: Self.alertLimit)
        let recent = try await recentRuns()
        return Web.Page(
            title: "Operations", trail: [Link("Operations", "/")],
            body: """
                \(Self.numbers(served, monitors, incidents: open.count, alerts: alone.count))
                \(Self.incidents(open, now: now))
                <h2>Endpoints</h2>
                \(Self.endpointTable(served, monitors, call))
                \(Self.chart(served))
                <h2>Recent runs</h2>
                \(Self.runTable(recent, now: now, call))
                """)
    }

    /// The runs that were started last, in whatever experiment.
    private func recentRuns() async throws -> [Run] {
        let all = try await experiments.search(ExperimentQuery(limit: ExperimentQuery.maximumLimit)).elements
        var query = RunQuery(experimentIDs: all.map(\.id))
        query.limit = Self.runLimit
        return try await runs.search(query).elements
    }

    /// What somebody has to look after.
    private static func incidents(_ open: [Incident], now: Timestamp) -> HTML? {
        guard !open.isEmpty else { return nil }
        let all = open.count == incidentLimit ? HTML.link("all", to: "/incidents") : nil
        return "<h2>Open incidents <small>\(all)</small></h2>\(IncidentListPage.open(open, now: now))"
    }

    private static func numbers(
        _ served: [ServedEndpoint], _ monitors: [MonitorStatus], incidents: Int, alerts: Int
    ) -> HTML {
        let ready = served.filter { $0.endpoint.state == .ready }.count
        let blind = monitors.filter { $0.state == .blind }.count
        let unseen: HTML? = blind == 0 ? nil : "<small>\(blind) with no reference</small>"
        return .numbers([
            "endpoints ready": "\(ready) of \(served.count)",
            "calls in the last hour": "\(Quantity.count(served.reduce(0) { $0 + ($1.traffic?.calls ?? 0) }))",
            "monitors": "\(HTML.link("\(monitors.count)", to: "/monitors"))\(unseen)",
            "open incidents": .link(
                incidents == incidentLimit ? "\(incidents) or more" : "\(incidents)", to: "/incidents"),
            "open alerts": .link("\(alerts)", to: "/alerts"),
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
            let deployed = each.endpoint.variants.first?.deployed
            let watching = monitors.filter { $0.monitor.endpoint == each.endpoint.name }
            return [
                .link(each.endpoint.name, to: "/endpoints/\(each.endpoint.name)"), each.endpoint.badge,
                deployed.map { .link("\($0.model)/\($0.version)", to: "/models/\($0.model.queryEscaped)") } ?? "–",
                "\(Quantity.number(each.callsPerMinute, digits: 3))", latency(each.traffic?.p50Us),
                latency(each.traffic?.p95Us), "\(Quantity.count(each.errors))", "\(watching.map(drift))",
            ]
        }
        return .table(
            [
                "endpoint", "state", "version", .number("calls a minute"), .number("p50"), .number("p95"),
                .number("errors"), "drift",
            ], named: "Endpoints", rows: rows)
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
                .tags(run.metrics.prefix(4).map { (key: $0.key, value: Quantity.number($0.value)) }),
            ]
        }
        return .table(["run", "state", "started", "by", "metrics"], named: "Recent runs", rows: rows)
    }

    private static func latency(_ microseconds: Int64?) -> HTML {
        microseconds.map { "\(Quantity.latency(microseconds: Double($0)))" } ?? "–"
    }
}

/// An endpoint with its last hour.
private struct ServedEndpoint {
    let endpoint: Endpoint
    let traffic: EndpointTraffic.Summary?

    /// The mean of the last five minutes, the one under way included.
    var callsPerMinute: Double {
        let last = (traffic?.callsPerMinute ?? []).suffix(5)
        return last.isEmpty ? 0 : Double(last.reduce(0) { $0 + $1.calls }) / Double(last.count)
    }

    var errors: Int { (traffic?.refused ?? 0) + (traffic?.failed ?? 0) }
}
