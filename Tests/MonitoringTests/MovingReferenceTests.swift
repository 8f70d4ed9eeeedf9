import Incidents
import TestSupport
import Testing
import Wire

@testable import Monitoring

/// Windows that are compared with other windows, from the prediction log to the alert.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct MovingReferenceTests {
    /// Two windows of half an hour with 100 rows each, in the morning and at noon of a day, as nights and days differ.
    private func day(
        _ day: Int, in fixture: MonitoringFixture, seed: UInt64, morning: Double = 0, noon: Double = 25
    ) async throws {
        for (hour, warmer) in [(0.5, morning), (4.5, noon)] {
            for half in 0..<2 {
                let start = Self.start + Int64(day) * 86_400_000 + Int64((hour + Double(half) / 2) * 3_600_000)
                fixture.clock.advance(by: start - fixture.clock.now.milliseconds)
                var table = PatientTable(100, seed: seed &* 100 + UInt64(start / 60_000))
                for row in table.rows.indices { table.rows[row].radius += warmer }
                try await fixture.predict(table)
            }
        }
        fixture.clock.advance(by: 8 * 3_600_000)
        await fixture.observe()
    }

    private static let start: Int64 = 1_800_000_000_000

    /// Nothing is known of the model's training: cells come from the first hour, in which no row is as those of noon are.
    @Test func aDayIsComparedWithTheDayBeforeHourByHour() async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.apply(
            "{endpoint: clinic, window: {minutes: 30}, reference: {season: day}, segments: [{column: ward, limit: 5}]}")
        try await day(0, in: fixture, seed: 1)
        let first = try await fixture.windows()
        #expect(first.count == 4)
        #expect(
            first.allSatisfy { $0.findings.contains { $0.code == "no_reference" && $0.words.contains("day before") } })
        #expect(first.allSatisfy { $0.columns.isEmpty && $0.bad.isEmpty })

        let blind = try await fixture.board.status(of: "health")
        #expect(blind.state == .blind && blind.message?.contains("day before") == true)

        try await day(1, in: fixture, seed: 2)
        // What the version was trained on is not known still, and is not asked for.
        #expect(try await fixture.board.status(of: "health").state == .quiet)
        let second = try await fixture.windows().suffix(4)
        // Hours that have passed are kept whole.
        #expect(second.map { $0.columns.first?.referenceRows } == [100, 100, 100, 100])
        #expect(second.allSatisfy { $0.bad.isEmpty && !$0.findings.contains { $0.code == "out_of_range" } })
        let segments = second.flatMap(\.findings).filter { $0.isColumnDrift && $0.slice.segment != nil }
        #expect(!segments.isEmpty && segments.allSatisfy { $0.verdict == .fine && ($0.referenceRows ?? 0) < 60 })
        #expect(try await fixture.alerts.alerts(limit: 9).isEmpty)

        try await day(2, in: fixture, seed: 3, noon: 25 + 7)
        let third = try await fixture.windows().suffix(4)
        #expect(third.map(\.drifting) == [[], [], ["radius"], ["radius"]])
        let alert = try #require(
            try await fixture.alerts.alerts(state: .open, limit: 9).first { $0.topic.slice.segment == nil })
        #expect(alert.subjects == ["radius"])
    }

    @Test func aJumpIsSeenByAllWindowsThatAnAlertLooksAt() async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.apply(
            "{endpoint: clinic, window: {rows: 100}, reference: {previous: 2}, alarms: {windows: 2, of: 3}, "
                + "drift: {minimum_effect: 0.3}}")
        try await fixture.predict(PatientTable(600, seed: 2))
        try await fixture.predict(PatientTable(400, seed: 3, scale: 1.4))
        await fixture.observe()
        let windows = try await fixture.windows()
        #expect(windows.map { $0.columns.first?.referenceRows ?? 0 } == [0, 0, 0, 0, 200, 200, 200, 200, 200, 200])
        #expect(windows.map(\.drifting).prefix(9) == [[], [], [], [], [], [], ["radius"], ["radius"], ["radius"]])
        #expect(try await fixture.alerts.alerts(state: .open, limit: 9).count == 1)
    }
}
