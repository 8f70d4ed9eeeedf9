import Events
import Manifests
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct MonitorWatchTests {
    private func fixture(_ spec: String = MonitoringFixture.spec) async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(spec)
        return fixture
    }

    @Test func trafficLikeTheTrainingDataRaisesNoAlert() async throws {
        let fixture = try await fixture()
        try await fixture.predict(PatientTable(500, seed: 2))
        await fixture.observe()
        let windows = try await fixture.windows()
        #expect(windows.map(\.rows) == Array(repeating: 50, count: 10))
        #expect(windows.allSatisfy { $0.drifting.isEmpty })
        // The target is no input, so it is not compared.
        #expect(windows[0].columns.map(\.name) == ["radius", "texture", "smokes", "ward"])
        #expect(windows[0].columns.map(\.kind) == [.numeric, .numeric, .categorical, .categorical])
        #expect(windows[0].columns.allSatisfy { $0.referenceRows == 400 && $0.windowRows == 50 })
        #expect(try await fixture.alerts.alerts(limit: 10).isEmpty)
    }

    @Test func aScaledColumnOpensOneAlertThatLastsAsLongAsTheDrift() async throws {
        let fixture = try await fixture()
        try await fixture.predict(PatientTable(200, seed: 2))
        try await fixture.predict(PatientTable(200, seed: 3, scale: 1.5))
        await fixture.observe()
        let windows = try await fixture.windows()
        #expect(windows.map(\.drifting) == Array(repeating: [], count: 4) + Array(repeating: ["radius"], count: 4))

        let alerts = try await fixture.alerts.alerts(limit: 10)
        let alert = try #require(alerts.first)
        #expect(alerts.count == 1)
        #expect(alert.state == .open)
        #expect(alert.windows == 4)
        #expect(alert.driftingSince == windows[4].start)
        // The evidence of the window in which the drift had lasted long enough.
        #expect(alert.columns == windows[5].columns.filter { $0.name == "radius" })
        #expect(alert.columns[0].effect >= 0.25)
        #expect(alert.columns[0].adjustedPValue <= 0.01)

        try await fixture.predict(PatientTable(100, seed: 4))
        await fixture.observe()
        #expect(try await fixture.alerts.alert(id: alert.id).state == .closed)
        let kinds = try await fixture.events.events(after: 0, subject: "alerts/\(alert.id)", limit: 10).map(\.kind)
        #expect(kinds == ["alert.opened", "alert.closed"])
    }

    @Test func oneDriftingWindowIsNotEnough() async throws {
        let fixture = try await fixture()
        try await fixture.predict(PatientTable(50, seed: 3, scale: 1.5))
        try await fixture.predict(PatientTable(50, seed: 2))
        await fixture.observe()
        #expect(try await fixture.windows().map(\.drifting) == [["radius"], []])
        #expect(try await fixture.alerts.alerts(limit: 10).isEmpty)
    }

    @Test func aRestartAnywhereChangesNothing() async throws {
        let parts = [PatientTable(130, seed: 2), PatientTable(95, seed: 3, scale: 1.5), PatientTable(75, seed: 5)]
        let whole = try await fixture()
        for part in parts { try await whole.predict(part) }
        await whole.observe()

        var restarted = try await fixture()
        for part in parts {
            try await restarted.predict(part)
            await restarted.observe()
            restarted = try await restarted.restarted()
            await restarted.observe()
        }
        let expected = try await whole.windows()
        let windows = try await restarted.windows()
        #expect(windows == expected)
        #expect(windows.map(\.rows) == Array(repeating: 50, count: 6))
        let alerts = (try await whole.alerts.alerts(limit: 9), try await restarted.alerts.alerts(limit: 9))
        #expect(alerts.0.map(\.columns) == alerts.1.map(\.columns))
        #expect(alerts.0.map(\.windows) == alerts.1.map(\.windows))
    }

    @Test func aNewVersionIsComparedWithItsOwnTrainingData() async throws {
        let fixture = try await fixture()
        try await fixture.predict(PatientTable(100, seed: 2, scale: 1.5))
        let run = try await fixture.train(version: 2, on: PatientTable(400, seed: 6, scale: 1.5))
        try await fixture.predict(PatientTable(100, seed: 3, scale: 1.5), version: 2)
        await fixture.observe()
        let windows = try await fixture.windows()
        #expect(windows.map(\.version) == [1, 1, 2, 2])
        #expect(windows.map(\.drifting) == [["radius"], ["radius"], [], []])
        #expect(try await fixture.alerts.alerts(limit: 10).map(\.state) == [.closed])
        let status = try await fixture.board.status(of: "health")
        #expect(status.reference?.runID == run)
        #expect(status.reference?.version == 2)
        #expect(status.state == .quiet)
    }

    @Test func aModelThatIsRegisteredAnewIsComparedWithItsNewTrainingData() async throws {
        let fixture = try await fixture()
        try await fixture.predict(PatientTable(50, seed: 2))
        await fixture.observe()
        // The model is deleted and registered again: another run makes a version 1.
        let run = try await fixture.train(version: 1, on: PatientTable(300, seed: 6, scale: 1.5))
        try await fixture.predict(PatientTable(50, seed: 3, scale: 1.5))
        await fixture.observe()
        #expect(try await fixture.windows().map(\.drifting) == [[], []])
        #expect(try await fixture.windows().map { $0.columns.first?.referenceRows } == [400, 300])
        #expect(try await fixture.board.status(of: "health").reference?.runID == run)
    }

    @Test func aManifestThatCannotBeReadKeepsNoOtherFromBeingWatched() async throws {
        let fixture = try await fixture()
        let lenient = ManifestStore(
            database: fixture.database, events: fixture.events, clock: fixture.clock.clock,
            kinds: [ManifestKind(name: "Monitor", plural: "monitors") { _ in }])
        let yaml = "apiVersion: martlet/v1\nkind: Monitor\nmetadata: {name: aged}\nspec: {watches: clinic}\n"
        _ = try await lenient.apply(yaml: yaml, by: "ann")
        try await fixture.predict(PatientTable(50, seed: 2))
        await fixture.observe()
        #expect(try await fixture.windows().count == 1)
    }

    @Test func aWindowEndsWithItsVersion() async throws {
        let fixture = try await fixture()
        try await fixture.train(version: 2, on: PatientTable(400, seed: 6))
        try await fixture.predict(PatientTable(60, seed: 2))
        try await fixture.predict(PatientTable(50, seed: 3), version: 2)
        await fixture.observe()
        let windows = try await fixture.windows()
        #expect(windows.map(\.rows) == [50, 10, 50])
        #expect(windows.map(\.isJudged) == [true, false, true])
    }

    @Test func aVersionWithoutTrainingDataIsPassedOverAndSaidSo() async throws {
        let fixture = try await fixture()
        try await fixture.train(version: 2, on: PatientTable(400, seed: 1), context: "validation")
        try await fixture.predict(PatientTable(60, seed: 2), version: 2)
        await fixture.observe()
        #expect(try await fixture.windows().isEmpty)
        var status = try await fixture.board.status(of: "health")
        #expect(status.state == .blind)
        #expect(status.message?.contains("no dataset with the context 'training'") == true)

        // The next version has its data again.
        try await fixture.predict(PatientTable(50, seed: 3))
        await fixture.observe()
        status = try await fixture.board.status(of: "health")
        #expect(status.state == .quiet)
        #expect(try await fixture.windows().map(\.rows) == [50])
    }

    @Test func windowsOfMinutesFollowTheClock() async throws {
        let fixture = try await fixture("{endpoint: clinic, window: {minutes: 1}}")
        // The clock starts on a full minute and each prediction takes a second: 59, 60 and 31 of them.
        try await fixture.predict(PatientTable(150, seed: 2))
        await fixture.observe()
        #expect(try await fixture.windows().map(\.rows) == [59, 60])
        fixture.clock.advance(by: 90_000)
        await fixture.observe()
        let windows = try await fixture.windows()
        #expect(windows.map(\.rows) == [59, 60, 31])
        #expect(windows.allSatisfy { $0.end.milliseconds - $0.start.milliseconds == 60_000 })
    }

    @Test func otherEndpointsAreNoneOfItsBusiness() async throws {
        let fixture = try await fixture()
        try await fixture.predict(PatientTable(100, seed: 3, scale: 1.5), endpoint: "other")
        await fixture.observe()
        #expect(try await fixture.windows().isEmpty)
    }

    @Test func deletingAMonitorDropsItsWindowsAndClosesItsAlert() async throws {
        let fixture = try await fixture()
        try await fixture.predict(PatientTable(100, seed: 3, scale: 1.5))
        await fixture.observe()
        try await fixture.manifests.delete(kind: "Monitor", name: "health", by: "ann")
        await fixture.observe()
        #expect(try await fixture.windows().isEmpty)
        #expect(try await fixture.alerts.alerts(limit: 10).map(\.state) == [.closed])
    }
}
