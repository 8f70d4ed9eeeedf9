import Artifacts
import Blobs
import Database
import Events
import Experiments
import Foundation
import Logging
import Manifests
import NIOCore
import Predictions
import Registry
import Runtimes
import Synchronization
import TestSupport
import Tracking
import TrainedModels
import Web
import Wire

@testable import Serving

/// A server of endpoints over a real registry, real artifacts and models that Python trained. Opened again on the same
/// folder and database it is the server after a restart.
struct ServingFixture {
    let folder: TemporaryFolder
    private let home: TestDatabase
    let trained: TrainedModels
    let database: Database
    let events: EventLog
    let manifests: ManifestStore
    let runs: RunStore
    let artifacts: ArtifactStore
    let models: RegisteredModelStore
    let versions: ModelVersionStore
    let log: PredictionLog
    let rollouts: RolloutStore
    let exposures: ExposureStore
    let rewards: RewardStore
    let shadows: ShadowStore
    let endpoints: Endpoints
    private let place: BlobPlace

    /// - Parameters:
    ///   - place: where the models are kept.
    ///   - environment: of the server.
    init(
        folder: TemporaryFolder? = nil, home: TestDatabase? = nil, place: BlobPlace = .folder,
        limits: WorkerLimits = WorkerLimits(), environment: [String: String] = [:],
        logger: Logger = LiveServer.quiet
    ) async throws {
        self.place = place
        let folder = try folder ?? TemporaryFolder()
        let clock = WallClock.system
        self.folder = folder
        trained = try await TrainedModels.get()
        self.home = if let home { home } else { try await TestDatabase() }
        database = try self.home.open()
        try await database.migrate(
            EventSchema.migrations + ManifestSchema.migrations + TrackingSchema.migrations(now: clock.now)
                + RegistrySchema.migrations + ExperimentSchema.migrations + ServingSchema.migrations)
        events = EventLog(database: database, clock: clock)
        manifests = ManifestStore(database: database, events: events, clock: clock, kinds: [EndpointManifest.kind])
        runs = RunStore(database: database, events: events, entropy: .system)
        artifacts = ArtifactStore(blobs: try await place.store(in: folder))
        models = RegisteredModelStore(database: database, events: events, clock: clock)
        versions = ModelVersionStore(
            database: database, events: events, clock: clock, runs: runs,
            loggedModels: LoggedModelStore(database: database, events: events, clock: clock, entropy: .system))
        exposures = ExposureStore(database: database, events: events, clock: clock)
        rewards = RewardStore(database: database)
        log = try await PredictionLog(
            folder: folder.path("predictions"), clock: clock, entropy: .system, observers: [exposures.observer],
            logger: LiveServer.quiet)
        let runtimes = TrainedModels.runtimes(limits)
        let finder = VersionFinder { [versions, artifacts] reference in
            let version = try await versions.resolve(reference)
            return ServedVersion(
                model: version.name, version: Int(version.version),
                folder: try await artifacts.localFolder(ofURI: version.storageURI))
        }
        rollouts = RolloutStore(database: database, events: events, clock: clock)
        shadows = ShadowStore(database: database)
        endpoints = Endpoints(
            manifests: manifests, events: events, versions: finder,
            loader: ModelLoader { folder, role, settings in
                try await runtimes.load(path: folder, role: role, settings: settings)
            } connect: { remote in
                try await runtimes.connect(remote, secrets: RemoteSecrets(environment: environment))
            },
            rollouts: rollouts, shares: ShareStore(database: database), shadows: shadows,
            experiments: ExperimentWatch(
                exposures: exposures, rewards: rewards, guardrails: GuardrailStore(database: database),
                bandits: BanditStore(database: database)), clock: clock,
            entropy: .system, logger: logger)
    }

    /// A server that serves each trained model under its own name, all of them ready.
    static func serving(
        _ names: String..., limits: WorkerLimits = WorkerLimits(),
        _ body: (ServingFixture, LiveServer) async throws -> Void
    ) async throws {
        let fixture = try await ServingFixture(limits: limits)
        for name in names {
            let version = try await fixture.register(name, as: name)
            try await fixture.move("champion", of: name, to: version)
            try await fixture.apply(name, model: "models:/\(name)@champion")
        }
        try await fixture.serve { server in
            for name in names { try await fixture.wait(for: name) { $0.state == .ready } }
            try await body(fixture, server)
        }
    }

    /// The server after a restart.
    func restarted() async throws -> ServingFixture {
        try await ServingFixture(folder: folder, home: home)
    }

    /// Registers the next version of `model`, whose files are those of a trained model as a run logged them.
    @discardableResult
    func register(_ trainedModel: String, as model: String) async throws -> Int {
        try await register(as: model) { folder in
            try FileManager.default.copyItem(atPath: trained.path(trainedModel), toPath: folder)
        }
    }

    /// Registers the next version of `model`, whose files `write` puts into a folder that is not there yet.
    func register(as model: String, write: (_ folder: String) throws -> Void) async throws -> Int {
        let run = try await runs.create(
            NewRun(experimentID: ExperimentID(0), startTime: Timestamp(milliseconds: 0)), by: "ann")
        let key = try artifacts.key(ofURI: run.info.artifactURI + "/model")
        let files = folder.path("artifacts/" + key.path)
        let parent = URL(filePath: files).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try write(files)
        if place == .bucket { try await upload(files, to: key) }
        if (try? await models.model(named: model)) == nil { _ = try await models.create(name: model, by: "ann") }
        let version = try await versions.create(
            NewModelVersion(name: model, source: "runs:/\(run.info.id)/model", runID: run.info.id), by: "ann")
        return Int(version.version)
    }

    private func upload(_ files: String, to key: BlobKey) async throws {
        for path in try FileManager.default.subpathsOfDirectory(atPath: files) {
            guard let content = FileManager.default.contents(atPath: "\(files)/\(path)") else { continue }
            try await artifacts.blobs.put(
                try key.appending(path),
                AsyncThrowingStream { feed in
                    feed.yield(ByteBuffer(bytes: content))
                    feed.finish()
                })
        }
    }

    func move(_ alias: String, of model: String, to version: Int) async throws {
        try await models.setAlias(alias, of: model, to: Int64(version), by: "ann")
    }

    func apply(_ endpoint: String, model: String) async throws {
        let yaml = """
            apiVersion: martlet/v1
            kind: Endpoint
            metadata: { name: \(endpoint), team: oncology }
            spec: { variants: [{ model: "\(model)" }] }
            """
        _ = try await manifests.apply(yaml: yaml, by: "ann")
    }

    /// Applies an endpoint with everything that its manifest may hold.
    /// - Parameter spec: YAML in flow style.
    func apply(_ endpoint: String, spec: String) async throws {
        let yaml = """
            apiVersion: martlet/v1
            kind: Endpoint
            metadata: { name: \(endpoint) }
            spec: \(spec)
            """
        _ = try await manifests.apply(yaml: yaml, by: "ann")
    }

    /// - Parameters:
    ///   - token: what everybody has to show; nil to let everybody in.
    ///   - streams: how many may be open at once.
    func serve(
        token: String? = nil, streams: Int = 64, limits: ServerLimits = ServerLimits(),
        _ body: (LiveServer) async throws -> Void
    ) async throws {
        let meter = PredictionMeter()
        let predictor = Predictor(endpoints: endpoints, log: log, clock: .system, entropy: .system, meter: meter)
        var routes = Routes()
        InvocationRoutes(predictor: predictor).routes(into: &routes)
        InferenceRoutes(predictor: predictor, serverVersion: "1.2.3").routes(into: &routes)
        RepositoryRoutes(endpoints: endpoints, meter: meter).routes(into: &routes)
        KServeRoutes(predictor: predictor).routes(into: &routes)
        StreamRoutes(predictor: predictor, limit: streams).routes(into: &routes)
        DescriptionRoutes(endpoints: endpoints).routes(into: &routes)
        MetricsRoutes(meter: meter, endpoints: endpoints, log: log).routes(into: &routes)
        PredictionRoutes(log: log, clock: .system).routes(into: &routes)
        let board = ExperimentBoard(
            exposures: exposures, rewards: rewards, guardrails: GuardrailStore(database: database),
            bandits: BanditStore(database: database))
        RewardRoutes(
            desk: RewardDesk(
                log: log, exposures: exposures, rewards: rewards, guardrails: GuardrailStore(database: database),
                entropy: .system), board: board,
            clock: .system
        ).routes(into: &routes)
        RolloutRoutes(store: rollouts, endpoints: endpoints).routes(into: &routes)
        ShadowRoutes(store: shadows, endpoints: endpoints).routes(into: &routes)
        EndpointRoutes(endpoints: endpoints, manifests: manifests, clock: .system).routes(into: &routes)
        EndpointPage(
            endpoints: endpoints, log: log, rollouts: rollouts, shadows: shadows,
            experiments: ExperimentSection(board: board), manifests: manifests, clock: .system
        ).routes(into: &routes)
        ManifestRoutes(store: manifests).routes(into: &routes)
        RolloutListPage(store: rollouts, endpoints: endpoints).routes(into: &routes)
        ShadowComparisonPage(store: shadows, endpoints: endpoints).routes(into: &routes)
        TrafficShiftPage(endpoints: endpoints, manifests: manifests).routes(into: &routes)
        TrialPage(predictor: predictor).routes(into: &routes)
        try await LiveServer.run(
            routes, authoriser: token.map { Authoriser.token($0, clock: .system) } ?? .local, limits: limits,
            beside: [log, endpoints], body)
    }

    /// Looks at an endpoint until it is as wanted.
    @discardableResult
    func wait(for endpoint: String, until isReached: (Endpoint) -> Bool) async throws -> Endpoint {
        while true {
            let found = try await endpoints.get(endpoint)
            if isReached(found) { return found }
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}

/// Rows that a trained model knows, and what it answers to them.
struct KnownRows {
    let columns: [String]
    let rows: [[JSON]]
    let predictions: JSON

    /// - Parameter count: how many of them. A model in Python may answer in the last bit otherwise to fewer rows than the
    ///   expectation was made with.
    init(_ fixture: ServingFixture, _ name: String, count: Int = .max) throws {
        let (columns, rows, predictions) = try fixture.trained.expectation(name)
        self.columns = columns ?? []
        self.rows = Array(rows.prefix(count))
        self.predictions = .array(Array((predictions.arrayValue ?? []).prefix(count)))
    }

    var records: [JSON] {
        rows.map { row in .members(zip(columns, row).map { ($0, $1) }) }
    }

    /// The first record with one cell replaced, or taken out.
    func record(with column: String, _ cell: JSON?) -> JSON {
        (records.first ?? .null).replacing(column, with: cell)
    }

    var split: JSON {
        ["columns": .strings(columns), "data": .array(rows.map(JSON.array))]
    }

    /// The values of each column, by name.
    var byColumn: [(String, JSON)] {
        columns.enumerated().map { index, name in (name, .array(rows.map { $0[index] })) }
    }

    var csv: String {
        ([columns.joined(separator: ",")] + rows.map { row in row.map(\.text).joined(separator: ",") })
            .joined(separator: "\n") + "\n"
    }
}

extension JSON {
    /// An object with one member replaced, or taken out.
    func replacing(_ name: String, with value: JSON?) -> JSON {
        .members(
            (memberList ?? []).compactMap { member in
                member.key == name ? value.map { (name, $0) } : (member.key, member.value)
            })
    }
}

/// Counts that many tasks keep together.
final class Tally: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func add(_ name: String, _ amount: Int) {
        counts.withLock { $0[name, default: 0] += amount }
    }

    subscript(name: String) -> Int { counts.withLock { $0[name, default: 0] } }
}
