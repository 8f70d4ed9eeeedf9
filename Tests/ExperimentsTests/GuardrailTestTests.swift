import Experiments
import TestSupport
import Testing
import Wire

@Suite struct GuardrailTestTests {
    static let guardrails = [
        Guardrail(.latency(quantile: 0.99), .max(SimulatedModel().p99)),
        Guardrail(.latency(quantile: 0.95), .maxIncrease(0)), errors, Guardrail(.reward("conversion"), .maxDecrease(0)),
    ]
    static let errors = Guardrail(.errorRate, .maxIncrease(0))

    @Test func evidenceSurvivesARestart() throws {
        for guardrail in Self.guardrails {
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
            var server = GuardrailTest(Self.errors, level: 0.05, share: 0.5)
            Self.fill(&server, 1500, candidate: SimulatedModel(errorRate: 0.06), using: &numbers)
            alone.append(server.logEvidence)
            shared.merge(server)
        }
        #expect(shared.control.count + shared.candidate.count == 3000)
        #expect(alone.allSatisfy { $0 < shared.logEvidence })
        #expect(shared.verdict == .violated)
    }

    /// A server that hands its counts over every few requests knows as much as one that counts them all: what waits for
    /// its match goes on waiting.
    @Test func handingOverLosesNothing() {
        for guardrail in [Self.errors, Guardrail(.latency(quantile: 0.99), .max(20))] {
            var numbers = SeededNumbers(seed: 4)
            var again = SeededNumbers(seed: 4)
            var whole = GuardrailTest(guardrail, level: 0.05, share: 0.05)
            var kept = whole
            var server = whole
            for _ in 0..<100 {
                Self.fill(&whole, 30, using: &numbers)
                Self.fill(&server, 30, using: &again)
                kept = GuardrailTest.merge([server.take()], into: [kept])[0]
                #expect(server.isEmpty)
                server.learn(from: kept)
            }
            #expect(kept.candidate.count == whole.candidate.count)
            #expect(kept.control == whole.control)
            #expect(whole.logEvidence != 0)
            #expect(abs(kept.logEvidence - whole.logEvidence) < 1e-9)
        }
    }

    @Test func whatWaitsForItsMatchSurvivesARestart() throws {
        let guardrail = Guardrail(.reward("conversion"), .maxDecrease(0))
        var numbers = SeededNumbers(seed: 5)
        var again = SeededNumbers(seed: 5)
        var whole = GuardrailTest(guardrail, level: 0.05, share: 0.25)
        var restarted = whole
        for _ in 0..<300 {
            Self.fill(&whole, 1, using: &numbers)
            restarted = try GuardrailTest(json: JSON.parse(restarted.json.text))
            Self.fill(&restarted, 1, using: &again)
        }
        #expect(whole.logEvidence != 0)
        #expect(restarted == whole)
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
            let outcome = RequestOutcome(
                latencyMs: model.latencyMs(using: &numbers), isError: model.fails(using: &numbers))
            test.add(outcome, to: arm)
            test.add(reward: model.reward(using: &numbers), named: "conversion", to: arm)
        }
    }
}
