import Artifacts
import Blobs
import Database
import Events
import Jobs
import Manifests
import NIOCore
import Predictions
import Runtimes
import Synchronization
import TestSupport
import Tracking
import Wire

@testable import Monitoring

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
    let runs: RunStore
    let artifacts: ArtifactStore
    let log: PredictionLog
    let alerts: AlertStore
    let store: MonitorStore
    let references: ReferenceStore
    /// The run behind each version of the model.
    let runIDs: RunIDs

    init(
        folder: TemporaryFolder? = nil, home: TestDatabase? = nil, clock: SteppedClock = SteppedClock(),
        runIDs: RunIDs = RunIDs()
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        self.clock = clock
        self.runIDs = runIDs
        self.home = if let home { home } else { try await TestDatabase() }
        database = try self.home.open()
        try await database.migrate(
            EventSchema.migrations + JobSchema.migrations + ManifestSchema.migrations
                + TrackingSchema.migrations(now: Timestamp(milliseconds: 0)) + MonitorSchema.migrations)
        events = EventLog(database: database, clock: clock.clock)
        jobs = JobQueue(database: database, clock: clock.clock, entropy: .system)
        manifests = ManifestStore(database: database, events: events, clock: clock.clock, kinds: [Monitor.kind])
        runs = RunStore(database: database, events: events, entropy: .system)
        artifacts = ArtifactStore(blobs: try BlobStore(folder: folder.path("artifacts"), entropy: .system))
        log = try await PredictionLog(
            folder: folder.path("predictions"), clock: clock.clock, entropy: .system, logger: LiveServer.quiet)
        alerts = AlertStore(database: database, events: events, jobs: jobs, clock: clock.clock, entropy: .system)
        store = MonitorStore(database: database, alerts: alerts)
        let source = ReferenceSource(runs: runs, artifacts: artifacts) { _, version in runIDs.id(of: version) }
        references = ReferenceStore(database: database, source: source, clock: clock.clock)
    }

    var watch: MonitorWatch {
        MonitorWatch(
            manifests: manifests, store: store, references: references, log: log, clock: clock.clock,
            logger: LiveServer.quiet)
    }

    var board: MonitorBoard {
        MonitorBoard(manifests: manifests, store: store, references: references, alerts: alerts)
    }

    /// The same server after it was killed.
    func restarted() async throws -> MonitoringFixture {
        try await MonitoringFixture(folder: folder, home: home, clock: clock, runIDs: runIDs)
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
    func predict(_ table: PatientTable, version: Int = 1, endpoint: String = "clinic") async throws {
        for row in table.rows {
            clock.advance(by: 1_000)
            _ = try await log.append(
                LoggedRequest(
                    endpoint: endpoint, variant: "main", model: "clinic", version: version, latencyUs: 100,
                    caller: "ann", input: .document(row.inputs), output: .json(0.5), rowCount: 1))
        }
    }

    /// Lets the monitors see all there is.
    func observe() async {
        var courses: [String: MonitorCourse] = [:]
        while await watch.pass(&courses) {}
        _ = await watch.pass(&courses)
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

/// Which run made which version.
final class RunIDs: Sendable {
    private let ids = Mutex<[Int: String]>([:])

    func id(of version: Int) -> String? { ids.withLock { $0[version] } }

    func set(_ id: String, for version: Int) {
        ids.withLock { $0[version] = id }
    }
}

/// A clock that stands still until it is moved.
final class SteppedClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_800_000_000_000)

    var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

    var clock: WallClock { WallClock { [self] in now } }

    func advance(by amount: Int64) {
        milliseconds.withLock { $0 += amount }
    }
}
