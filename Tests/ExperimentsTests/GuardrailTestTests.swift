import Experiments
import TestSupport
import Testing
import Wire

@Suite struct GuardrailTestTests {
    static let errors = Guardrail(.errorRate, .maxIncrease(0))

    @Test func evidenceSurvivesARestart() throws {
        for guardrail in GuardrailSimulationTests.guardrails {
            var numbers = SeededNumbers(seed: 1)
            var test = GuardrailTest(guardrail, level: 0.05, share: 0.25)
            Self.fill(&test, 3000, using: &numbers)
            let restored = try GuardrailTest(json: JSON.parse(test.json.text))
            #expect(restored.logEvidence == test.logEvidence)
            #expect(restored.control == test.control)
            #expect(restored.candidate == test.candidate)
            #expect(restored.frozenMs == test.frozenMs)
            #expect(restored.json == test.json)
        }
    }

    /// Both servers see some of the same traffic, so that together they know more than each.
    @Test func serversAddUpWhatTheyCount() {
        var numbers = SeededNumbers(seed: 2)
        var shared = GuardrailTest(Self.errors, level: 0.05, share: 0.5)
        var alone: [Double] = []
        for _ in 0..<2 {
            var server = shared.counting
            Self.fill(&server, 1500, candidate: SimulatedModel(errorRate: 0.06), using: &numbers)
            alone.append(server.logEvidence)
            shared.merge(server)
        }
        #expect(shared.control.count + shared.candidate.count == 3000)
        #expect(alone.allSatisfy { $0 < shared.logEvidence })
        #expect(shared.verdict == .violated)
        #expect(shared.counting.candidate.count == 0)
    }

    @Test func aStepKeepsTheEvidenceOfTheStepsBefore() {
        var numbers = SeededNumbers(seed: 3)
        var test = GuardrailTest(Self.errors, level: 0.05, share: 0.05)
        Self.fill(&test, 3000, candidate: SimulatedModel(errorRate: 0.2), using: &numbers)
        let evidence = test.logEvidence
        test.startStep(share: 0.5)
        #expect(test.logEvidence == evidence)
        #expect(evidence > 0)
        #expect(test.share == 0.5)
    }

    @Test func controlsLatencyIsFrozenOnceItIsKnown() throws {
        var test = GuardrailTest(Guardrail(.latency(quantile: 0.5), .maxIncrease(5)), level: 0.05, share: 0.5)
        for _ in 0..<20 { test.add(RequestOutcome(latencyMs: 10, isError: false), to: .control) }
        let frozen = try #require(test.frozenMs)
        #expect((10...10.9).contains(frozen))
        for _ in 0..<100 {
            test.add(RequestOutcome(latencyMs: 10, isError: false), to: .control)
            test.add(RequestOutcome(latencyMs: 15, isError: false), to: .candidate)
        }
        #expect(test.verdict == .undecided)
        for _ in 0..<100 {
            test.add(RequestOutcome(latencyMs: 10, isError: false), to: .control)
            test.add(RequestOutcome(latencyMs: 17, isError: false), to: .candidate)
        }
        #expect(test.verdict == .violated)
    }

    @Test func aRewardOfAnotherNameIsNotCounted() {
        var test = GuardrailTest(Guardrail(.reward("conversion"), .maxDecrease(0.02)), level: 0.05, share: 0.5)
        test.add(reward: 1, named: "revenue", to: .control)
        test.add(RequestOutcome(latencyMs: 10, isError: true), to: .control)
        #expect(test.control.count == 0)
        test.add(reward: 7, named: "conversion", to: .control)
        #expect(test.control.mean == 1)
    }

    static func fill(
        _ test: inout GuardrailTest, _ requests: Int, candidate: SimulatedModel = SimulatedModel(),
        using numbers: inout SeededNumbers
    ) {
        for _ in 0..<requests {
            let arm: GuardrailTest.Arm = numbers.uniform() < test.share ? .candidate : .control
            let model = arm == .candidate ? candidate : SimulatedModel()
            test.add(model.outcome(using: &numbers), to: arm)
            test.add(reward: numbers.uniform() < model.conversion ? 1 : 0, named: "conversion", to: arm)
        }
    }
}
