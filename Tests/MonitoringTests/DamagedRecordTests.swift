import Database
import Incidents
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// What is said of windows some of whose records were damaged while no server ran.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct DamagedRecordTests {
    /// Rows of one minute, between which a server ends twice and what it stored is damaged.
    private func damaged(_ window: String) async throws -> MonitoringFixture {
        var fixture = try await MonitoringFixture()
        try await fixture.apply("{endpoint: clinic, window: \(window), merged: [hour], quality: {duplicates: off}}")
        for part in 0..<2 {
            try await fixture.predict(PatientTable(10, seed: UInt64(part)))
            await fixture.count()
            try await fixture.database.write { try $0.execute("UPDATE monitor_records SET body = \([UInt8]([9, 9]))") }
            fixture = try await fixture.restarted()
        }
        try await fixture.predict(PatientTable(39, seed: 2))
        await fixture.count()
        return fixture
    }

    @Test(arguments: ["{rows: 59}", "{minutes: 1}"])
    func aWindowThatGoesOnAfterARestartTellsOfThem(window: String) async throws {
        let fixture = try await damaged(window)
        fixture.clock.advance(by: 4 * 3_600_000)
        await fixture.observe()
        for length in [WindowLength.window, .hour] {
            let judged = try #require(try await fixture.store.windows(of: "health", length, limit: 9).first)
            #expect(judged.isJudged)
            #expect(judged.rows == 39, "What came after the restart is counted.")
            let finding = try #require(judged.findings.first { $0.code == "unreadable_records" }, "\(length)")
            #expect(finding.verdict == .notable)
            #expect(finding.value ?? 0 >= 1)
        }
    }

    @Test func theyAreToldOfWhenTheyHaveGrownOld() async throws {
        let fixture = try await damaged("{minutes: 1}")
        fixture.clock.advance(by: 8 * 3_600_000)
        await fixture.observe()
        try await fixture.feed.rollUp()
        let spans = try await fixture.database.read {
            try $0.values("SELECT DISTINCT span FROM monitor_records", as: Int.self)
        }
        #expect(spans == [60])
        let record = try await fixture.windowStore.merged(
            monitor: "health", from: Timestamp(milliseconds: 0), to: fixture.clock.now + .seconds(1))
        #expect(record?.rows == 39)
        #expect(record?.unreadable ?? 0 >= 1)
    }
}
