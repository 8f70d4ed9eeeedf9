import Database
import Events
import Jobs
import Registry
import TestSupport
import Tracking
import Web
import Wire

@testable import Webhooks

/// The stores that webhooks need, on a database of one test's own.
struct WebhookFixture {
    let home: TestDatabase
    let database: Database
    let clock = WallClock { Timestamp(milliseconds: 1_700_000_000_000) }
    let events: EventLog
    let models: RegisteredModelStore
    let versions: ModelVersionStore
    let webhooks: WebhookStore

    init() async throws {
        home = try await TestDatabase()
        database = try home.open()
        try await database.migrate(
            EventSchema.migrations + JobSchema.migrations + TrackingSchema.migrations(now: clock.now)
                + RegistrySchema.migrations + WebhookSchema.migrations)
        events = EventLog(database: database, clock: clock)
        models = RegisteredModelStore(database: database, events: events, clock: clock)
        versions = ModelVersionStore(
            database: database, events: events, clock: clock,
            runs: RunStore(database: database, events: events, entropy: .system),
            loggedModels: LoggedModelStore(database: database, events: events, clock: clock, entropy: .system))
        webhooks = WebhookStore(
            database: database, events: events,
            jobs: JobQueue(database: database, clock: clock, entropy: .system),
            vault: WebhookVault(passphrase: "key"), clock: clock, entropy: .system)
    }

    static func serve(
        allowsPrivate: Bool = true, _ body: (WebhookFixture, LiveServer) async throws -> Void
    ) async throws {
        let fixture = try await WebhookFixture()
        let sender = WebhookSender(store: fixture.webhooks, clock: fixture.clock, allowsPrivate: allowsPrivate)
        var routes = Routes()
        WebhookRoutes(store: fixture.webhooks, sender: sender, entropy: .system).routes(into: &routes)
        try await LiveServer.run(routes) { server in try await body(fixture, server) }
    }
}
