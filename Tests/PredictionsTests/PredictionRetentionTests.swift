import Database
import Events
import Foundation
import Runtimes
import TestSupport
import Testing
import Wire

@testable import Predictions

/// Six days of predictions of two endpoints; today is the seventh.
@Suite(.everyEngine) struct PredictionRetentionTests {
    private static let first = Timestamp(milliseconds: 1_800_000_000_000)
    private static let dayMs: Int64 = 86_400_000
    private let folder: TemporaryFolder
    private let home: TestDatabase
    private let database: Database
    private let events: EventLog
    private let log: PredictionLog

    init() async throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        home = try await TestDatabase()
        database = try home.open()
        try await database.migrate(EventSchema.migrations + RetentionSchema.migrations)
        events = EventLog(database: database, clock: .system)
        for day in 0..<6 {
            let log = try await Self.open(folder, day: day)
            for endpoint in ["clinic", "ward"] {
                let id = try await log.append(Self.request(endpoint))
                _ = try await log.append(Self.request(endpoint), policy: LogPolicy(samplePercent: 0))
                try await log.label([PredictionLabel(id: id, value: 1, time: id.time)])
                try await log.add(
                    PredictionFeedback(id: id, value: 5, caller: "ada", time: id.time), endpoint: endpoint)
            }
        }
        log = try await Self.open(folder, day: 6)
    }

    private static func open(_ folder: TemporaryFolder, day: Int) async throws -> PredictionLog {
        let moment = moment(day: day)
        return try await PredictionLog(
            folder: folder.path("predictions"), clock: WallClock { moment }, entropy: .system, logger: LiveServer.quiet)
    }

    private static func moment(day: Int) -> Timestamp {
        Timestamp(milliseconds: first.milliseconds + Int64(day) * dayMs)
    }

    private static func request(_ endpoint: String) -> LoggedRequest {
        LoggedRequest(
            endpoint: endpoint, variant: "main", model: "m", version: 1, latencyUs: 1, caller: "ada",
            input: .document([:]), output: .json(1), rowCount: 1)
    }

    private func retention(_ policies: [String: LogPolicy]) -> PredictionRetention {
        PredictionRetention(
            log: log, store: RetentionStore(database: database, events: events),
            clock: WallClock { Self.moment(day: 6) }, logger: LiveServer.quiet, policies: { policies })
    }

    /// The days, counted from the first, of which predictions of an endpoint are left.
    private func days(of endpoint: String) async throws -> [Int] {
        try await log.predictions(PredictionQuery(endpoint: endpoint)).map {
            Int(($0.time.milliseconds - Self.first.milliseconds) / Self.dayMs)
        }
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path("predictions")).sorted()
            .filter { $0.hasSuffix(".sqlite") }
    }

    @Test func forgetsWhatIsOldOfEachEndpoint() async throws {
        try await retention(["clinic": LogPolicy(retentionDays: 2)]).pass()
        // The third day ended two days before today began.
        #expect(try await days(of: "clinic") == [4, 5])
        #expect(try await days(of: "ward") == [0, 1, 2, 3, 4, 5])
        #expect(try files().count == 6)
        let first = PredictionDay(containing: Self.first)
        #expect(
            try await log.partitions.ifPresent(first) { try await $0.counts(of: ["clinic", "ward"]) } == ["ward": 2])
        let left = try await log.partitions.ifPresent(first) { store in
            try await store.database.read { reader in
                [
                    try reader.value("SELECT COUNT(*) FROM labels", as: Int.self) ?? -1,
                    try reader.value("SELECT COUNT(*) FROM feedback", as: Int.self) ?? -1,
                ]
            }
        }
        #expect(left == [1, 1])
    }

    @Test func deletesTheFilesOfDaysThatAllEndpointsForget() async throws {
        let (before, whole) = (try await log.usage(), try files())
        try await retention(["clinic": LogPolicy(retentionDays: 1), "ward": LogPolicy(retentionDays: 3)]).pass()
        #expect(try files() == Array(whole.suffix(3)))
        let after = try await log.usage()
        #expect(after.days.count == 3)
        #expect(after.sizeBytes < before.sizeBytes)
        #expect(try await days(of: "clinic") == [5])
        #expect(try await days(of: "ward") == [3, 4, 5])
    }

    @Test func tellsOfItInTheAuditLog() async throws {
        let retention = retention(["clinic": LogPolicy(retentionDays: 4)])
        try await retention.pass()
        let told = try await events.events(after: 0, limit: 10)
        #expect(told.map(\.kind) == ["predictions.forgotten", "predictions.forgotten"])
        #expect(told.map(\.subject) == ["endpoints/clinic", "endpoints/clinic"])
        #expect(
            told.first?.data == ["day": .string(PredictionDay(containing: Self.first).name), "count": 2])
        // There is nothing to tell the second time.
        try await retention.pass()
        #expect(try await events.events(after: 0, limit: 10).count == 2)
    }

    @Test func keepsItsWordBeyondTheEndpoint() async throws {
        try await RetentionStore(database: database, events: events).remember(["ward": 2])
        try await retention(["clinic": LogPolicy()]).pass()
        #expect(try await days(of: "ward") == [4, 5])
        #expect(try await days(of: "clinic").count == 6)
        // An endpoint that is there again says it anew.
        try await RetentionStore(database: database, events: events).remember(["ward": nil])
        #expect(try await RetentionStore(database: database, events: events).retentionDays() == [:])
    }

    @Test func readsNothingOfEndpointsThatKeepTheirs() async throws {
        try await log.partitions.with(PredictionDay(containing: Self.first)) { store in
            let steps = try await store.database.read { reader in
                try reader.rows("EXPLAIN QUERY PLAN \(PredictionStore.counting(["clinic"]))").map {
                    try $0.get(3, as: String.self)
                }
            }
            #expect(steps.contains { $0.contains("sampled_out_by_endpoint (endpoint=?)") }, "\(steps)")
            #expect(!steps.contains { $0.hasPrefix("SCAN") }, "\(steps)")
        }
    }

    @Test func leavesADayThatIsBeingReadAFile() async throws {
        let day = PredictionDay(containing: Self.first)
        let retention = retention(["clinic": LogPolicy(retentionDays: 5), "ward": LogPolicy(retentionDays: 5)])
        try await log.partitions.ifPresent(day) { store in
            try await retention.pass()
            #expect(try await store.predictions(PredictionQuery()).isEmpty)
        }
        #expect(try files().count == 6)
        try await retention.pass()
        #expect(try files().count == 5)
    }
}
