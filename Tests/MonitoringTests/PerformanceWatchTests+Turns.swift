import TestSupport
import Testing

@testable import Monitoring

extension PerformanceWatchTests {
    @Test func aMonitorThatIsMadeAgainIsLookedAtFromItsBeginning() async throws {
        let fixture = try await fixture()
        let monitor = try #require(try await fixture.templates.monitors().first { $0.name == "health" })
        let looks = PerformanceLooks()
        await looks.note(monitor, change: 50, at: fixture.clock.now)
        #expect(await looks.change(of: monitor, upTo: 51) == 50)
        #expect(await looks.change(of: monitor, upTo: 1) == 0, "It has fewer windows than were looked at.")
    }

    @Test func anEndpointThatTakesItsTimeKeepsNoOtherWaiting() async throws {
        let fixture = try await fixture()
        try await fixture.train(version: 2, on: PatientTable(400, seed: 1))
        try await fixture.apply(Self.spec.replacing("clinic", with: "ward"), name: "ward")
        for (version, endpoint) in [(1, "clinic"), (2, "ward")] {
            try await fixture.predict(PatientTable(100, seed: 3), version: version, endpoint: endpoint)
        }
        await fixture.observe()
        fixture.runIDs.hold(1)
        let watch = fixture.performanceWatch
        try await withThrowingTaskGroup { group in
            group.addTask { try await watch.run() }
            func wait(for monitor: String) async throws {
                while try await fixture.performance.performance(of: monitor, limit: 9).count < 2 {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            }
            try await wait(for: "ward")
            #expect(try await fixture.performance.performance(of: "health", limit: 9).isEmpty)
            fixture.runIDs.release(1)
            try await wait(for: "health")
            group.cancelAll()
        }
    }
}
