import Artifacts
import Blobs
import Database
import Incidents
import TestSupport
import Testing
import Tracking
import Wire

@testable import Monitoring
@testable import Predictions

/// References that many ask for, that cannot be made, and that two servers make.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct ReferenceWorkshopTests {
    private func monitor(_ fixture: MonitoringFixture) async throws -> Monitor {
        try await fixture.apply("{endpoint: clinic, window: {rows: 50}}")
        return try #require(try await Monitor.all(in: fixture.manifests).first)
    }

    private func isMaking(_ monitor: Monitor, _ fixture: MonitoringFixture) async throws -> Bool {
        switch try await fixture.desk.anchors(for: monitor, model: "clinic", version: 1) {
        case .making: true
        case .known: false
        }
    }

    @Test func whatManyAskForIsMadeOnce() async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(60, seed: 1))
        let monitor = try await monitor(fixture)
        fixture.runIDs.hold(1)
        for _ in 0..<3 { #expect(try await isMaking(monitor, fixture)) }
        fixture.runIDs.release(1)
        #expect(await fixture.desk.finishReferences())
        #expect(await !fixture.desk.finishReferences())
        #expect(fixture.runIDs.askings(of: 1) == 1)
        #expect(try await !isMaking(monitor, fixture))
    }

    @Test func whatCouldNotBeFetchedIsLeftAloneForAMinute() async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(60, seed: 1))
        let monitor = try await monitor(fixture)
        fixture.runIDs.meanwhile(1) { throw DatabaseError(.unavailable, "The runs are away.") }
        #expect(try await isMaking(monitor, fixture))
        _ = await fixture.desk.finishReferences()
        await #expect(throws: DatabaseError.self) { try await isMaking(monitor, fixture) }
        #expect(fixture.runIDs.askings(of: 1) == 1)
        fixture.clock.advance(by: 61_000)
        #expect(try await isMaking(monitor, fixture))
        _ = await fixture.desk.finishReferences()
        #expect(try await !isMaking(monitor, fixture))
        #expect(
            try await fixture.references.reference(.standard, endpoint: "clinic", model: "clinic", version: 1) != nil)
    }

    /// It was made before rows were kept, and its dataset is gone.
    @Test func whatCannotBeMadeOnceMoreHolds() async throws {
        let former = try await MonitoringFixture()
        let id = try await former.train(version: 1, on: PatientTable(60, seed: 1))
        _ = try await monitor(former)
        _ = try await former.references.reference(.standard, endpoint: "clinic", model: "clinic", version: 1)
        try await former.database.write { try $0.execute("DELETE FROM monitor_reference_rows") }
        let uri = try await former.runs.run(id).info.artifactURI + "/data/training.json"
        try await former.artifacts.blobs.delete(former.artifacts.key(ofURI: uri))
        let fixture = try await former.restarted()
        try await fixture.predict(PatientTable(50, seed: 2))
        await fixture.count()
        var courses: [String: MonitorCourse] = [:]
        for _ in 0..<4 {
            _ = await fixture.watch.pass(&courses)
            _ = await fixture.desk.finishReferences()
        }
        let window = try #require(try await fixture.windows().first)
        #expect(window.columns.first { $0.subject == "radius" }?.referenceRows == 60)
    }

    @Test func aFailureLeavesWhatAnotherServerMadeMeanwhile() async throws {
        let fixture = try await MonitoringFixture()
        let made = Reference(
            model: "clinic", version: 1, context: "training", runID: nil, rows: 70, columns: [],
            madeAt: fixture.clock.now)
        // The run is known to the other server, and to this one not yet.
        fixture.runIDs.meanwhile(1) { try await fixture.references.keep(made) }
        func reference() async throws -> Reference? {
            try await fixture.references.reference(.standard, endpoint: "clinic", model: "clinic", version: 1)
        }
        #expect(try await reference() == nil)
        #expect(try await reference()?.rows == 70)
    }

    @Test(arguments: [true, false])
    func aFailureTakesThePlaceOfWhatWasThereBefore(isDamaged: Bool) async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(60, seed: 1))
        func reference() async throws -> Reference? {
            try await fixture.references.reference(.standard, endpoint: "clinic", model: "clinic", version: 1)
        }
        #expect(try await reference()?.rows == 60)
        if isDamaged {
            try await fixture.database.write { try $0.execute("UPDATE monitor_reference_columns SET profile = '{}'") }
        }
        fixture.runIDs.set("gone", for: 1)
        #expect(try await reference() == nil)
        let entry = try await fixture.references.entry(.standard, endpoint: "clinic", model: "clinic", version: 1)
        guard case .failed(_, let moment) = entry else {
            Issue.record("It counts as made.")
            return
        }
        #expect(moment == fixture.clock.now, "It is not tried again at once.")
    }
}
