import Database
import Experiments
import TestSupport
import Testing
import Wire

@Suite(.everyEngine) struct GuardrailStoreTests {
    let home: TestDatabase
    let store: GuardrailStore
    static let id = ExperimentID(.rollout, endpoint: "churn", salt: "3")
    static let guardrails = [Guardrail(.errorRate, .maxIncrease(0)), Guardrail(.latency(quantile: 0.99), .max(50))]

    init() async throws {
        home = try await TestDatabase()
        let database = try home.open()
        try await database.migrate(ExperimentSchema.migrations)
        store = GuardrailStore(database: database)
    }

    @Test func whatServersCountIsAddedUpAndKept() async throws {
        var numbers = SeededNumbers(seed: 1)
        var counted = GuardrailTest.tests(of: Self.guardrails, alpha: 0.05, share: 0.25)
        var merged: [GuardrailTest] = []
        for _ in 0..<3 {
            for index in counted.indices { GuardrailTestTests.fill(&counted[index], 400, using: &numbers) }
            merged = try await store.merge(counted, of: "challenger", in: Self.id)
            counted = merged.map(\.counting)
        }
        #expect(merged[0].control.count + merged[0].candidate.count == 1200)
        let kept = try #require(try await store.tests(of: Self.id)["challenger"])
        #expect(kept.map(\.logEvidence) == merged.map(\.logEvidence))
        #expect(kept.map(\.guardrail) == Self.guardrails)
    }

    @Test func otherGuardrailsStartAnewAndFewerForgetTheRest() async throws {
        var counted = GuardrailTest.tests(of: Self.guardrails, alpha: 0.05, share: 0.5)
        for _ in 0..<10 { counted[0].add(RequestOutcome(latencyMs: 1, isError: true), to: .candidate) }
        _ = try await store.merge(counted, of: "challenger", in: Self.id)
        let changed = GuardrailTest.tests(of: [Guardrail(.errorRate, .max(0.1))], alpha: 0.05, share: 0.5)
        let merged = try await store.merge(changed, of: "challenger", in: Self.id)
        #expect(merged[0].candidate.count == 0)
        #expect(try await store.tests(of: Self.id)["challenger"]?.count == 1)
    }
}
