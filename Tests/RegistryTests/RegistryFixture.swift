import Artifacts
import Blobs
import Database
import Events
import Registry
import Synchronization
import TestSupport
import Tracking
import Web
import Wire

/// The stores of the registry and of what it registers, on a database of one test's own, with a clock that moves a
/// second at each look.
struct RegistryFixture {
    let folder: TemporaryFolder
    let home: TestDatabase
    let events: EventLog
    let experiments: ExperimentStore
    let runs: RunStore
    let loggedModels: LoggedModelStore
    let models: RegisteredModelStore
    let versions: ModelVersionStore
    let artifacts: ArtifactStore

    init() async throws {
        folder = try TemporaryFolder()
        home = try await TestDatabase()
        let database = try home.open()
        let start = Timestamp(milliseconds: 1_700_000_000_000)
        try await database.migrate(
            EventSchema.migrations + TrackingSchema.migrations(now: start) + RegistrySchema.migrations)
        let ticks = Ticks()
        let clock = WallClock { Timestamp(milliseconds: start.milliseconds + ticks.next() * 1000) }
        events = EventLog(database: database, clock: clock)
        experiments = ExperimentStore(database: database, events: events, clock: clock, workingFolder: folder.path)
        runs = RunStore(database: database, events: events, entropy: .system)
        loggedModels = LoggedModelStore(database: database, events: events, clock: clock, entropy: .system)
        artifacts = ArtifactStore(blobs: try BlobStore(folder: folder.path("artifacts"), entropy: .system))
        models = RegisteredModelStore(database: database, events: events, clock: clock)
        versions = ModelVersionStore(
            database: database, events: events, clock: clock, runs: runs, loggedModels: loggedModels)
    }

    var routes: Routes {
        var routes = Routes()
        RegisteredModelRoutes(models: models, versions: versions).routes(into: &routes)
        ModelVersionRoutes(versions: versions, artifacts: artifacts).routes(into: &routes)
        return routes
    }

    /// A server of these routes over a database of its own.
    static func serve(_ body: (RegistryFixture, LiveServer) async throws -> Void) async throws {
        let fixture = try await RegistryFixture()
        try await LiveServer.run(fixture.routes) { server in try await body(fixture, server) }
    }

    /// A run of the experiment `Default`.
    func run(in experiment: ExperimentID = .first) async throws -> RunInfo {
        let new = try NewRun(experimentID: experiment, startTime: Timestamp(milliseconds: 0))
        return try await runs.create(new, by: "ann").info
    }

    /// A logged model of a run.
    func loggedModel(of run: String = "") async throws -> LoggedModel {
        let new = try NewLoggedModel(experimentID: .first, name: "model", sourceRunID: run)
        return try await loggedModels.create(new, by: "ann")
    }

    /// A registered model with so many versions, each from a bucket elsewhere.
    func register(_ name: String, versions count: Int = 1) async throws {
        _ = try await models.create(name: name, by: "ann")
        for number in 0..<count {
            let new = NewModelVersion(name: name, source: "s3://bucket/\(name)/\(number + 1)")
            _ = try await versions.create(new, by: "ann")
        }
    }

    /// The kinds and subjects of what happened to registered models, such as `alias.moved models/churn`.
    func history() async throws -> [String] {
        try await events.events(after: 0, limit: 1000).filter { $0.subject.hasPrefix("models/") }
            .map { "\($0.kind) \($0.subject)" }
    }
}

/// Counts up.
private final class Ticks: Sendable {
    private let count = Mutex<Int64>(0)

    func next() -> Int64 {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
