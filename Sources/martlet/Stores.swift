import Artifacts
import Blobs
import Database
import Events
import Experiments
import Incidents
import Jobs
import Logging
import Manifests
import Monitoring
import Predictions
import Registry
import Scoring
import Serving
import Tables
import Traces
import Tracking
import Trash
import Webhooks
import Wire

/// What the server keeps, slice by slice, all over one database.
struct Stores: Sendable {
    let database: Database
    let events: EventLog
    let jobs: JobQueue
    let manifests: ManifestStore
    let artifacts: ArtifactStore
    let experiments: ExperimentStore
    let runs: RunStore
    let metrics: MetricStore
    let loggedModels: LoggedModelStore
    let traces: TraceStore
    let evaluationDatasets: EvaluationDatasetStore
    let webhooks: WebhookStore
    let models: RegisteredModelStore
    let versions: ModelVersionStore
    let predictions: PredictionLog
    let retention: RetentionStore
    let exposures: ExposureStore
    let rewards: RewardStore
    let guardrails: GuardrailStore
    let bandits: BanditStore
    let rollouts: RolloutStore
    let shares: ShareStore
    let shadows: ShadowStore
    let alerts: AlertStore
    let monitors: MonitorStore
    let windows: WindowStore
    let windowFeed: WindowFeed
    let references: ReferenceStore
    let costs: CostStore
    let referenceSource: ReferenceSource
    let performance: PerformanceStore
    let referenceDesk: ReferenceDesk
    let templates: TemplateStore
    let batches: ScoringJobStore

    init(
        database: Database, configuration: ServerConfiguration, tables: TableEngine, clock: WallClock, entropy: Entropy,
        logger: Logger
    ) async throws {
        try await database.migrate(Self.migrations(now: clock.now))
        self.database = database
        events = EventLog(database: database, clock: clock)
        jobs = JobQueue(database: database, clock: clock, entropy: entropy)
        manifests = ManifestStore(
            database: database, events: events, clock: clock,
            kinds: [EndpointManifest.kind, Monitor.kind, Channel.kind])
        artifacts = ArtifactStore(
            blobs: try await Self.blobs(configuration, clock: clock, entropy: entropy),
            isDirect: configuration.allowsDirectTransfers)
        experiments = ExperimentStore(
            database: database, events: events, clock: clock, workingFolder: configuration.workingFolder)
        runs = RunStore(database: database, events: events, entropy: entropy)
        metrics = MetricStore(database: database)
        loggedModels = LoggedModelStore(database: database, events: events, clock: clock, entropy: entropy)
        evaluationDatasets = EvaluationDatasetStore(
            database: database, events: events, clock: clock, entropy: entropy)
        traces = TraceStore(database: database, events: events, clock: clock, entropy: entropy)
        webhooks = WebhookStore(
            database: database, events: events, jobs: jobs, vault: try configuration.webhookVault(entropy: entropy),
            clock: clock,
            entropy: entropy)
        models = RegisteredModelStore(database: database, events: events, clock: clock)
        versions = ModelVersionStore(
            database: database, events: events, clock: clock, runs: runs, loggedModels: loggedModels)
        exposures = ExposureStore(database: database, events: events, clock: clock)
        rewards = RewardStore(database: database)
        guardrails = GuardrailStore(database: database)
        bandits = BanditStore(database: database)
        let opened = OpenedLater<PredictionLog>()
        let source = ReferenceSource(
            runs: runs, artifacts: artifacts, predictions: opened.value, tables: tables
        ) { [manifests] endpoint in
            try await Monitor.all(in: manifests).filter { $0.endpoint == endpoint }.map(\.name)
        } runID: { [versions] model, version in
            let runID = try await versions.version(Int64(version), of: model).runID
            return runID.isEmpty ? nil : runID
        }
        references = ReferenceStore(database: database, source: source, clock: clock)
        windows = WindowStore(database: database)
        let desk = ReferenceDesk(references: references, windows: windows, clock: clock)
        referenceDesk = desk
        templates = TemplateStore(database: database, manifests: manifests)
        windowFeed = WindowFeed(
            store: windows, clock: clock, logger: logger, replanned: manifests.changed
        ) { [templates] in
            try await templates.monitors().map { WindowPlan($0) }
        } anchors: { [templates] plan, model, version in
            let monitor = try await templates.monitors().first { $0.name == plan.monitor }
            guard let monitor else { return .known(nil) }
            return try await desk.anchors(for: monitor, model: model, version: version)
        }
        predictions = try await PredictionLog(
            folder: configuration.dataFolder + "/predictions", clock: clock, entropy: entropy,
            observers: [exposures.observer, windowFeed.observer], logger: logger)
        opened.set(predictions)
        retention = RetentionStore(database: database, events: events)
        rollouts = RolloutStore(database: database, events: events, clock: clock)
        shares = ShareStore(database: database)
        shadows = ShadowStore(database: database)
        alerts = AlertStore(database: database, events: events, jobs: jobs, clock: clock, entropy: entropy)
        monitors = MonitorStore(database: database, alerts: alerts, windows: windows)
        batches = ScoringJobStore(database: database, events: events, jobs: jobs, clock: clock, entropy: entropy)
        costs = CostStore(database: database)
        referenceSource = source
        performance = PerformanceStore(database: database, alerts: alerts)
    }

    /// The store of files, which is there and lets this server in.
    private static func blobs(
        _ configuration: ServerConfiguration, clock: WallClock, entropy: Entropy
    ) async throws -> BlobStore {
        let store =
            switch configuration.artifacts {
            case .folder(let folder): try BlobStore(folder: folder, entropy: entropy)
            case .bucket(let location):
                try BlobStore(
                    s3: location, copies: configuration.dataFolder + "/artifact-copies", clock: clock, entropy: entropy)
            }
        try await store.check()
        return store
    }

    /// Every table of the house, in the order in which they build on each other.
    private static func migrations(now: Timestamp) -> [Migration] {
        EventSchema.migrations + JobSchema.migrations + ManifestSchema.migrations
            + TrackingSchema.migrations(now: now) + TraceSchema.migrations + EvaluationDatasetSchema.migrations
            + RegistrySchema.migrations
            + IncidentSchema.migrations + MonitorSchema.migrations + CostSchema.migrations + TrashSchema.migrations
            + WebhookSchema.migrations
            + RetentionSchema.migrations
            + ExperimentSchema.migrations + ScoringSchema.migrations + ServingSchema.migrations
    }

    /// Where the files are of the version or the logged model that a URI means at this moment.
    var modelOrigin: ModelOrigin {
        ModelOrigin { [versions, loggedModels] uri in
            let reference = try ModelReference(uri)
            if case .loggedModel(let id) = reference { return try await loggedModels.model(id).artifactURI }
            return try await versions.resolve(reference).storageURI
        }
    }

    /// What endpoints' experiments and bandits go by.
    var experimentWatch: ExperimentWatch {
        ExperimentWatch(exposures: exposures, rewards: rewards, guardrails: guardrails, bandits: bandits)
    }

    /// The version that a reference means at this moment, with its files.
    var versionFinder: VersionFinder {
        VersionFinder { [versions, artifacts] reference in
            let version = try await versions.resolve(reference)
            return ServedVersion(
                model: version.name, version: Int(version.version),
                folder: try await artifacts.localFolder(ofURI: version.storageURI))
        }
    }
}
