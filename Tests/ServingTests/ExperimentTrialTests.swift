import Database
import Events
import Experiments
import TestSupport
import Testing
import Wire

@testable import Serving

@Suite(.everyEngine) struct ExperimentTrialTests {
    private static let experiment = OnlineExperiment(
        ExperimentID(.experiment, endpoint: "clinic", salt: "s1"), arms: ["champion", "challenger"],
        spec: ExperimentSpec(
            metric: .init(name: "cured", kind: .binary),
            guardrails: [Guardrail(.errorRate, .maxIncrease(0)), Guardrail(.latency(quantile: 0.5), .max(50))]))

    /// The database is away for a while: what was counted meanwhile counts when it is back.
    @Test func whatCannotBeHandedOverCountsTheNextTime() async throws {
        let home = try await TestDatabase()
        let database = try home.open()
        try await database.migrate(EventSchema.migrations + ExperimentSchema.migrations)
        let clock = WallClock.system
        let guardrails = GuardrailStore(database: database)
        let watch = ExperimentWatch(
            exposures: ExposureStore(
                database: database, events: EventLog(database: database, clock: clock), clock: clock),
            rewards: RewardStore(database: database), guardrails: guardrails,
            bandits: BanditStore(database: database))
        let shares = try Shares([("champion", 5000), ("challenger", 5000)])
        let trial = try #require(ExperimentTrial(Self.experiment, shares: shares))
        func count() {
            for index in 0..<120 {
                let variant = index.isMultiple(of: 2) ? "champion" : "challenger"
                trial.add(RequestOutcome(latencyMs: 10, isError: index.isMultiple(of: 6)), of: variant)
            }
        }
        count()
        try await database.write { try $0.execute("ALTER TABLE guardrail_tests RENAME TO away") }
        await #expect(throws: DatabaseError.self) { try await watch.handOver(trial) }
        count()
        try await database.write { try $0.execute("ALTER TABLE away RENAME TO guardrail_tests") }
        try await watch.handOver(trial)
        let kept = try #require(try await guardrails.tests(of: Self.experiment.id)["challenger"])
        #expect(kept.map(\.candidate.count) == [120, 120])
        #expect(kept.map(\.control.count) == [120, 120])
        #expect(kept[0].control.sum == 40)
        try await watch.handOver(trial)
        #expect(try await guardrails.tests(of: Self.experiment.id)["challenger"] == kept)
    }
}
