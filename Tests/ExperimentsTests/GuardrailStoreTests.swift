import Database
import Experiments
import TestSupport
import Testing
import Wire

@Suite(.everyEngine) struct GuardrailStoreTests {
    let home: TestDatabase
    let store: GuardrailStore
    static let id = ExperimentID.rollout(3, of: "churn")
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
            counted = GuardrailTest.tests(of: Self.guardrails, alpha: 0.05, share: 0.25)
        }
        #expect(merged[0].control.count + merged[0].candidate.count == 1200)
        let kept = try #require(try await store.tests(of: Self.id)["challenger"])
        #expect(kept.map(\.logEvidence) == merged.map(\.logEvidence))
        #expect(kept.map(\.guardrail) == Self.guardrails)
    }

    /// Whoever tightens a plan loses nothing of what is known.
    @Test func aGuardrailKeepsItsEvidenceWhenOthersJoin() async throws {
        var counted = GuardrailTest.tests(of: [Self.guardrails[1]], alpha: 0.05, share: 0.5)
        for _ in 0..<10 { counted[0].add(RequestOutcome(latencyMs: 60, isError: false), to: .candidate) }
        let before = try await store.merge(counted, of: "challenger", in: Self.id)[0]
        let both = GuardrailTest.tests(of: Self.guardrails, alpha: 0.05, share: 0.5)
        let after = try await store.merge(both, of: "challenger", in: Self.id)
        #expect(after.map(\.candidate.count) == [0, 10])
        #expect(after[1].logEvidence == before.logEvidence)
        #expect(after.map(\.level) == [0.025, 0.025])
    }

    @Test func rewardsOfARolloutAreCountedOnceWhicheverServerLooks() async throws {
        let guardrail = Guardrail(.reward("cured"), .maxDecrease(0))
        let nothing = GuardrailTest.tests(of: [guardrail], alpha: 0.05, share: 0.5)
        let rewards = RewardStore(database: try home.open())
        func reward(_ id: Int, _ metric: String = "cured") -> Reward {
            Reward(
                experiment: Self.id.text, metric: metric, id: "p-\(id)", unit: "\(id)",
                variant: id.isMultiple(of: 2) ? "candidate" : "control", value: id.isMultiple(of: 2) ? 0 : 1,
                time: Timestamp(milliseconds: 0))
        }
        let other = GuardrailStore(database: try home.open())
        var merged: [GuardrailTest] = []
        for start in stride(from: 0, to: 60, by: 6) {
            try await rewards.add((start..<start + 6).map { reward($0) } + [reward(start, "paid")])
            // One that is sent again does not count again.
            try await rewards.add([reward(start)])
            for server in [store, other] { merged = try await server.merge(nothing, of: "candidate", in: Self.id) }
        }
        #expect(merged[0].candidate == GuardrailTest.Tally(count: 30, sum: 0))
        #expect(merged[0].control == GuardrailTest.Tally(count: 30, sum: 30))
        #expect(merged[0].verdict == .violated)
        // A guardrail that joins later counts what came before.
        let tests = GuardrailTest.tests(
            of: [guardrail, Guardrail(.reward("paid"), .maxDecrease(0))], alpha: 0.05, share: 0.5)
        merged = try await store.merge(tests, of: "candidate", in: Self.id)
        #expect(merged.map(\.candidate.count) == [30, 10])
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
