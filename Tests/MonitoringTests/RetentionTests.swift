import Database
import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// What monitors keep goes when it is as old as they say, and nothing that is still needed does.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct RetentionTests {
    private static let day: Int64 = 86_400_000

    /// A monitor of so many judged windows, each an hour long, the newest of an hour ago.
    private func fixture(windows count: Int, _ spec: String = "keep_days: 10") async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture()
        try await fixture.apply("{endpoint: clinic, window: {minutes: 60}, \(spec)}")
        let now = fixture.clock.now.milliseconds
        try await fixture.database.write { transaction in
            for number in 1...count {
                let end = now - Int64(count - number) * 3_600_000
                try transaction.execute(
                    """
                    INSERT INTO monitor_windows (monitor, number, model, version, start_at, end_at, row_count, judged_at)
                    VALUES ('health', \(number), 'clinic', 1, \(end - 3_600_000), \(end), 50, \(end))
                    """)
                try transaction.execute(
                    """
                    INSERT INTO monitor_performance (monitor, number, source, model, version, end_at, is_final, estimates,
                        body, row_count)
                    VALUES ('health', \(number), 's', 'clinic', 1, \(end), 1, '[]', '{}', 50)
                    """)
            }
            try transaction.execute(
                """
                INSERT INTO monitor_progress (monitor, windows, alert_state)
                VALUES ('health', \(count), \(AlertState().json))
                """)
        }
        return fixture
    }

    private func kept(_ fixture: MonitoringFixture, _ table: SQL = "monitor_windows") async throws -> [Int] {
        try await fixture.database.read { try $0.values("SELECT number FROM \(table) ORDER BY number") }
    }

    @Test func windowsGoAsTheManifestSaysAndTheirQualityWithThem() async throws {
        let fixture = try await fixture(windows: 1_500)
        await fixture.observe()
        // Those that ended within ten days: 240 and the one of just now.
        #expect(try await kept(fixture) == Array(1_260...1_500))
        #expect(try await kept(fixture, "monitor_performance") == Array(1_260...1_500))
    }

    @Test func whatMayStillChangeOrWasJudgedLatelyStays() async throws {
        let fixture = try await fixture(windows: 600)
        try await fixture.database.write { transaction in
            try transaction.execute("UPDATE monitor_windows SET provisional = 1 WHERE number = 7")
            try transaction.execute(
                "UPDATE monitor_windows SET judged_at = \(fixture.clock.now) WHERE number IN (8, 9)")
            try transaction.execute("UPDATE monitor_windows SET length = 'day' WHERE number = 10")
            // By earlier versions.
            try transaction.execute("UPDATE monitor_windows SET judged_at = NULL WHERE number = 11")
        }
        await fixture.observe()
        #expect(try await kept(fixture) == [7, 8, 9, 10] + Array(360...600))
        fixture.clock.advance(by: 1_200 * Self.day)
        await fixture.observe()
        #expect(
            try await kept(fixture) == [7] + Array(501...600), "The newest stay, so that there is something to see.")
    }

    @Test func byDefaultTheyAreKeptForNinetyDays() async throws {
        let fixture = try await fixture(windows: 24 * 95, "drift: {joint: false}")
        await fixture.observe()
        #expect(try await kept(fixture).count == 24 * 90 + 1)
    }

    @Test func anchorsGoWithTheLastRecordsThatRestOnThem() async throws {
        let anchors = ["age": ColumnAnchors(reference: (0..<100).map { .number(Double($0)) })]
        let fixture = try await WindowFeedFixture(anchors: WindowAnchors(inputs: anchors))
        func count(_ table: SQL) async throws -> Int? {
            try await fixture.database.read { try $0.value("SELECT COUNT(*) FROM \(table)", as: Int.self) }
        }
        /// Rows come, a window is judged, and what is old is merged.
        func pass() async throws {
            try await fixture.predict(50)
            try await fixture.log.settleObservers()
            for window in try await fixture.waiting() {
                try await fixture.database.write { try fixture.store.settle(window, in: $0) }
            }
            try await fixture.feed.rollUp()
        }
        try await pass()
        #expect(try await count("monitor_anchors") ?? 0 > 0)
        // What goes on being used stays, long after it was first.
        for _ in 0..<4 {
            fixture.clock.advance(by: 500 * Self.day)
            try await pass()
        }
        #expect(try await count("monitor_anchors") ?? 0 > 0)
        fixture.clock.advance(by: 1_050 * Self.day)
        try await fixture.feed.rollUp()
        #expect(try await count("monitor_anchors") ?? 0 > 0)
        #expect(try await fixture.whole()?.rows ?? 0 > 0)
        fixture.clock.advance(by: 60 * Self.day)
        try await fixture.feed.rollUp()
        try await fixture.feed.rollUp()
        #expect(try await fixture.whole() == nil)
        #expect(try await count("monitor_anchors") == 0)
        #expect(try await count("monitor_anchor_uses") == 0)
    }

    @Test func anchorsOfEarlierVersionsAreNotTakenForOld() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(5)
        try await fixture.log.settleObservers()
        try await fixture.database.write { transaction in
            try transaction.execute("INSERT INTO monitor_anchors (id, anchors) VALUES (1, '{}')")
            try transaction.execute("INSERT INTO monitor_anchor_uses (monitor, id) VALUES ('', 1)")
        }
        try await fixture.feed.rollUp()
        let left = try await fixture.database.read {
            try $0.value("SELECT COUNT(*) FROM monitor_anchors", as: Int.self)
        }
        #expect(left == 1)
    }
}
