import Database
import Events
import TestSupport
import Tracking
import Wire

/// A run in a database of its own, with the stores that pages and routes of its files ask.
struct TrackedRun {
    let database: Database
    let events: EventLog
    let runs: RunStore
    let models: LoggedModelStore
    let run: RunInfo

    private let home: TestDatabase

    init(tags: [Tracking.Tag] = []) async throws {
        home = try await TestDatabase()
        database = try home.open()
        try await database.migrate(EventSchema.migrations + TrackingSchema.migrations(now: Timestamp(milliseconds: 0)))
        events = EventLog(database: database, clock: .system)
        runs = RunStore(database: database, events: events, entropy: .system)
        models = LoggedModelStore(database: database, events: events, clock: .system, entropy: .system)
        run = try await runs.create(
            NewRun(experimentID: .first, startTime: Timestamp(milliseconds: 1), name: "boosted", tags: tags), by: "ann"
        ).info
    }
}
