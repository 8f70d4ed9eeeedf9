import Database
import Events
import Synchronization
import TestSupport
import Tracking
import Web
import Wire

/// The stores of tracking on a database of one test's own, with a clock that moves a second at each look.
struct TrackingFixture {
    let home: TestDatabase
    let database: Database
    let events: EventLog
    let experiments: ExperimentStore
    let runs: RunStore
    let metrics: MetricStore
    let models: LoggedModelStore

    static let start = Timestamp(milliseconds: 1_700_000_000_000)

    init() async throws {
        home = try await TestDatabase()
        database = try home.open()
        try await database.migrate(EventSchema.migrations + TrackingSchema.migrations(now: Self.start))
        let ticks = Ticks()
        let clock = WallClock { Timestamp(milliseconds: Self.start.milliseconds + ticks.next() * 1000) }
        events = EventLog(database: database, clock: clock)
        experiments = ExperimentStore(database: database, events: events, clock: clock, workingFolder: "/home/ann")
        runs = RunStore(database: database, events: events, entropy: .system)
        metrics = MetricStore(database: database)
        models = LoggedModelStore(database: database, events: events, clock: clock, entropy: .system)
    }

    var routes: Routes {
        var routes = Routes()
        TrackingRoutes(experiments: experiments, runs: runs, metrics: metrics, models: models).routes(into: &routes)
        return routes
    }

    /// A server of these routes over a database of its own.
    static func serve(_ body: (TrackingFixture, LiveServer) async throws -> Void) async throws {
        let fixture = try await TrackingFixture()
        try await LiveServer.run(fixture.routes) { server in try await body(fixture, server) }
    }

    /// A run in the experiment `Default`.
    func run(
        _ name: String, startMs: Int64 = 0, in experiment: ExperimentID = .first, tags: [Tag] = []
    ) async throws -> String {
        let new = try NewRun(
            experimentID: experiment, userID: "ann", startTime: Timestamp(milliseconds: startMs), name: name, tags: tags
        )
        return try await runs.create(new, by: "ann").info.id
    }

    /// The kinds of all events so far.
    func eventKinds() async throws -> [String] {
        try await events.events(after: 0, limit: 1000).map(\.kind)
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

extension Metric {
    /// A point whose timestamp is its step.
    static func at(_ step: Int64, _ value: Double, key: String = "m", model: String? = nil) -> Metric {
        Metric(key: key, value: value, timestamp: Timestamp(milliseconds: step), step: step, modelID: model)
    }
}
