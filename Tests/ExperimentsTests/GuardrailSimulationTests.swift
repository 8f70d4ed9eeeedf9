import Experiments
import Testing

/// The models are alike and every guardrail stands exactly where they are, which is where false alarms are likeliest.
@Suite struct GuardrailSimulationTests {
    static let guardrails = [
        Guardrail(.latency(quantile: 0.99), .max(SimulatedModel().p99)),
        Guardrail(.latency(quantile: 0.95), .maxIncrease(0)), Guardrail(.errorRate, .maxIncrease(0)),
        Guardrail(.reward("conversion"), .maxDecrease(0)),
    ]

    @Test func fiveHundredRolloutsOfAModelLikeControlKeepToAlpha() {
        let stops = SimulatedRollout(guardrails: Self.guardrails, requestsPerStep: 500).stops(count: 500, alpha: 0.05)
        #expect(stops.count <= 25)
        // With no looks at all nothing would ever be stopped, and this test could not fail.
        let loose = SimulatedRollout(guardrails: Self.guardrails, requestsPerStep: 500).stops(count: 50, alpha: 0.9)
        #expect(!loose.isEmpty)
    }

    @Test func anOutageOfBothArmsIsNoEvidence() {
        let rollout = SimulatedRollout(
            guardrails: [Guardrail(.errorRate, .maxIncrease(0))], requestsPerStep: 500,
            load: { (0.3...0.7).contains($0) ? 20 : 1 })
        #expect(rollout.stops(count: 200, alpha: 0.05).count <= 10)
    }

    /// What makes the candidate worse, and the median number of requests in which that must be found: a ramp of 1000
    /// requests at 5 %, 1000 at 25 % and 1000 at 50 %.
    @Test(arguments: [
        (Guardrail(.errorRate, .maxIncrease(0.01)), SimulatedModel(errorRate: 0.1), 1500),
        (Guardrail(.errorRate, .max(0.02)), SimulatedModel(errorRate: 0.04), 2500),
        (Guardrail(.latency(quantile: 0.99), .max(SimulatedModel().p99)), SimulatedModel(medianMs: 15), 1100),
        (Guardrail(.latency(quantile: 0.95), .maxIncrease(0)), SimulatedModel(medianMs: 15), 1200),
        (Guardrail(.latency(quantile: 0.99), .maxIncrease(0)), SimulatedModel(medianMs: 15), 2000),
        (Guardrail(.reward("conversion"), .maxDecrease(0)), SimulatedModel(conversion: 0.05), 2400),
    ])
    func aWorseModelIsFoundInTime(guardrail: Guardrail, candidate: SimulatedModel, requests: Int) throws {
        let stops = SimulatedRollout(guardrails: [guardrail], candidate: candidate).stops(count: 40)
        #expect(try #require(stops.median(of: 40)) <= requests)
    }

    /// Twice the errors need more requests than five times as many.
    @Test func twiceTheErrorsAreFoundInARampOfTwelveThousand() throws {
        let rollout = SimulatedRollout(
            guardrails: [Guardrail(.errorRate, .maxIncrease(0))], candidate: SimulatedModel(errorRate: 0.04),
            requestsPerStep: 4000)
        #expect(try #require(rollout.stops(count: 20).median(of: 20)) <= 7500)
    }
}
