import Events
import Incidents
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
        #expect(windows[0].columns.map(\.subject) == ["radius", "texture", "smokes", "ward"])
        #expect(windows[0].columns.map { $0.details["kind"] } == ["numeric", "numeric", "categorical", "categorical"])
        #expect(windows[0].columns.allSatisfy { $0.referenceRows == 400 && $0.rows == 50 })
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
        #expect(alert.since == windows[4].start)
        // The evidence of the window in which the drift had lasted long enough.
        #expect(alert.findings == windows[5].columns.filter { $0.subject == "radius" })
        #expect(try #require(alert.findings[0].value) >= 0.25)
        #expect(try #require(alert.findings[0].adjustedPValue) <= 0.01)

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
        #expect(alerts.0.map(\.findings) == alerts.1.map(\.findings))
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
        var fixture = try await fixture()
        try await fixture.predict(PatientTable(50, seed: 2))
        await fixture.observe()
        // The model is deleted and registered again: another run makes a version 1. A server that still counts by the former
        // one's training data goes on so until it starts anew.
        fixture = try await fixture.restarted()
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

    @Test func aVersionWithoutTrainingDataIsSaidToHaveNone() async throws {
        let fixture = try await fixture()
        try await fixture.train(version: 2, on: PatientTable(400, seed: 1), context: "validation")
        try await fixture.predict(PatientTable(60, seed: 2), version: 2)
        await fixture.observe()
        let finding = try #require(
            try await fixture.windows().first?.findings.first { $0.code == "no_reference" })
        #expect(finding.code == "no_reference")
        #expect(finding.verdict == .unknown)
        #expect(finding.words.contains("no dataset with the context 'training'"))
        var status = try await fixture.board.status(of: "health")
        #expect(status.state == .blind)
        #expect(status.message?.contains("no dataset with the context 'training'") == true)

        // The next version has its data again.
        try await fixture.predict(PatientTable(50, seed: 3))
        await fixture.observe()
        status = try await fixture.board.status(of: "health")
        #expect(status.state == .quiet)
        #expect(try await fixture.windows().map(\.columns.count) == [0, 4])
    }

    @Test func aVersionThatIsMadeAnewFromAnotherRunIsComparedWithItsOwnRows() async throws {
        let fixture = try await fixture()
        try await fixture.predict(PatientTable(600, seed: 2)) { number in .double(Double(number % 7)) }
        await fixture.observe()
        #expect(try await fixture.windows().last?.drifting == [])
        // Deleted and registered again: another model, of other numbers, that answers otherwise.
        try await fixture.train(version: 1, on: PatientTable(500, seed: 3, scale: 10))
        fixture.clock.advance(by: 600_000)
        try await fixture.predict(PatientTable(700, seed: 4, scale: 10)) { number in .double(Double(number % 2)) }
        await fixture.observe()
        let windows = try await fixture.windows().suffix(14)
        let radius = windows.map { $0.columns.first { $0.subject == "radius" } }
        #expect(radius.allSatisfy { $0?.referenceRows == 500 && $0?.verdict == .fine })
        // What it answers is compared with what this one answered first, of which nothing is left by the other.
        let answers = windows.map { $0.columns.first { $0.subject == "prediction" } }
        #expect(answers.allSatisfy { $0?.verdict != .bad })
    }

    @Test func whatAModelAnswersIsComparedWithWhatItAnsweredFirst() async throws {
        let fixture = try await fixture()
        try await fixture.predict(PatientTable(500, seed: 2)) { number in .double(Double(number % 7)) }
        try await fixture.predict(PatientTable(100, seed: 3)) { number in .double(Double(number % 7)) }
        try await fixture.predict(PatientTable(100, seed: 4)) { number in .double(Double(number % 2)) }
        await fixture.observe()
        let windows = try await fixture.windows()
        let compared = windows.map { window in window.columns.contains { $0.subject == "prediction" } }
        #expect(compared == Array(repeating: false, count: 10) + Array(repeating: true, count: 4))
        #expect(windows.map(\.drifting) == Array(repeating: [], count: 12) + [["prediction"], ["prediction"]])
    }

    @Test func rowsThatComeNoMoreAreOverdue() async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, window: {rows: 50}, quality: {freshness_minutes: 10}, alarms: {windows: 2, of: 2}}")
        try await fixture.predict(PatientTable(50, seed: 2))
        await fixture.observe()
        for _ in 0..<4 {
            fixture.clock.advance(by: 600_000)
            await fixture.observe()
        }
        let stale = try await fixture.windows().dropFirst()
        #expect(stale.map { $0.findings.map(\.code) } == [["stale"], ["stale"]], "As many as an alert needs.")
        let alert = try #require(try await fixture.alerts.alerts(state: .open, limit: 9).first)
        #expect(alert.topic.family == .quality)
        try await fixture.predict(PatientTable(100, seed: 3))
        await fixture.observe()
        #expect(try await fixture.alerts.alerts(state: .open, limit: 9).isEmpty)
    }

    @Test func silenceIsNoticedByTheClock() async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, calls: {minimum_per_minute: 5, minutes: 5}, alarms: {windows: 2, of: 2}}")
        try await fixture.predict(PatientTable(30, seed: 2))
        // One watch goes on, because what came before it began is not known to be whole.
        var courses: [String: MonitorCourse] = [:]
        for _ in 0..<4 {
            await fixture.observe(&courses)
            fixture.clock.advance(by: 300_000)
        }
        let windows = try await fixture.windows()
        #expect(windows.map(\.lane) == Array(repeating: .whole, count: 3))
        #expect(windows.map { $0.bad.map(\.code) } == [[], ["rate"], ["rate"]])
        let alert = try #require(try await fixture.alerts.alerts(state: .open, limit: 9).first)
        #expect(alert.topic == AlertState.Topic(.calls))
    }

    @Test func stretchesOfCallsLeaveWindowsTheirPast() async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, window: {rows: 50}, calls: {minimum_per_minute: 1, minutes: 1}}")
        try await fixture.predict(PatientTable(50, seed: 2))
        var courses: [String: MonitorCourse] = [:]
        for _ in 0..<(WindowJudge.recentLimit + 2) {
            await fixture.observe(&courses)
            fixture.clock.advance(by: 60_000)
        }
        // That a column does not come any more is known of the window before.
        try await fixture.predict(
            PatientTable(50, seed: 3).rows.map { row in
                .members((row.inputs.memberList ?? []).filter { $0.key != "texture" }.map { ($0.key, $0.value) })
            })
        await fixture.observe(&courses)
        let windows = try await fixture.windows()
        let own = windows.filter { $0.lane != .whole }
        #expect(windows.count >= own.count + WindowJudge.recentLimit)
        #expect(own.map { $0.findings.filter { $0.code == "column_vanished" }.map(\.subject) } == [[], ["texture"]])
        // After a restart, too; and whoever asks for the newest window gets one.
        #expect(
            try await fixture.store.course(of: fixture.board.status(of: "health").monitor).judge.recent.map(\.number)
                == own.map(\.number))
        #expect(try await fixture.store.windows(of: "health", limit: 1).map(\.lane) == [own[1].lane, .whole])
    }

    @Test func windowsAreComparedWithThoseBefore() async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, window: {rows: 100}, reference: {previous: 3}, alarms: {windows: 1}}")
        try await fixture.predict(PatientTable(400, seed: 2))
        try await fixture.predict(PatientTable(100, seed: 3, scale: 1.5))
        await fixture.observe()
        let windows = try await fixture.windows()
        #expect(windows.map { $0.columns.first?.referenceRows } == [nil, nil, nil, 300, 300])
        #expect(windows.map(\.drifting) == [[], [], [], [], ["radius"]])
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
