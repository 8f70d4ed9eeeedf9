import Database
import Incidents
import TestSupport
import Testing

@testable import Monitoring
@testable import Predictions

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

    /// Two monitors, the reference of the first of which is far away; both have two windows.
    private func apart() async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture()
        for version in 1...2 { try await fixture.train(version: version, on: PatientTable(400, seed: 1)) }
        try await fixture.apply("{endpoint: clinic, window: {rows: 50}}")
        try await fixture.apply("{endpoint: ward, window: {rows: 50}}", name: "ward")
        fixture.runIDs.hold(1)
        try await fixture.predict(PatientTable(100, seed: 2), version: 1)
        try await fixture.predict(PatientTable(100, seed: 3), version: 2, endpoint: "ward")
        try await fixture.log.settleObservers()
        return fixture
    }

    @Test func aReferenceThatIsFarAwayKeepsNoOtherMonitorWaiting() async throws {
        let fixture = try await apart()
        #expect(try await fixture.windowStore.waiting(of: "health", at: fixture.clock.now).map(\.rows) == [50, 50])
        var courses: [String: MonitorCourse] = [:]
        while try await fixture.store.windows(of: "ward", limit: 9).count < 2 {
            try Task.checkCancellation()
            _ = await fixture.watch.pass(&courses)
        }
        #expect(try await fixture.windows().isEmpty, "They wait for what they are to be compared with.")
        fixture.runIDs.release(1)
        await fixture.observe(&courses)
        for monitor in ["health", "ward"] {
            let windows = try await fixture.store.windows(of: monitor, limit: 9)
            #expect(windows.count == 2)
            let compared = windows.flatMap(\.findings).filter { $0.isColumnDrift && $0.subject == "radius" }
            #expect(compared.map(\.referenceRows) == [400, 400], "\(monitor)")
        }
    }

    @Test func windowsDoNotWaitForEverForAReference() async throws {
        let fixture = try await apart()
        var courses: [String: MonitorCourse] = [:]
        _ = await fixture.watch.pass(&courses)
        #expect(try await fixture.windows().isEmpty)
        fixture.clock.advance(by: 601_000)
        while await fixture.watch.pass(&courses) {}
        let windows = try await fixture.windows()
        #expect(windows.count == 2)
        let reasons = windows.flatMap(\.findings).filter { $0.code == "no_reference" }.map(\.words)
        #expect(reasons.count == 2)
        #expect(reasons.allSatisfy { $0.contains("longer than 10 minutes") }, "\(reasons)")
        fixture.runIDs.release(1)
        _ = await fixture.desk.finishReferences()
    }

    @Test func aDamagedReferenceIsMadeAgain() async throws {
        let fixture = try await apart()
        fixture.runIDs.release(1)
        var courses: [String: MonitorCourse] = [:]
        await fixture.observe(&courses)
        try await fixture.database.write { try $0.execute("UPDATE monitor_reference_columns SET profile = '{}'") }
        let entry = try await fixture.references.entry(.standard, endpoint: "clinic", model: "clinic", version: 1)
        guard case .failed = entry else {
            Issue.record("It is not damaged.")
            return
        }
        let reference = try await fixture.references.reference(
            .standard, endpoint: "clinic", model: "clinic", version: 1)
        #expect(reference?.rows == 400)
    }
}
