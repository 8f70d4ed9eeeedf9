import Database
import Incidents
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// Which hours and days wait to be judged, as rows come in time, late, or years late.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct MergedTrafficTests {
    private func fixture() async throws -> WindowFeedFixture {
        try await WindowFeedFixture([
            WindowPlan(monitor: "health", endpoint: "clinic", window: .minutes(10), merged: [.hour, .day])
        ])
    }

    private func waiting(_ fixture: WindowFeedFixture) async throws -> [TrafficWindow] {
        try await fixture.store.waitingMerged(of: "health", [.hour, .day], at: fixture.clock.now, limit: 50)
    }

    private func settle(_ windows: [TrafficWindow], _ fixture: WindowFeedFixture) async throws {
        for window in windows { try await fixture.database.write { try fixture.store.settle(window, in: $0) } }
    }

    private func rows(of window: TrafficWindow, _ fixture: WindowFeedFixture) async throws -> Int? {
        try await fixture.store.records(of: window)[window.lane]?.rows
    }

    private func take(_ count: Int, at time: Int64, named name: String, in fixture: WindowFeedFixture) async throws {
        try await fixture.take(
            (0..<count).map { row in
                """
                {"endpoint":"clinic","model":"clinic","version":1,"prediction_id":"\(name)-\(row)",\
                "time":\(time + Int64(row)),"inputs":{"age":\(row)},"output":0.5}
                """
            })
    }

    private static let hour: Int64 = 3_600_000
    private static let day: Int64 = 86_400_000

    @Test func anHourWaitsOnceItHasEndedAndADayOnceThatHas() async throws {
        let fixture = try await fixture()
        try await fixture.predict(30)
        try await fixture.log.settleObservers()
        #expect(try await waiting(fixture).isEmpty)
        fixture.clock.advance(by: Self.hour)
        let hour = try await waiting(fixture)
        #expect(hour.map(\.length) == [.hour])
        #expect(hour.map(\.rows) == [30])
        try await settle(hour, fixture)
        #expect(try await waiting(fixture).isEmpty)
        fixture.clock.advance(by: Self.day)
        let day = try await waiting(fixture)
        #expect(day.map(\.length) == [.day])
        #expect(try await rows(of: day[0], fixture) == 30)
    }

    @Test func lateRowsAreGatheredAndThenTheHourWaitsAgain() async throws {
        let fixture = try await fixture()
        let start = fixture.clock.now.milliseconds
        try await fixture.predict(30)
        try await fixture.log.settleObservers()
        fixture.clock.advance(by: Self.hour)
        try await settle(waiting(fixture), fixture)
        try await take(5, at: start + 100_000, named: "late", in: fixture)
        #expect(try await waiting(fixture).isEmpty)
        fixture.clock.advance(by: 59_000)
        // More of them do not put it off.
        try await take(2, at: start + 200_000, named: "later", in: fixture)
        fixture.clock.advance(by: 2_000)
        let again = try #require(try await waiting(fixture).first)
        #expect(again.isChanged)
        #expect(again.rows == 37)
        #expect(try await rows(of: again, fixture) == 37)
    }

    @Test func recordsOfAnHourBecomeThoseOfItsDayOnceItWasJudged() async throws {
        let fixture = try await fixture()
        // The first hour of its day.
        let then = fixture.clock.now.milliseconds / Self.day * Self.day - 400 * Self.day
        try await take(40, at: then, named: "old", in: fixture)
        fixture.clock.advance(by: 61_000)
        // The windows themselves are judged, the hour is not.
        for window in try await fixture.waiting() {
            try await fixture.database.write { try fixture.store.settle(window, in: $0) }
        }
        try await fixture.feed.rollUp()
        let found = try await waiting(fixture)
        #expect(found.map(\.length) == [.hour, .day])
        #expect(try await rows(of: found[0], fixture) == 40)
        try await settle(found, fixture)
        try await fixture.feed.rollUp()
        #expect(try await rows(of: found[0], fixture) == nil)
        #expect(try await rows(of: found[1], fixture) == 40)
        // Of the hour nothing is left that a late row could be added to.
        try await take(3, at: then + 1_000, named: "older", in: fixture)
        fixture.clock.advance(by: 61_000)
        let after = try await waiting(fixture)
        #expect(after.map(\.length) == [.day])
        #expect(try await rows(of: after[0], fixture) == 43)
    }

    @Test func anHourThatNobodyJudgesKeepsNothingForEver() async throws {
        let fixture = try await fixture()
        try await take(40, at: fixture.clock.now.milliseconds - 400 * Self.day, named: "old", in: fixture)
        for window in try await fixture.waiting() {
            try await fixture.database.write { try fixture.store.settle(window, in: $0) }
        }
        fixture.clock.advance(by: 8 * Self.day)
        try await fixture.feed.rollUp()
        try await fixture.feed.rollUp()
        let spans: [Int] = try await fixture.database.read { try $0.values("SELECT span FROM monitor_records") }
        #expect(spans == [WindowSpan.day.rawValue])
        fixture.clock.advance(by: 1_200 * Self.day)
        try await fixture.feed.rollUp()
        let left = try await fixture.database.read {
            try $0.value("SELECT COUNT(*) FROM monitor_merged", as: Int.self)
        }
        #expect(left == 0)
    }

    @Test func nothingIsLeftOfAMonitorThatIsForgotten() async throws {
        let fixture = try await fixture()
        try await fixture.predict(30)
        try await fixture.log.settleObservers()
        try await fixture.database.write { try fixture.store.forget("health", in: $0) }
        fixture.clock.advance(by: 2 * Self.day)
        #expect(try await waiting(fixture).isEmpty)
    }
}
