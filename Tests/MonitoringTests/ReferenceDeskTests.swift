import Incidents
import TestSupport
import Testing

@testable import Monitoring

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct ReferenceDeskTests {
    @Test func aBaselineIsLookedForOnceItsRowsHaveCome() async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.apply(MonitoringFixture.spec)
        try await fixture.predict(PatientTable(600, seed: 2))
        await fixture.count()
        let monitor = try #require(try await Monitor.all(in: fixture.manifests).first)
        let windows = try await fixture.windowStore.waiting(of: "health", at: fixture.clock.now, limit: 50)
        #expect(windows.count == 12)
        let baseline = Baseline(monitor: "health", slice: windows[0].lane)
        var shelf = ReferenceDesk.Shelf()
        func look(at window: TrafficWindow) async throws {
            let records = try await fixture.windowStore.records(of: window)
            _ = try await fixture.desk.references(for: window, records, of: monitor, &shelf)
        }
        try await look(at: windows[0])
        // Up to here there are enough, but only 100 rows have been looked at since the start.
        try await look(at: windows[11])
        #expect(try await fixture.references.kept(baseline) == nil)
        for window in windows.dropFirst() { try await look(at: window) }
        #expect(try await fixture.references.kept(baseline)?.rows ?? 0 >= Baseline.minimumRows)
    }
}
