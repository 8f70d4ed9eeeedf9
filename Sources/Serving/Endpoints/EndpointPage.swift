package import Experiments
package import Manifests
package import Predictions
import Runtimes
package import Web
package import Wire
import YAML

/// What is served, for people.
package struct EndpointPage: Sendable {
    private let endpoints: Endpoints
    private let log: PredictionLog
    private let rollouts: RolloutStore
    private let shadows: ShadowStore
    private let experiments: ExperimentSection
    private let manifests: ManifestStore
    private let clock: WallClock
    static let section = Link("Endpoints", "/endpoints")
    /// The least that an endpoint says.
    package static let example = """
        apiVersion: martlet/v1
        kind: Endpoint
        metadata: { name: churn }
        spec:
          variants: [{ name: main, model: "models:/churn@champion" }]
        """

    package init(
        endpoints: Endpoints, log: PredictionLog, rollouts: RolloutStore, shadows: ShadowStore,
        experiments: ExperimentSection, manifests: ManifestStore, clock: WallClock
    ) {
        self.endpoints = endpoints
        self.log = log
        self.rollouts = rollouts
        self.shadows = shadows
        self.experiments = experiments
        self.manifests = manifests
        self.clock = clock
    }

    package func routes(into routes: inout Routes) {
        routes.page("/endpoints", .read("endpoints"), list)
        routes.page("/endpoints/{name}", .read("endpoints"), show)
    }

    private func list(_ call: Call) async throws -> Web.Page {
        let all = try await endpoints.all()
        guard !all.isEmpty else {
            return Web.Page(
                title: "Endpoints", trail: [Self.section], isLive: true,
                body: .empty(
                    "Nothing is served yet. Deploy a registered model, under its own name:",
                    ways: HTML.waysToApply(Self.example, to: call.origin)))
        }
        let now = clock.now
        let rows = all.map { endpoint -> [HTML] in
            let traffic = endpoints.traffic(of: endpoint.name, now: now)
            return [
                .link(endpoint.name, to: "/endpoints/\(endpoint.name)"), endpoint.badge,
                endpoint.variants.first?.deployed.map(Self.version) ?? "–",
                "\(endpoint.variants.first?.runtime ?? "–")",
                "\(Quantity.count(traffic?.calls ?? 0))", Self.latency(traffic?.p50Us), Self.latency(traffic?.p95Us),
                "\(Quantity.count((traffic?.refused ?? 0) + (traffic?.failed ?? 0)))",
            ]
        }
        return Web.Page(
            title: "Endpoints", trail: [Self.section], isLive: true,
            body: .table(
                [
                    "endpoint", "state", "version", "runtime",
                    .number("calls, last hour", "Requests of the last 60 minutes to this server."),
                    .number("p50", "Half of the answers of the last hour took no longer."),
                    .number("p95", "19 of 20 answers of the last hour took no longer."),
                    .number("errors", "Requests of the last hour that were refused or failed."),
                ], rows: rows))
    }

    private func show(_ call: Call) async throws -> Web.Page {
        let endpoint = try await endpoints.get(try call.path("name"))
        let now = clock.now
        let traffic = endpoints.traffic(of: endpoint.name, now: now)
        let latest = try await log.latest(of: endpoint.name, limit: 20)
        let history = try await rollouts.history(of: endpoint.name, limit: 10)
        let experiment = try await experiments.html(of: endpoint.name, now: now)
        let compared = try await shadows.totals(of: endpoint.name)
        let isWatched = try await manifests.has(kind: "Monitor", name: endpoint.name)
        let charts = traffic.map { traffic in
            EndpointChartsPage(
                whole: traffic, variants: endpoints.trafficByVariant(of: endpoint.name, now: now),
                monitor: isWatched ? endpoint.name : nil
            ).html
        }
        let message = endpoint.message.map { message -> HTML in "<p>\(message)</p>" }
        let path = "/endpoints/\(endpoint.name)"
        return Web.Page(
            title: endpoint.name, trail: [Self.section, Link(endpoint.name, path)], isLive: true,
            body: """
                <p class="actions">\(HTML.link("Try it", to: "\(path)/try")) \
                \(HTML.link("Move traffic", to: "\(path)/traffic")) \
                \(HTML.link("Rollouts", to: "\(path)/rollouts")) \(HTML.link("Shadow", to: "\(path)/shadow")) \
                \(HTML.link("Edit the manifest", to: "/manifests/endpoints/\(endpoint.name)"))</p>
                \(Self.facts(endpoint, traffic))
                \(message)
                \(Self.variants(endpoint))
                \(experiment)
                \(RolloutPage.html(history, now: now))
                \(ShadowSection.html(compared, of: endpoint.name, now: now))
                \(charts)
                <h2 id="predictions">Latest predictions</h2>
                \(PredictionPage.finder)
                \(Self.table(latest, now: now))
                <h2>Ask it</h2>
                <p>\(HTML.link("Try it", to: "\(path)/try")) here, with a form made of what its model takes, or from elsewhere:</p>
                \(HTML.code(Self.asking(endpoint.name, call.origin)))
                <h2>Manifest</h2>
                \(HTML.code(YAMLText.text(of: endpoint.manifest)))
                <p>\(HTML.link("Edit it", to: "/manifests/endpoints/\(endpoint.name)"))</p>
                """)
    }

    /// Both protocols, with this server's address.
    private static func asking(_ name: String, _ origin: String) -> String {
        """
        curl \(origin)/endpoints/\(name)/invocations -H 'Content-Type: application/json' \\
          -d '{"dataframe_records": [{"age": 41, "plan": "basic"}]}'
        curl \(origin)/v2/models/\(name)    # Open Inference: inputs and outputs; POST \u{2026}/infer asks
        """
    }

    private static func facts(_ endpoint: Endpoint, _ traffic: EndpointTraffic.Summary?) -> HTML {
        .facts([
            "State": endpoint.badge, "Team": endpoint.team.map { "\($0)" },
            "Calls": traffic.map { "\(Quantity.count($0.calls))" },
            "p50": traffic?.p50Us.map { latency($0) }, "p95": traffic?.p95Us.map { latency($0) },
            "Refused": traffic.map { "\(Quantity.count($0.refused))" },
            "Failed": traffic.map { "\(Quantity.count($0.failed))" },
        ])
    }

    /// Who answers, with which share; models that are only tried come behind the variant that they belong to.
    private static func variants(_ endpoint: Endpoint) -> HTML {
        var rows: [[HTML]] = []
        for variant in endpoint.variants {
            rows.append([
                "\(variant.name)", "\(variant.weight) %", variant.deployed.map(version) ?? "–",
                runtime(variant.deployed), variant.state.badge,
            ])
            if let candidate = variant.candidate {
                rows.append([
                    "\(variant.name), tried out", "\(candidate.percent) % of it", version(candidate.deployed),
                    runtime(candidate.deployed), .badge("trying", .active),
                ])
            }
        }
        if let shadow = endpoint.shadow {
            rows.append([
                "shadow", "copies of \(shadow.percent) %", shadow.deployed.map(version) ?? "–",
                runtime(shadow.deployed),
                shadow.deployed == nil ? .badge("missing", .warning) : .badge("ready", .good),
            ])
        }
        return """
            <h2>Variants</h2>
            \(HTML.table(["variant",
            .number("share", "Of the requests of the endpoint."),
            "version", "runtime", "state"], rows: rows))
            """
    }

    private static func table(_ predictions: [Prediction], now: Timestamp) -> HTML {
        guard !predictions.isEmpty else { return .empty("Nothing has been predicted yet.") }
        let rows = predictions.map { prediction -> [HTML] in
            [
                .link(prediction.id.text, to: "/predictions/\(prediction.id.text)"),
                .time(prediction.time, now: now),
                "\(prediction.model)/\(prediction.version)", "\(String(prediction.output.text.prefix(80)))",
                "\(prediction.label.map { String($0.text.prefix(80)) } ?? "–")", latency(prediction.latencyUs),
                "\(prediction.caller)",
            ]
        }
        return .table(
            [
                "prediction", "when", "version", "output", "label",
                .number("latency", "From the whole request to the answer, within the server."), "caller",
            ], rows: rows)
    }

    private static func version(_ deployed: Endpoint.Deployed) -> HTML {
        // What is elsewhere has no version here.
        deployed.version == 0
            ? .name(deployed.model)
            : "\(HTML.link(deployed.model, to: "/models/\(deployed.model.queryEscaped)")) version \(deployed.version)"
    }

    /// What runs it; of Python processes how many, when they are not as they should be or have been started again.
    private static func runtime(_ deployed: Endpoint.Deployed?) -> HTML {
        guard let deployed else { return "–" }
        guard let workers = deployed.workers else { return "\(deployed.runtime)" }
        let count = workers.wanted == 1 ? "1 process" : "\(workers.wanted) processes"
        let missing = workers.wanted - workers.ready
        let down = missing > 0 ? HTML.badge("\(missing) down", .warning) : nil
        let restarts = workers.restarts > 0 ? ", \(Quantity.count(workers.restarts)) restarts" : ""
        return "\(deployed.runtime) <small class=\"quiet\">\(count)\(restarts)</small> \(down)"
    }

    /// - Parameter microseconds: negative when nobody said, as of predictions that were made elsewhere.
    private static func latency(_ microseconds: Int64?) -> HTML {
        guard let microseconds, microseconds >= 0 else { return "–" }
        return "\(Quantity.latency(microseconds: Double(microseconds)))"
    }
}

extension Endpoint {
    /// The state in its colour.
    package var badge: HTML { state.badge }
}

extension Endpoint.State {
    fileprivate var badge: HTML {
        switch self {
        case .ready: .badge("ready", .good)
        case .loading: .badge("loading", .active)
        case .failed: .badge("failed", .bad)
        }
    }
}
