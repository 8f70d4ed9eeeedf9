import CoreMetrics
import Database
import Incidents
import Jobs
import Logging
import Manifests
import Monitoring
import NIOPosix
import Natives
import Predictions
import Runtimes
import Scoring
import ServiceLifecycle
import Serving
import Tables
import Telemetry
import UnixSignals
import Web
import Webhooks
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Puts the parts together: the one place that knows them all, the clock and the randomness.
struct Composition {
    let configuration: ServerConfiguration
    let address = ServerAddress()
    let logger = Logger(label: "martlet")
    let clock = WallClock.system
    let entropy = Entropy.system
    let metrics: MetricRegistry
    let meter: PredictionMeter
    /// What is told of processes of models that ended, until it is written down.
    private let crashes = AsyncStream.makeStream(of: WorkerCrash.self, bufferingPolicy: .bufferingNewest(100))

    init(_ configuration: ServerConfiguration) {
        self.configuration = configuration
        metrics = MetricRegistry()
        meter = PredictionMeter(registry: metrics)
    }

    /// Opens the stores, brings the schema up to date, and serves until a signal ends it.
    func run() async throws {
        MetricsSystem.bootstrap(metrics)
        let folder = try DataFolder(path: configuration.dataFolder)
        let database = try Database.open(configuration.database)
        let stores = try await Stores(
            database: database, configuration: configuration, tables: tables, clock: clock, entropy: entropy,
            logger: logger)
        try await stores.jobs.releaseAbandoned()
        let endpoints = Endpoints(
            manifests: stores.manifests, events: stores.events, versions: stores.versionFinder, loader: modelLoader,
            rollouts: stores.rollouts, shares: stores.shares, shadows: stores.shadows,
            experiments: stores.experimentWatch, clock: clock, entropy: entropy,
            logger: logger)
        await noteStart(stores)
        try await serve(stores, endpoints)
        await noteStop(stores)
        try database.close()
        withExtendedLifetime(folder) {}
    }

    /// Services end in the opposite order: first no more requests, last the log of predictions once it has all of them.
    private func serve(_ stores: Stores, _ endpoints: Endpoints) async throws {
        let sampler = costSampler(over: stores, endpoints)
        let costs = CostDesk(store: stores.costs, sampler: sampler, clock: clock) {
            [manifests = stores.manifests] name in
            try await manifests.has(kind: EndpointManifest.kind.name, name: name)
        }
        let watch = MonitorWatch(
            templates: stores.templates, store: stores.monitors, windows: stores.windows,
            alerts: stores.alerts, desk: stores.referenceDesk, closed: stores.windowFeed.closed, costs: costs,
            log: stores.predictions,
            versions: { try await stores.versions(at: $0, of: endpoints) }, clock: clock, logger: logger)
        let automatic = AutomaticMonitors(
            manifests: stores.manifests, events: stores.events, store: stores.templates, clock: clock, logger: logger,
            facts: stores.modelFacts)
        let labels = PerformanceWatch(
            manifests: stores.manifests, store: stores.performance, source: stores.referenceSource,
            log: stores.predictions, versions: { try await stores.versions(at: $0, of: endpoints) }, clock: clock,
            logger: logger)
        let action = AlertAction(
            alerts: stores.alerts, environment: commandEnvironment, rollBack: stores.rollouts.takeBack)
        // Workers for each, so that no endpoint waits to be rolled back for commands, which may take hours.
        let actions = [action.commands, action.rollbacks].flatMap { handler in
            (0..<AlertAction.atOnce).map { _ in
                JobWorker(queue: stores.jobs, handlers: [handler], logger: logger)
            }
        }
        let sender = WebhookSender(
            store: stores.webhooks, clock: clock, allowsPrivate: configuration.allowsPrivateWebhooks)
        let feed = WebhookFeed(
            store: stores.webhooks, events: stores.events, models: stores.models, versions: stores.versions,
            logger: logger)
        // Several, so that a receiver that takes its time delays no other; and not those of alerts, which may take hours.
        let courier = courier(over: stores)
        let couriers = (0..<4).map { _ in
            JobWorker(queue: stores.jobs, handlers: [sender.handler, courier.handler], logger: logger)
        }
        let incidents = IncidentWatch(
            alerts: stores.alerts, courier: courier, crashes: crashes.stream, freeShare: freeShare, logger: logger)
        let scoring = JobWorker(queue: stores.jobs, handlers: [scoring(over: stores).handler], logger: logger)
        let server = WebServer(
            host: configuration.host, port: configuration.port,
            routes: try routes(over: stores, endpoints, sender, courier, costs, sampler),
            authoriser: configuration.token.map { .token($0, clock: clock) } ?? .local, shell: shell, clock: clock,
            logger: logger,
            onListening: { port in
                address.set(configuration.url(port: port))
                greet(configuration, port: port)
            })
        let retention = PredictionRetention(
            log: stores.predictions, store: stores.retention, clock: clock, logger: logger
        ) { [manifests = stores.manifests] in try await EndpointManifest.logPolicies(in: manifests) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: stores.predictions), .init(service: retention), .init(service: endpoints),
                    .init(service: sampler), .init(service: stores.windowFeed), .init(service: watch),
                    .init(service: labels),
                    .init(service: automatic), .init(service: feed), .init(service: incidents),
                    .init(service: scoring),
                ] + (actions + couriers).map { .init(service: $0) } + [.init(service: server)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    private var python: PythonInterpreter {
        PythonInterpreter(executable: configuration.python, environment: configuration.environment)
    }

    /// One batch at a time, on half of the processors: the others answer requests.
    private func scoring(over stores: Stores) -> ServerScoring {
        let threads = NIOThreadPool(numberOfThreads: 3)
        threads.start()
        return ServerScoring(
            store: stores.batches, places: ScoringPlaces(artifacts: stores.artifacts, runs: stores.runs),
            versions: stores.versions, artifacts: stores.artifacts,
            runtimes: ModelRuntimes(
                python: python, libraryFiles: LibraryFiles(environment: configuration.environment), limits: .batches,
                workerUser: configuration.workerUser, group: MultiThreadedEventLoopGroup.singleton, threads: .singleton,
                logger: logger),
            tables: TableEngine(python: python, file: configuration.environment["DUCKDB_LIB"], threads: threads),
            folder: configuration.dataFolder + "/batches",
            concurrency: max(1, ProcessInfo.processInfo.activeProcessorCount / 2))
    }

    /// DuckDB, which is loaded when it is needed. Its threads wait until then.
    var tables: TableEngine {
        let databasesAtOnce = 4
        let threads = NIOThreadPool(numberOfThreads: databasesAtOnce)
        threads.start()
        return TableEngine(
            python: python, file: configuration.environment["DUCKDB_LIB"], threads: threads,
            databasesAtOnce: databasesAtOnce)
    }

    private var modelLoader: ModelLoader {
        let runtimes = ModelRuntimes(
            python: python, libraryFiles: LibraryFiles(environment: configuration.environment),
            workerUser: configuration.workerUser, group: MultiThreadedEventLoopGroup.singleton, threads: .singleton,
            logger: logger,
            onWorkerEnd: { [crashes] words, role in
                crashes.continuation.yield(WorkerCrash(words: words, endpoint: role?.endpoint))
            })
        let secrets = RemoteSecrets(environment: configuration.environment)
        return ModelLoader { folder, role, settings in
            try await runtimes.load(path: folder, role: role, settings: settings)
        } connect: { remote in
            try await runtimes.connect(remote, secrets: secrets)
        }
    }

    /// What the command of an alert sees: the server's own environment but for the secrets of other servers, where the server
    /// is, and the Python that runs models in front of every other.
    private var commandEnvironment: @Sendable () async throws -> [String: String] {
        { [configuration, address] in
            let url = try await address.url()
            var environment = configuration.environment.filter { !$0.key.hasPrefix(RemoteSecrets.variablePrefix) }
            environment["MARTLET_URL"] = url
            environment["MLFLOW_TRACKING_URI"] = url
            environment["MARTLET_TOKEN"] = configuration.token
            environment["MLFLOW_TRACKING_TOKEN"] = configuration.token
            if configuration.python.contains("/") {
                let folder = URL(filePath: configuration.python).deletingLastPathComponent().path
                environment["PATH"] = ([folder] + [environment["PATH"]].compactMap(\.self)).joined(separator: ":")
            }
            return environment
        }
    }

    private var shell: PageShell {
        PageShell(
            sections: Self.sections,
            more: Self.more + (configuration.token == nil ? [] : [Link("Session", "/signed-in")]),
            version: Martlet.version, hasFinder: true)
    }

    static let sections = [
        Link("Operations", "/"), Link("Experiments", "/experiments"), Link("Models", "/models"),
        Link("Endpoints", "/endpoints"), Link("Monitors", "/monitors"), Link("Incidents", "/incidents"),
        Link("Alerts", "/alerts"),
    ]

    /// What the foot of every page leads to.
    static let more = [
        Link("Traces", "/traces"), Link("Manifests", "/manifests"), Link("Batches", "/batches"),
        Link("Channels", "/channels"), Link("Silences", "/silences"), Link("Webhooks", "/webhooks"),
        Link("Audit log", "/audit"), Link("Trash", "/trash"), Link("Find", "/find"),
    ]
}
