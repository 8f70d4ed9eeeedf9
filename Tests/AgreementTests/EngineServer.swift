import Artifacts
import Blobs
import Database
import Events
import Registry
import Synchronization
import TestSupport
import Traces
import Tracking
import Trash
import Web
import Wire

/// What of Martlet keeps metadata, over a database of one engine, with a clock and a randomness that follow the script:
/// two of them answer alike to the last byte.
struct EngineServer {
    let routes: Routes
    let state: ScriptState
    private let home: TestDatabase
    private let folder: TemporaryFolder

    init(on engine: TestEngine) async throws {
        let state = ScriptState()
        let clock = WallClock { state.now }
        let entropy = Entropy { state.bits() }
        folder = try TemporaryFolder()
        home = try await TestDatabase(on: engine)
        let database = try home.open()
        try await database.migrate(
            EventSchema.migrations + TrackingSchema.migrations(now: clock.now) + TraceSchema.migrations
                + EvaluationDatasetSchema.migrations + RegistrySchema.migrations + TrashSchema.migrations)
        let events = EventLog(database: database, clock: clock)
        let artifacts = ArtifactStore(blobs: try BlobStore(folder: folder.path("artifacts"), entropy: entropy))
        let experiments = ExperimentStore(database: database, events: events, clock: clock, workingFolder: "/home/ann")
        let runs = RunStore(database: database, events: events, entropy: entropy)
        let loggedModels = LoggedModelStore(database: database, events: events, clock: clock, entropy: entropy)
        let models = RegisteredModelStore(database: database, events: events, clock: clock)
        let versions = ModelVersionStore(
            database: database, events: events, clock: clock, runs: runs, loggedModels: loggedModels)
        let trash = TrashStore(
            database: database, events: events, clock: clock, artifacts: artifacts,
            tracked: TrashStore.Tracked(
                experiments: experiments, runs: runs, loggedModels: loggedModels, models: models, versions: versions),
            witness: TrashWitness { _ in [] })
        var routes = Routes()
        AuditRoutes(log: events).routes(into: &routes)
        TrackingRoutes(
            experiments: experiments, runs: runs, metrics: MetricStore(database: database), models: loggedModels
        ).routes(into: &routes)
        TraceRoutes(
            store: TraceStore(database: database, events: events, clock: clock, entropy: entropy),
            experiments: experiments
        ).routes(into: &routes)
        EvaluationDatasetRoutes(
            store: EvaluationDatasetStore(database: database, events: events, clock: clock, entropy: entropy)
        ).routes(into: &routes)
        RegisteredModelRoutes(models: models, versions: versions).routes(into: &routes)
        ModelVersionRoutes(versions: versions, artifacts: artifacts).routes(into: &routes)
        TrashRoutes(store: trash).routes(into: &routes)
        self.routes = routes
        self.state = state
    }

    /// Serves the routes and hands the server over as one to be sent scripts.
    func serve<Value>(_ body: (Peer) async throws -> Value) async throws -> Value {
        let clock = WallClock { [state] in state.now }
        return try await LiveServer.run(routes, clock: clock) { server in try await body(Peer(server: server)) }
    }
}

/// The time and the randomness while a call of a script is answered.
final class ScriptState: Sendable {
    private let content = Mutex((numbers: SeededNumbers(seed: 0), now: Timestamp(milliseconds: 1_700_000_000_000)))

    var now: Timestamp { content.withLock(\.now) }

    func bits() -> UInt64 { content.withLock { $0.numbers.next() } }

    /// Calls come in pairs of the same moment, so that times of creation are equal now and then.
    func begin(_ number: Int) {
        content.withLock { content in
            content.numbers = SeededNumbers(seed: UInt64(number))
            content.now = Timestamp(milliseconds: 1_700_000_000_000 + Int64(number / 2) * 1000)
        }
    }
}
