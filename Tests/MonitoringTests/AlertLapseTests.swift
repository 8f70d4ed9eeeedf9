import Events
import Incidents
import TestSupport
import Testing
import Wire

@testable import Monitoring

/// Alerts that no window will ever close.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct AlertLapseTests {
    private func fixture(_ spec: String) async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(spec)
        return fixture
    }

    private func reasons(_ fixture: MonitoringFixture) async throws -> [String?] {
        try await fixture.events.events(after: 0, limit: 1_000).filter { $0.kind == "alert.closed" }
            .map { $0.data["reason"]?.stringValue }
    }

    @Test func anAlertOfATrafficThatStoppedIsClosedAfterADay() async throws {
        let fixture = try await fixture(MonitoringFixture.spec)
        try await fixture.predict(PatientTable(100, seed: 3, scale: 1.5))
        await fixture.observe()
        let alert = try #require(try await fixture.alerts.alerts(state: .open, limit: 9).first)
        fixture.clock.advance(by: 23 * 3_600_000)
        await fixture.observe()
        #expect(try await fixture.alerts.alert(id: alert.id).state == .open)
        // What is older than six hours is known by hours.
        fixture.clock.advance(by: 2 * 3_600_000)
        await fixture.observe()
        #expect(try await fixture.alerts.alert(id: alert.id).state == .closed)
        #expect(try await reasons(fixture) == ["no traffic since 2027-01-15 09:00 UTC"])

        // The same trouble opens another when it comes back.
        try await fixture.predict(PatientTable(100, seed: 4, scale: 1.5))
        await fixture.observe()
        #expect(try await fixture.alerts.alerts(state: .open, limit: 9).count == 1)
    }

    @Test func aSegmentThatComesNoMoreLosesItsAlertWhileOthersComeOn() async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, window: {minutes: 5}, segments: [{column: ward}], alarms: {windows: 2, of: 2}}")
        func patients(_ ward: String, _ count: Int, seed: UInt64, scale: Double) -> PatientTable {
            var table = PatientTable(count, seed: seed, scale: scale)
            for index in table.rows.indices { table.rows[index].ward = ward }
            return table
        }
        // What segments are compared with are the first rows of production.
        for (seed, ward) in [(3, "south"), (4, "north")] {
            try await fixture.predict(patients(ward, 600, seed: UInt64(seed), scale: 1))
            await fixture.observe()
        }
        try await fixture.predict(patients("south", 600, seed: 5, scale: 1.5))
        fixture.clock.advance(by: 5_000)
        await fixture.observe()
        let isOpen = { try await fixture.alerts.alerts(state: .open, limit: 9).map(\.topic.slice.segment) }
        #expect(try await isOpen().contains("ward = south"))
        for seed in 6..<12 {
            try await fixture.predict(patients("north", 60, seed: UInt64(seed), scale: 1.5))
            fixture.clock.advance(by: 1_500_000)
            await fixture.observe()
        }
        #expect(try await !isOpen().contains("ward = south"))
        #expect(try await isOpen().contains("ward = north"))
        #expect(try await reasons(fixture).contains { $0?.hasPrefix("no traffic since") == true })
    }

    @Test func aVersionThatIsTakenOutLosesItsAlertsAtOnceAndOpensNoMore() async throws {
        let fixture = try await fixture(MonitoringFixture.spec)
        try await fixture.train(version: 2, on: PatientTable(400, seed: 6))
        fixture.deployments.set(1)
        try await fixture.predict(PatientTable(100, seed: 3, scale: 1.5))
        await fixture.observe()
        #expect(try await fixture.alerts.alerts(state: .open, limit: 9).count == 1)
        try await fixture.predict(PatientTable(100, seed: 4, scale: 1.5))
        fixture.deployments.set(2)
        await fixture.observe()
        #expect(try await fixture.alerts.alerts(limit: 9).map(\.state) == [.closed])
        #expect(try await reasons(fixture) == ["clinic/1 was taken out of the endpoint"])
        #expect(try await fixture.windows().last?.drifting == ["radius"], "What was found is kept all the same.")

        // The version that answers now is watched as before.
        try await fixture.predict(PatientTable(100, seed: 5, scale: 1.5), version: 2)
        await fixture.observe()
        #expect(try await fixture.alerts.alerts(state: .open, limit: 9).map(\.version) == [2])
    }

    @Test func whatIsAboutRowsThatDoNotComeWaitsForThem() async throws {
        let fixture = try await fixture(
            """
            {endpoint: clinic, window: {rows: 50}, quality: {freshness_minutes: 10}, alarms: {windows: 1, of: 1},
            calls: {minimum_per_minute: 5, minutes: 5}}
            """)
        try await fixture.predict(PatientTable(50, seed: 2))
        var courses: [String: MonitorCourse] = [:]
        for _ in 0..<3 {
            await fixture.observe(&courses)
            fixture.clock.advance(by: 30 * 3_600_000)
            // Stretches of a day in which nobody looked are not judged afterwards.
            await fixture.observe(&courses)
            fixture.clock.advance(by: 6 * 60_000)
        }
        await fixture.observe(&courses)
        let open = try await fixture.alerts.alerts(state: .open, limit: 9).map(\.topic.family)
        #expect(Set(open) == [.quality, .calls])

        try await fixture.apply("{endpoint: clinic, window: {rows: 50}, quality: {freshness_minutes: 10}}")
        await fixture.observe(&courses)
        #expect(try await fixture.alerts.alerts(state: .open, limit: 9).map(\.topic.family) == [.quality])
        #expect(try await reasons(fixture) == ["its monitor does not watch this any more"])
    }
}
