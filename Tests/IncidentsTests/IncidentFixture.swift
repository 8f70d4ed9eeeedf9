import Database
import Events
import Jobs
import Manifests
import Synchronization
import TestSupport
import Web
import Wire

@testable import Incidents

/// Alerts and incidents over a database of one test's own.
struct IncidentFixture {
    let home: TestDatabase
    let database: Database
    let clock = SteppedClock()
    let events: EventLog
    let jobs: JobQueue
    let manifests: ManifestStore
    let alerts: AlertStore
    var incidents: IncidentStore { alerts.incidents }

    init() async throws {
        home = try await TestDatabase()
        database = try home.open()
        try await database.migrate(
            EventSchema.migrations + JobSchema.migrations + ManifestSchema.migrations + IncidentSchema.migrations)
        events = EventLog(database: database, clock: clock.clock)
        jobs = JobQueue(database: database, clock: clock.clock, entropy: .system)
        let endpoint = ManifestKind(name: "Endpoint", plural: "endpoints") { _ in }
        manifests = ManifestStore(
            database: database, events: events, clock: clock.clock,
            kinds: [Channel.kind, endpoint, ManifestKind(name: "Monitor", plural: "monitors") { _ in }])
        alerts = AlertStore(database: database, events: events, jobs: jobs, clock: clock.clock, entropy: .system)
    }

    static func finding(
        _ subject: String, family: Finding.Family = .drift, in slice: TrafficSlice = .whole
    ) -> Finding {
        Finding(
            family, "drift", of: subject, in: slice, verdict: .bad, value: 0.4, expected: 0, limit: 0.2,
            measure: "share",
            adjustedPValue: 1e-6, rows: 50, referenceRows: 400, words: "\(subject) lies 0.4 from its reference.")
    }

    static func source(
        monitor: String = "health", endpoint: String = "clinic", version: Int = 2, _ rule: AlertRule = AlertRule()
    ) -> AlertSource {
        AlertSource(
            monitor: monitor, endpoint: endpoint, model: "clinic", version: version, rule: rule,
            persistence: AlertState.Persistence(windows: 1))
    }

    /// Opens an alert whose first bad window began a minute ago.
    func open(
        _ subjects: [String] = ["age"], family: Finding.Family = .drift,
        from source: AlertSource = IncidentFixture.source()
    ) async throws {
        let findings = subjects.map { Self.finding($0, family: family) }
        try await apply(
            .opens(
                AlertState.Topic(family), lasting: findings, since: clock.now + .seconds(-60), windows: 1), source)
    }

    func close(_ family: Finding.Family = .drift, from source: AlertSource = IncidentFixture.source()) async throws {
        try await apply(.closes(AlertState.Topic(family)), source)
    }

    func apply(_ step: AlertState.Step, _ source: AlertSource = IncidentFixture.source()) async throws {
        try await database.write { try alerts.apply([step], from: source, in: $0) }
    }

    func newest() async throws -> Incident? { try await incidents.incidents(limit: 1).first }

    func kinds(of incident: Incident) async throws -> [String] {
        try await events.events(after: 0, subject: Incident.subject(incident.id), limit: 50).map(\.kind)
    }

    /// Records that something changed, as another slice would.
    func happen(_ kind: String, of subject: String, _ data: JSON = [:], by actor: String = "ann") async throws {
        try await database.write { transaction in
            _ = try events.append(Change(by: actor, kind, of: subject, data), in: transaction)
        }
    }
}

/// A clock that stands still until it is moved.
final class SteppedClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_800_000_000_000)

    var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

    var clock: WallClock { WallClock { [self] in now } }

    func set(_ clock: WallClock) {
        milliseconds.withLock { $0 = clock.now.milliseconds }
    }

    func advance(minutes: Int64) {
        milliseconds.withLock { $0 += minutes * 60_000 }
    }
}
