import Events
import TestSupport
import Testing
import Wire

@testable import Incidents

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct IncidentStoreTests {
    private typealias Fixture = IncidentFixture

    @Test func theFirstAlertOpensItAndOthersOfTheEndpointComeIn() async throws {
        let fixture = try await Fixture()
        try await fixture.open(from: Fixture.source(AlertRule(owner: "ann", severity: .medium)))
        try await fixture.open(family: .quality, from: Fixture.source(AlertRule(severity: .high)))
        let incident = try #require(try await fixture.newest())
        #expect(try await fixture.incidents.incidents(limit: 9).count == 1)
        #expect(incident.state == .open)
        #expect(incident.title == "Drift at clinic: age")
        #expect(incident.severity == .high)
        #expect(incident.owner == "ann")
        let families = try await fixture.incidents.alerts(of: incident.id).map(\.topic.family)
        #expect(Set(families) == [.drift, .quality])

        try await fixture.close(.drift)
        #expect(try await fixture.newest()?.state == .open)
        fixture.clock.advance(minutes: 5)
        try await fixture.close(.quality)
        let over = try #require(try await fixture.newest())
        #expect(over.state == .resolved)
        #expect(over.cause == .recovered)
        #expect(over.resolvedAt == fixture.clock.now)
        #expect(try await fixture.kinds(of: incident) == ["incident.opened", "incident.resolved"])

        fixture.clock.advance(minutes: 61)
        try await fixture.open()
        #expect(try await fixture.newest()?.id != incident.id, "What comes after its end is another incident.")
    }

    @Test func troubleThatBeginsAgainIsTheSameIncident() async throws {
        let fixture = try await Fixture()
        try await fixture.open()
        let id = try #require(try await fixture.newest()).id
        _ = try await fixture.incidents.acknowledge(id, by: "ann")
        for pause in [59, 12] as [Int64] {
            try await fixture.close()
            fixture.clock.advance(minutes: pause)
            try await fixture.open()
        }
        let incident = try #require(try await fixture.newest())
        #expect(try await fixture.incidents.incidents(limit: 9).map(\.id) == [id])
        #expect(incident.flaps == 2)
        #expect(incident.state == .acknowledged, "Whoever looks after it still does.")
        #expect(incident.resolvedAt == nil)
        #expect(incident.cause == nil)
        let told = try await fixture.events.events(after: 0, subject: Incident.subject(id), limit: 50)
        #expect(
            told.map(\.kind) == [
                "incident.opened", "incident.acknowledged", "incident.resolved", "incident.continued",
                "incident.resolved", "incident.continued",
            ])
        #expect(
            EventWords(titles: [:]).entry(of: told[5])?.words
                == "It began again 12 min after it was over, 2 times by now.")

        try await fixture.close()
        let report = try await fixture.incidents.report(
            from: incident.openedAt, to: fixture.clock.now + .seconds(1))
        #expect(report.incidents == 1)
        #expect(report.flaps == 2)
        #expect(report.lines.map(\.flaps) == [2])
        #expect(report.lines.map(\.alerts) == [3])
    }

    @Test func longWindowsAreGivenLonger() async throws {
        let fixture = try await Fixture()
        // Of windows of a day: bad for two, over after two, and bad again for two.
        try await fixture.open()
        let id = try #require(try await fixture.newest()).id
        try await fixture.close()
        fixture.clock.advance(minutes: 3 * 1440)
        let finding = Fixture.finding("age")
        let step = AlertState.Step.opens(
            AlertState.Topic(.drift), lasting: [finding], since: fixture.clock.now + .seconds(-2 * 86_400), windows: 2)
        try await fixture.apply(step)
        #expect(try await fixture.newest()?.id == id)
        #expect(Recurrence.patience(since: Timestamp(milliseconds: 0), now: fixture.clock.now) == Recurrence.longest)
    }

    @Test func whatSomebodyEndedDoesNotGoOn() async throws {
        let fixture = try await Fixture()
        try await fixture.open()
        let id = try #require(try await fixture.newest()).id
        _ = try await fixture.incidents.resolve(id, cause: .expected, words: nil, by: "ann")
        try await fixture.close()
        fixture.clock.advance(minutes: 5)
        try await fixture.open()
        #expect(try await fixture.newest()?.id != id)
    }

    @Test func endpointsThatShareAModelVersionShareTheIncident() async throws {
        let fixture = try await Fixture()
        try await fixture.open()
        try await fixture.open(from: Fixture.source(monitor: "other", endpoint: "ward", version: 2))
        #expect(try await fixture.incidents.incidents(limit: 9).count == 1)
        try await fixture.open(from: Fixture.source(monitor: "third", endpoint: "lab", version: 3))
        #expect(try await fixture.incidents.incidents(limit: 9).map(\.endpoint).sorted() == ["clinic", "lab"])
    }

    @Test func peopleLookAfterItAndSayWhatItWas() async throws {
        let fixture = try await Fixture()
        try await fixture.open()
        let id = try #require(try await fixture.newest()).id
        let incidents = fixture.incidents
        fixture.clock.advance(minutes: 3)
        let taken = try await incidents.acknowledge(id, by: "ann")
        #expect(taken.state == .acknowledged)
        #expect(taken.owner == "ann")
        #expect(taken.acknowledgedAt == fixture.clock.now)
        // Saying it twice is no second event.
        _ = try await incidents.acknowledge(id, by: "bob")
        #expect(try await incidents.assign(id, to: "bob", by: "ann").owner == "bob")
        _ = try await incidents.comment(id, "A new lab sends cm.", by: "bob")
        let over = try await incidents.resolve(id, cause: .dataChange, words: "Told the lab.", by: "bob")
        #expect(over.state == .resolved)
        #expect(over.cause == .dataChange)
        await #expect(throws: IncidentError.self) { try await incidents.acknowledge(id, by: "ann") }
        #expect(try await incidents.reopen(id, by: "ann").state == .open)
        let log = try await fixture.events.events(after: 0, subject: Incident.subject(id), limit: 50)
        #expect(
            log.map { "\($0.actor) \($0.kind)" } == [
                "monitor incident.opened", "ann incident.acknowledged", "ann incident.assigned",
                "bob incident.commented", "bob incident.resolved", "ann incident.reopened",
            ])
        await #expect(throws: FieldProblem.self) { try await incidents.comment(id, "  ", by: "ann") }
        await #expect(throws: IncidentError.self) { try await incidents.acknowledge("i-0", by: "ann") }
    }

    @Test func anEndpointHasOneOpenIncident() async throws {
        let fixture = try await Fixture()
        try await fixture.open()
        let first = try #require(try await fixture.newest()).id
        _ = try await fixture.incidents.resolve(first, cause: .falseAlarm, words: nil, by: "ann")
        try await fixture.open(family: .quality)
        await #expect(throws: IncidentError.self) { try await fixture.incidents.reopen(first, by: "ann") }
    }

    @Test func theReportSaysHowSoonAndHowOftenForNothing() async throws {
        let fixture = try await Fixture()
        let start = fixture.clock.now
        // One that somebody looked after, one that came and went, one that was said to be nothing.
        try await fixture.open()
        fixture.clock.advance(minutes: 2)
        _ = try await fixture.incidents.acknowledge(try #require(try await fixture.newest()).id, by: "ann")
        fixture.clock.advance(minutes: 8)
        try await fixture.close()
        fixture.clock.advance(minutes: 61)
        try await fixture.open(family: .quality)
        fixture.clock.advance(minutes: 20)
        try await fixture.close(.quality)
        fixture.clock.advance(minutes: 61)
        try await fixture.open()
        let third = try #require(try await fixture.newest()).id
        _ = try await fixture.incidents.resolve(third, cause: .falseAlarm, words: nil, by: "ann")
        try await fixture.close()

        let report = try await fixture.incidents.report(from: start, to: fixture.clock.now + .seconds(1))
        #expect(report.incidents == 3)
        #expect(report.openIncidents == 0)
        // Whoever ends an incident has come to it, too.
        #expect(report.meanToAcknowledgeMs == 60_000)
        #expect(report.meanToResolveMs == Double(10 + 20 + 0) / 3 * 60_000)
        #expect(report.medianToResolveMs == 600_000)
        #expect(
            report.lines == [
                NoiseReport.Line(
                    monitor: "health", family: .quality, alerts: 1, withoutAction: 1, falseAlarms: 0, silenced: 0,
                    flaps: 0),
                NoiseReport.Line(
                    monitor: "health", family: .drift, alerts: 2, withoutAction: 0, falseAlarms: 1, silenced: 0,
                    flaps: 0),
            ])
        #expect(report.noise == 1.0 / 3)
        fixture.clock.advance(minutes: 30)
        _ = try await fixture.incidents.reopen(third, by: "bob")
        let later = try await fixture.incidents.report(from: start, to: fixture.clock.now + .seconds(1))
        #expect(later.meanToAcknowledgeMs == 60_000)
        let before = try await fixture.incidents.report(from: start + .seconds(-60), to: start)
        #expect(before.incidents == 0)
        #expect(before.meanToResolveMs == nil)
    }

    @Test func whatAMonitorWantsDoneIsDoneOnceForAnIncident() async throws {
        let fixture = try await Fixture()
        let remedy = try Remedy(json: ["measure": "run", "command": ["true"], "cooldown_minutes": 0])
        let source = Fixture.source(AlertRule(onAlert: remedy))
        try await fixture.open(from: source)
        try await fixture.open(family: .quality, from: source)
        let jobs = try await fixture.alerts.alerts(limit: 9).compactMap(\.jobID)
        #expect(jobs.count == 1)
    }
}

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct SilenceTests {
    private typealias Fixture = IncidentFixture

    @Test func whatIsSilencedOpensNothingUntilTheSilenceEnds() async throws {
        let fixture = try await Fixture()
        let remedy = try Remedy(json: ["measure": "run", "command": ["true"], "cooldown_minutes": 0])
        _ = try await fixture.incidents.silence(
            monitor: "health", family: .drift, subject: "age", until: fixture.clock.now + .seconds(3600),
            words: "known",
            by: "ann")
        try await fixture.open(from: Fixture.source(AlertRule(onAlert: remedy)))
        let alert = try #require(try await fixture.alerts.alerts(limit: 1).first)
        #expect(alert.incidentID == nil)
        #expect(alert.jobID == nil)
        #expect(try await fixture.newest() == nil)
        #expect(try await fixture.alerts.raiseUnsilenced() == 0)

        fixture.clock.advance(minutes: 61)
        #expect(try await fixture.alerts.raiseUnsilenced() == 1)
        let heard = try #require(try await fixture.alerts.alerts(limit: 1).first)
        #expect(heard.incidentID != nil)
        #expect(heard.jobID != nil)
        #expect(try await fixture.alerts.raiseUnsilenced() == 0)
    }

    @Test func anIncidentIsSilencedWithAllThatItsAlertsAreAbout() async throws {
        let fixture = try await Fixture()
        try await fixture.open()
        fixture.clock.advance(minutes: 1)
        try await fixture.open(["ward"], family: .quality)
        fixture.clock.advance(minutes: 1)
        try await fixture.open(from: Fixture.source(monitor: "second"))
        let id = try #require(try await fixture.newest()).id
        let silences = try await fixture.incidents.silence(
            incident: id, until: fixture.clock.now + .seconds(3600), words: "known", by: "ann")
        #expect(
            silences.map(\.scope) == [
                "drift in monitor health", "quality in monitor health", "drift in monitor second",
            ])
        for family in [Finding.Family.drift, .quality] { try await fixture.close(family) }
        try await fixture.close(from: Fixture.source(monitor: "second"))
        try await fixture.open()
        #expect(try await fixture.newest()?.state == .resolved, "It does not begin again in the silence.")
        await #expect(throws: IncidentError.self) {
            try await fixture.incidents.silence(
                incident: "i-0", until: fixture.clock.now + .seconds(60), words: nil, by: "ann")
        }
    }

    @Test func aFindingThatNoSilenceCoversIsHeard() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.incidents.silence(
            monitor: "health", family: nil, subject: "age", until: fixture.clock.now + .seconds(3600), words: nil,
            by: "ann")
        try await fixture.open(["age"])
        #expect(try await fixture.newest() == nil)
        let more = [Fixture.finding("age"), Fixture.finding("plan")]
        try await fixture.apply(.stays(AlertState.Topic(.drift), lasting: more, isNewlyBad: true))
        #expect(try await fixture.newest() != nil)
    }

    @Test func otherMonitorsAndEndedSilencesAreHeard() async throws {
        let fixture = try await Fixture()
        let until = fixture.clock.now + .seconds(3600)
        let silence = try await fixture.incidents.silence(
            monitor: "health", family: nil, subject: nil, until: until, words: nil, by: "ann")
        try await fixture.open(from: Fixture.source(monitor: "other", endpoint: "ward"))
        #expect(try await fixture.newest()?.endpoint == "ward")
        try await fixture.incidents.endSilence(silence.id, by: "ann")
        await #expect(throws: IncidentError.self) { try await fixture.incidents.endSilence(silence.id, by: "ann") }
        #expect(try await fixture.incidents.silences() == [])
        let kinds = try await fixture.events.events(after: 0, subject: "monitors/health", limit: 9).map(\.kind)
        #expect(kinds == ["silence.created", "silence.ended"])
        await #expect(throws: FieldProblem.self) {
            try await fixture.incidents.silence(
                monitor: "health", family: nil, subject: nil, until: fixture.clock.now, words: nil, by: "ann")
        }
    }
}
