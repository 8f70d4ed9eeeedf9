import Artifacts
import Blobs
import Database
import Events
import Incidents
import Jobs
import Manifests
import NIOCore
import Runtimes
import Synchronization
import TestSupport
import Tracking
import Wire

@testable import Monitoring
@testable import Predictions

/// A monitor over a real prediction log, real runs and real artifacts. Opened again on the same folder and
/// database it is the server after a restart.
struct MonitoringFixture {
    let folder: TemporaryFolder
    let home: TestDatabase
    let clock: SteppedClock
    let database: Database
    let events: EventLog
    let jobs: JobQueue
    let manifests: ManifestStore
    let templates: TemplateStore
    let runs: RunStore
    let artifacts: ArtifactStore
    let log: PredictionLog
    let alerts: AlertStore
    let store: MonitorStore
    let references: ReferenceStore
    let referenceSource: ReferenceSource
    let performance: PerformanceStore
    let windowStore: WindowStore
    let feed: WindowFeed
    let desk: ReferenceDesk
    /// The run behind each version of the model.
    let runIDs: RunIDs
    /// What answers at the endpoint; unknown until a test says it.
    let deployments = Deployments()
    private let isRepeatable: Bool

    /// - Parameter isRepeatable: ids of predictions depend on the clock alone, so that the same rows are sampled in another run.
    init(
        folder: TemporaryFolder? = nil, home: TestDatabase? = nil, clock: SteppedClock = SteppedClock(),
        runIDs: RunIDs = RunIDs(), predictions: String = "predictions", isRepeatable: Bool = false
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        self.clock = clock
        self.runIDs = runIDs
        self.isRepeatable = isRepeatable
        self.home = if let home { home } else { try await TestDatabase() }
        database = try self.home.open()
        try await database.migrate(
            EventSchema.migrations + JobSchema.migrations + ManifestSchema.migrations
                + TrackingSchema.migrations(now: Timestamp(milliseconds: 0)) + IncidentSchema.migrations
                + MonitorSchema.migrations + CostSchema.migrations)
        events = EventLog(database: database, clock: clock.clock)
        jobs = JobQueue(database: database, clock: clock.clock, entropy: .system)
        manifests = ManifestStore(database: database, events: events, clock: clock.clock, kinds: [Monitor.kind])
        runs = RunStore(database: database, events: events, entropy: .system)
        artifacts = ArtifactStore(blobs: try BlobStore(folder: folder.path("artifacts"), entropy: .system))
        alerts = AlertStore(database: database, events: events, jobs: jobs, clock: clock.clock, entropy: .system)
        let entropy = isRepeatable ? clock.entropy : .system
        let clock = clock.clock
        let opened = OpenedLater<PredictionLog>()
        let source = ReferenceSource(
            runs: runs, artifacts: artifacts, predictions: opened.value, tables: .installed
        ) { [manifests] endpoint in
            try await Monitor.all(in: manifests).filter { $0.endpoint == endpoint }.map(\.name)
        } runID: { _, version in
            try await runIDs.told(of: version)
        }
        references = ReferenceStore(database: database, source: source, clock: clock)
        windowStore = WindowStore(database: database)
        let desk = ReferenceDesk(references: references, windows: windowStore, clock: clock)
        self.desk = desk
        templates = TemplateStore(database: database, manifests: manifests)
        feed = WindowFeed(
            store: windowStore, clock: clock, logger: LiveServer.quiet, replanned: manifests.changed
        ) { [templates] in
            try await templates.monitors().map { WindowPlan($0) }
        } anchors: { [templates] plan, model, version in
            let monitor = try await templates.monitors().first { $0.name == plan.monitor }
            guard let monitor else { return .known(nil) }
            return try await desk.anchors(for: monitor, model: model, version: version)
        }
        store = MonitorStore(database: database, alerts: alerts, windows: windowStore)
        log = try await PredictionLog(
            folder: folder.path(predictions), clock: clock, entropy: entropy, observers: [feed.observer],
            logger: LiveServer.quiet)
        opened.set(log)
        referenceSource = source
        performance = PerformanceStore(database: database, alerts: alerts)
    }

    var watch: MonitorWatch {
        MonitorWatch(
            templates: templates, store: store, windows: windowStore, alerts: alerts, desk: desk,
            closed: feed.closed, log: log, versions: { [deployments] _ in deployments.now }, clock: clock.clock,
            logger: LiveServer.quiet)
    }

    var board: MonitorBoard {
        MonitorBoard(
            manifests: manifests, store: store, references: references, alerts: alerts, windows: windowStore, desk: desk
        )
    }

    /// The same server after it was killed.
    func restarted() async throws -> MonitoringFixture {
        try await MonitoringFixture(
            folder: folder, home: home, clock: clock, runIDs: runIDs, isRepeatable: isRepeatable)
    }

    /// Another server on the same database and artifacts, with predictions of its own.
    func another() async throws -> MonitoringFixture {
        try await MonitoringFixture(
            folder: folder, home: home, clock: clock, runIDs: runIDs, predictions: "predictions-of-another")
    }

    func apply(_ spec: String, name: String = "health") async throws {
        let yaml = "apiVersion: martlet/v1\nkind: Monitor\nmetadata: {name: \(name)}\nspec: \(spec)\n"
        _ = try await manifests.apply(yaml: yaml, by: "ann")
    }

    static let spec =
        "{endpoint: clinic, window: {rows: 50}, drift: {false_discovery_rate: 0.01, minimum_effect: 0.25, windows: 2}}"

    /// Trains a version: a run that logs its rows as an artifact and as its training dataset.
    @discardableResult
    func train(version: Int, on table: PatientTable, context: String = "training") async throws -> String {
        let run = try await runs.create(NewRun(experimentID: ExperimentID(0), startTime: clock.now), by: "ann")
        let uri = run.info.artifactURI + "/data/training.json"
        let bytes = ByteBuffer(string: table.splitJSON.text)
        try await artifacts.blobs.put(
            artifacts.key(ofURI: uri),
            AsyncThrowingStream { continuation in
                continuation.yield(bytes)
                continuation.finish()
            })
        let source: JSON = ["uri": .string(uri)]
        let dataset = Dataset(
            name: "patients", digest: "d\(version)-\(table.rows.count)", sourceType: "http", source: source.text)
        let input = DatasetInput(dataset: dataset, tags: [Tag(key: "mlflow.data.context", value: context)])
        try await runs.logInputs([input], models: [], to: run.info.id)
        runIDs.set(run.info.id, for: version)
        return run.info.id
    }

    /// Answers each row with a version of the model, one a second.
    func predict(
        _ table: PatientTable, version: Int = 1, endpoint: String = "clinic", policy: LogPolicy = .standard,
        output: (Int) -> JSON = { _ in 0.5 }
    ) async throws {
        try await predict(
            table.rows.map(\.inputs), version: version, endpoint: endpoint, policy: policy, output: output)
    }

    func predict(
        _ rows: [JSON], version: Int = 1, endpoint: String = "clinic", policy: LogPolicy = .standard,
        output: (Int) -> JSON = { _ in 0.5 }
    ) async throws {
        for (number, row) in rows.enumerated() {
            clock.advance(by: 1_000)
            _ = try await log.append(
                LoggedRequest(
                    endpoint: endpoint, variant: "main", model: "clinic", version: version, latencyUs: 100,
                    caller: "ann", input: .document(row), output: .json(output(number)), rowCount: 1), policy: policy)
        }
    }

    /// Lets the monitors see all there is.
    func observe() async {
        var courses: [String: MonitorCourse] = [:]
        await observe(&courses)
    }

    /// The same as one watch goes on.
    func observe(_ courses: inout [String: MonitorCourse]) async {
        await count()
        repeat {
            while await watch.pass(&courses) {}
        } while await desk.finishReferences()
        _ = await watch.pass(&courses)
    }

    var performanceWatch: PerformanceWatch {
        PerformanceWatch(
            manifests: manifests, store: performance, source: referenceSource, log: log, clock: clock.clock,
            logger: LiveServer.quiet)
    }

    /// Counts all predictions there are, by the references that can be made.
    func count() async {
        _ = try? await log.predictions(PredictionQuery())
        while let telling = await log.telling { await telling.value }
        await feed.beat()
        // References that came meanwhile are taken up by the next beat.
        _ = await desk.finishReferences()
        await feed.beat()
    }

    /// Looks at all labels there are.
    func lookAtLabels() async {
        let watch = performanceWatch
        while await watch.pass() {}
    }

    func windows() async throws -> [MonitorWindow] {
        try await store.windows(of: "health", limit: 1_000)
    }
}

/// Rows of four features and the target that training data has and requests have not.
struct PatientTable {
    struct Row {
        var radius: Double
        var texture: Double
        var smokes: Bool
        var ward: String
        var isIll: Int

        var inputs: JSON {
            ["radius": .double(radius), "texture": .double(texture), "smokes": .bool(smokes), "ward": .string(ward)]
        }
    }

    var rows: [Row]

    /// - Parameter scale: what a wrongly calibrated instrument does to the radius.
    init(_ count: Int, seed: UInt64, scale: Double = 1) {
        var numbers = SeededNumbers(seed: seed)
        rows = (0..<count).map { _ in
            Row(
                radius: scale * (14 + 3.5 * numbers.normal()), texture: 19 + 4.3 * numbers.normal(),
                smokes: numbers.uniform() < 0.3, ward: ["north", "south", "west"][Int(numbers.uniform() * 3)],
                isIll: numbers.uniform() < 0.37 ? 1 : 0)
        }
    }

    var splitJSON: JSON {
        [
            "columns": ["radius", "texture", "smokes", "ward", "target"],
            "data": .array(
                rows.map { row in
                    [
                        .double(row.radius), .double(row.texture), .bool(row.smokes), .string(row.ward),
                        .integer(Int64(row.isIll)),
                    ]
                }),
        ]
    }
}

/// What answers at an endpoint.
final class Deployments: Sendable {
    private let versions = Mutex(EndpointVersions.unknown)

    var now: EndpointVersions { versions.withLock { $0 } }

    /// Deploys these versions of `clinic` in `main`; what answered before is taken out.
    func set(_ answering: Int...) {
        let lanes = answering.map { TrafficSlice(variant: "main", model: "clinic", version: $0) }
        versions.withLock { former in
            former = EndpointVersions(answering: Set(lanes), former: former.answering.union(former.former))
        }
    }
}

/// A clock that stands still until it is moved.
final class SteppedClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_800_000_000_000)

    var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

    var clock: WallClock { WallClock { [self] in now } }

    /// The same numbers at the same time.
    var entropy: Entropy {
        Entropy { [self] in
            var numbers = SeededNumbers(seed: UInt64(now.milliseconds))
            return numbers.next()
        }
    }

    func advance(by amount: Int64) {
        milliseconds.withLock { $0 += amount }
    }
}
