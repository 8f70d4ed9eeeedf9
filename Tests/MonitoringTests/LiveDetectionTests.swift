import Incidents
import Predictions
import Runtimes
import TestSupport
import Testing
import Wire

@testable import Monitoring

/// Planted changes from the prediction log to the incident: feed, windows, references, alerts, within as many rows as
/// docs/reference/monitoring.md promises of simulated ones.
@Suite(.timeLimit(.minutes(5))) struct LiveDetectionTests {
    private static let windowRows = 100

    private func fixture(_ spec: String) async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(1_000, seed: 1))
        try await fixture.apply("{endpoint: clinic, window: {rows: \(Self.windowRows)}\(spec)}")
        return fixture
    }

    /// Answers rows until an alert is open.
    /// - Returns: the alert, and how many rows it took.
    private func rowsUntilAlert(
        _ fixture: MonitoringFixture, atMost limit: Int, where isMeant: (Alert) -> Bool = { _ in true },
        change: (inout PatientTable.Row, Int) -> Void
    ) async throws -> (alert: Alert, rows: Int)? {
        for window in 1...limit / Self.windowRows {
            var table = PatientTable(Self.windowRows, seed: UInt64(100 + window))
            for row in table.rows.indices { change(&table.rows[row], row) }
            try await fixture.predict(table)
            await fixture.observe()
            let alerts = try await fixture.alerts.alerts(state: .open, limit: 20)
            if let alert = alerts.first(where: isMeant) { return (alert, window * Self.windowRows) }
        }
        return nil
    }

    private func expectIncident(of alert: Alert, _ fixture: MonitoringFixture) async throws {
        let incident = try await fixture.alerts.incidents.incident(try #require(alert.incidentID))
        #expect(incident.state == .open)
        #expect(incident.endpoint == "clinic")
        #expect(try await fixture.alerts.incidents.alerts(of: incident.id).map(\.id).contains(alert.id))
    }

    @Test func aCategoryThatTheReferenceNeverHadOpensAnIncident() async throws {
        let fixture = try await fixture("")
        try await fixture.predict(PatientTable(300, seed: 2))
        await fixture.observe()
        #expect(try await fixture.alerts.alerts(limit: 9).isEmpty)
        let found = try await rowsUntilAlert(fixture, atMost: 800) { patient, row in
            if row % 5 == 0 { patient.ward = "east" }
        }
        let (alert, _) = try #require(found)
        #expect(alert.subjects == ["ward"])
        try await expectIncident(of: alert, fixture)
    }

    @Test func aBurstOfMissingCellsOpensAnIncident() async throws {
        let fixture = try await fixture("")
        try await fixture.predict(PatientTable(300, seed: 2))
        await fixture.observe()
        let found = try await rowsUntilAlert(fixture, atMost: 800, where: { $0.topic.family == .quality }) {
            patient, row in
            if row % 5 == 0 { patient.radius = .nan }
        }
        let (alert, _) = try #require(found)
        #expect(alert.subjects == ["radius"])
        #expect(alert.findings.map(\.code) == ["missing"])
        try await expectIncident(of: alert, fixture)
    }

    @Test func aChangeInOneSegmentOpensAnIncidentOfThatSegment() async throws {
        let fixture = try await fixture(
            ", segments: [{name: smokers of the north, where: \"ward = 'north' AND smokes = 'true'\"}, "
                + "{name: elsewhere, where: \"ward != 'north'\"}], performance: off")
        var before = PatientTable(1_600, seed: 2)
        for row in before.rows.indices where row % 2 == 0 {
            (before.rows[row].ward, before.rows[row].smokes) = ("north", true)
        }
        try await fixture.predict(before)
        await fixture.observe()
        let opened = try await fixture.alerts.alerts(limit: 9).filter { $0.topic.slice.segment != nil }
        #expect(opened.isEmpty)
        let segment = "smokers of the north"
        let found = try await rowsUntilAlert(fixture, atMost: 1_600, where: { $0.topic.slice.segment != nil }) {
            patient, row in
            guard row % 2 == 0 else { return }
            (patient.ward, patient.smokes) = ("north", true)
            patient.radius += 2.5 * 3.5
        }
        let (alert, _) = try #require(found)
        #expect(alert.topic.slice.segment == segment)
        #expect(alert.subjects == ["radius"])
        try await expectIncident(of: alert, fixture)
        let segments = try await fixture.alerts.alerts(state: .open, limit: 20).compactMap(\.topic.slice.segment)
        #expect(Set(segments) == [segment], "Elsewhere all is as it was.")
    }

    /// A third of patients is ill, then two thirds; the model answers as it always did. Labels come two days late.
    @Test func labelsThatShiftOpenAnIncidentThoughTheyComeLate() async throws {
        let fixture = try await fixture(
            ", type: binary, performance: {metrics: [accuracy, recall], estimate: false}")
        var numbers = SeededNumbers(seed: 40)
        func answer(_ count: Int, ill share: Double) async throws -> [PredictionLabel] {
            var labels: [PredictionLabel] = []
            for row in PatientTable(count, seed: numbers.next()).rows {
                fixture.clock.advance(by: 1_000)
                let isSuspect = numbers.uniform() < 0.35
                let id = try await fixture.log.append(
                    LoggedRequest(
                        endpoint: "clinic", variant: "main", model: "clinic", version: 1, latencyUs: 100, caller: "ann",
                        input: .document(row.inputs), output: .json(.double(isSuspect ? 0.9 : 0.1)), rowCount: 1))
                let isIll = isSuspect ? numbers.uniform() < 0.9 : numbers.uniform() < share
                labels.append(PredictionLabel(id: id, value: .integer(isIll ? 1 : 0), time: fixture.clock.now))
            }
            return labels
        }
        func tell(_ labels: [PredictionLabel]) async throws {
            try await fixture.log.label(labels)
            await fixture.lookAtLabels()
        }
        let before = try await answer(600, ill: 0.05)
        let after = try await answer(800, ill: 0.5)
        await fixture.observe()
        fixture.clock.advance(by: 2 * 86_400_000)
        try await tell(before)
        #expect(try await fixture.alerts.alerts(limit: 9).isEmpty)
        var rows = 0
        while try await fixture.alerts.alerts(state: .open, limit: 9).isEmpty, rows < after.count {
            try await tell(Array(after[rows..<rows + Self.windowRows]))
            rows += Self.windowRows
        }
        let alert = try #require(try await fixture.alerts.alerts(state: .open, limit: 9).first)
        #expect(rows <= 800)
        #expect(alert.topic.family == .performance)
        #expect(Set(alert.findings.map(\.code)).isSubset(of: ["accuracy", "recall"]))
        try await expectIncident(of: alert, fixture)
    }
}
