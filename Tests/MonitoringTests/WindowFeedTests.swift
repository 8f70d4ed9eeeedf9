import Database
import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct WindowFeedTests {
    private static let lane = TrafficSlice(variant: "main", model: "clinic", version: 1)

    @Test func countsEachPredictionOnce() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(120)
        try await fixture.log.settleObservers()
        let whole = try #require(try await fixture.whole())
        #expect(whole.rows == 120)
        #expect(whole.keptRows == 120)
        #expect(whole.calls.callers == ["ann": .init(requests: 120, rows: 120)])
        #expect(whole.inputs["age"]?.rows == 120)
        #expect(whole.outputs["prediction"]?.rows == 120)

        let windows = try await fixture.waiting()
        #expect(windows.map(\.number) == [1, 2])
        #expect(windows.map(\.rows) == [50, 50])
        #expect(windows.allSatisfy { $0.lane == Self.lane && !$0.isChanged })
        let records = try await fixture.store.records(of: windows[1])
        #expect(records.map(\.key) == [Self.lane])
        #expect(records[Self.lane]?.times == windows[1].start...windows[1].end)
        #expect(records[Self.lane]?.rows == 50)
    }

    @Test func countsNothingTwiceHoweverOftenTheServerIsKilled() async throws {
        var fixture = try await WindowFeedFixture()
        var count = 0
        for round in 0..<12 {
            try await fixture.predict(7 + round, pauseMs: 1)
            count += 7 + round
            // Told and stored, told and not stored, or not even told.
            if round % 3 == 0 { try await fixture.log.settleObservers() }
            if round % 3 == 1 { try await fixture.tell() }
            fixture = try await fixture.killed()
        }
        try await fixture.log.settleObservers()
        #expect(try await fixture.whole()?.rows == count)
        let windows = try await fixture.waiting()
        #expect(windows.map(\.number) == Array(1...(count / 50)))
        #expect(windows.allSatisfy { $0.rows == 50 })
        for window in windows {
            #expect(try await fixture.store.records(of: window)[Self.lane]?.keptRows == 50)
        }
    }

    @Test func countsAnEvaluationOnlyForWhatItSaw() async throws {
        let plan = WindowPlan(monitor: "health", endpoint: "clinic", window: .minutes(1))
        let fixture = try await WindowFeedFixture([plan])
        // The clock starts on a full minute and each prediction takes a second.
        try await fixture.predict(30)
        try await fixture.log.settleObservers()
        #expect(try await fixture.waiting().isEmpty)
        #expect(try await fixture.store.waiting(at: fixture.clock.now, limit: 9).isEmpty)
        fixture.clock.advance(by: 60_000)
        #expect(try await fixture.store.waiting(at: fixture.clock.now, limit: 9) == ["health": fixture.waiting()])
        let window = try #require(try await fixture.waiting().first)
        #expect(window.rows == 30)
        #expect(window.end.milliseconds - window.start.milliseconds == 60_000)
        #expect(window.source == nil)
        try await fixture.database.write { try fixture.store.settle(window, in: $0) }
        #expect(try await fixture.waiting().isEmpty)
        #expect(try await fixture.store.waiting(at: fixture.clock.now, limit: 9).isEmpty)
    }

    @Test func tellsSlicesApart() async throws {
        let segments = [
            Segment.values(column: "ward", limit: 20), .named("old", try SegmentCondition("age >= 5")),
        ]
        let plan = WindowPlan(monitor: "health", endpoint: "clinic", window: .rows(20), segments: segments)
        let fixture = try await WindowFeedFixture([plan])
        try await fixture.predict(10) { ["age": .integer(Int64($0)), "ward": $0 % 2 == 0 ? "north" : "south"] }
        try await fixture.predict(4, version: 2, variant: "b") { _ in ["age": 1, "ward": "north"] }
        try await fixture.log.settleObservers()
        #expect(try await fixture.whole()?.rows == 14)
        #expect(try await fixture.whole(TrafficSlice(variant: "b"))?.rows == 4)
        #expect(try await fixture.whole(TrafficSlice(model: "clinic", version: 1))?.rows == 10)
        #expect(try await fixture.whole(TrafficSlice(segment: "ward = north"))?.rows == 9)
        #expect(try await fixture.whole(TrafficSlice(variant: "main", segment: "ward = north"))?.rows == 5)
        #expect(try await fixture.whole(TrafficSlice(segment: "old"))?.rows == 5)
        #expect(try await fixture.store.slices(monitor: "health").count == 6)
    }

    @Test func countsThoseThatAreNotInTheSampleForCallsOnly() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(3, rows: 4, policy: LogPolicy(samplePercent: 0))
        try await fixture.predict(2, caller: "bob")
        try await fixture.log.settleObservers()
        let whole = try #require(try await fixture.whole())
        #expect(whole.rows == 14)
        #expect(whole.requests == 5)
        #expect(whole.keptRows == 2)
        #expect(whole.calls.callers == ["ann": .init(requests: 3, rows: 12), "bob": .init(requests: 2, rows: 2)])
        #expect(whole.inputs["age"]?.rows == 2)
    }

    @Test func countsARequestOnceThoughAWindowEndsWithinIt() async throws {
        let segment = Segment.values(column: "ward", limit: 20)
        let plan = WindowPlan(monitor: "health", endpoint: "clinic", window: .rows(10), segments: [segment])
        let fixture = try await WindowFeedFixture([plan])
        try await fixture.predict(1, rows: 35) { _ in ["ward": "north"] }
        try await fixture.predict(30, rows: 4) { _ in ["ward": "south"] }
        try await fixture.log.settleObservers()
        let whole = try #require(try await fixture.whole())
        #expect(whole.rows == 155)
        #expect(whole.calls.callers == ["ann": .init(requests: 31, rows: 155)])
        #expect(whole.latency.perRequest.count == 31)
        #expect(whole.latency.perRow.count == 155)
        #expect(try await fixture.waiting().map(\.rows) == Array(repeating: 10, count: 15))
        let south = try #require(try await fixture.whole(TrafficSlice(segment: "ward = south")))
        #expect(south.requests == 30)
    }

    @Test func maskedColumnsAreNotMissing() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(3, policy: LogPolicy(mask: ColumnMask(["age"])))
        try await fixture.predict(4) { ["age": .integer(Int64($0))] }
        try await fixture.predict(2) { _ in ["weight": 70] }
        try await fixture.log.settleObservers()
        let whole = try #require(try await fixture.whole())
        let age = try #require(whole.inputs["age"])
        #expect(age.rows == 4)
        #expect(age.masked == 3)
        #expect(whole.absent(age) == 2)
        let profile = try #require(whole.profile(age))
        #expect(profile.rows == 6)
        #expect(profile.missing == 2)
    }

    @Test func profilesByTheReferenceAndOtherColumnsByTheFirstRows() async throws {
        let reference = ColumnAnchors(reference: (0..<100).map { .number(Double($0)) })
        let fixture = try await WindowFeedFixture(anchors: WindowAnchors(inputs: ["age": reference]))
        try await fixture.predict(150)
        try await fixture.log.settleObservers()
        let early = try #require(try await fixture.whole())
        #expect(early.inputs["age"]?.anchors == FixedAnchors(reference))
        #expect(early.outputs["prediction"]?.anchors == nil)
        try await fixture.predict(100)
        let after = try await fixture.killed()
        try await after.log.settleObservers()
        try await after.predict(150)
        try await after.log.settleObservers()
        let whole = try #require(try await after.whole())
        let output = try #require(whole.outputs["prediction"])
        #expect(output.rows == 400)
        #expect(output.anchors != nil)
        #expect(whole.inputs["age"]?.rows == 400)
    }

    @Test func beginsAnewWithAnotherPlan() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(60)
        try await fixture.log.settleObservers()
        fixture.plans.all = [WindowPlan(monitor: "health", endpoint: "clinic", window: .rows(20))]
        fixture.clock.advance(by: 2_000)
        try await fixture.predict(45)
        try await fixture.log.settleObservers()
        #expect(try await fixture.waiting().map(\.rows) == [50, 10, 20, 20])
        #expect(try await fixture.waiting().map(\.number) == [1, 2, 3, 4])
    }

    @Test func countsFromTheFirstPredictionAfterAMonitorWasMade() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(5)
        try await fixture.tell()
        fixture.plans.all.append(WindowPlan(monitor: "second", endpoint: "clinic", window: .rows(20)))
        fixture.replanned.notify()
        try await fixture.predict(3, pauseMs: 0)
        try await fixture.tell()
        try await fixture.feed.flush()
        #expect(try await fixture.whole(of: "health")?.rows == 8)
        #expect(try await fixture.whole(of: "second")?.rows == 3)
    }

    @Test func leavesNothingOfAMonitorThatIsDeleted() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(60)
        try await fixture.log.settleObservers()
        // Deleted while the feed still counts for it.
        try await fixture.database.write { try fixture.store.forget("health", in: $0) }
        fixture.plans.all = []
        try await fixture.predict(60)
        try await fixture.log.settleObservers()
        #expect(try await fixture.whole() == nil)
        #expect(try await fixture.waiting().isEmpty)
        #expect(try await fixture.store.known().isEmpty)
    }

    @Test func closesWindowsThatNothingComesTo() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(7)
        try await fixture.log.settleObservers()
        await fixture.feed.beat()
        #expect(try await fixture.waiting().isEmpty)
        fixture.clock.advance(by: 25 * 3_600_000)
        await fixture.feed.beat()
        #expect(try await fixture.waiting().map(\.rows) == [7])
    }

    @Test func rollsUpWithoutLosingOrDoublingARow() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(130)
        try await fixture.log.settleObservers()
        let windows = try await fixture.waiting()
        for window in windows {
            try await fixture.database.write { try fixture.store.settle(window, in: $0) }
        }
        let source = fixture.log.source
        func allRows() async throws -> [Int?] {
            var counts: [Int?] = []
            for window in windows { counts.append(try await fixture.store.allRows(of: window, source: source)?.count) }
            return counts
        }
        #expect(try await allRows() == [50, 50])
        let before = try #require(try await fixture.whole())
        fixture.clock.advance(by: 8 * 3_600_000)
        try await fixture.feed.rollUp()
        // The third window is open; its minutes stay.
        let spans = try await fixture.database.read {
            try $0.rows("SELECT span, SUM(row_count) FROM monitor_records GROUP BY span ORDER BY span").map {
                [try $0.get(0, as: Int.self), try $0.get(1, as: Int.self)]
            }
        }
        #expect(spans == [[1, 30], [60, 100]])
        #expect(try await allRows() == [nil, nil], "Of an hour nobody knows which rows were of which window.")
        try await fixture.predict(20)
        try await fixture.log.settleObservers()
        let window = try #require(try await fixture.waiting().first)
        #expect(try await fixture.store.records(of: window)[Self.lane]?.rows == 50)
        try await fixture.database.write { try fixture.store.settle(window, in: $0) }
        fixture.clock.advance(by: 40 * 86_400_000)
        try await fixture.feed.rollUp()
        try await fixture.feed.rollUp()
        let after = try #require(try await fixture.whole())
        #expect(after.rows == 150)
        #expect(after.firstTime == before.firstTime)
        #expect(after.inputs["age"]?.rows == 150)
        #expect(after.latency.perRequest.count == 150)
        #expect(before.sample.rows.count == 130 && after.sample.rows.isEmpty, "Rows are not kept by days.")
        #expect(after.sample.entries.count == 150)
        let days = try await fixture.store.series(
            monitor: "health", from: Timestamp(milliseconds: 0), to: fixture.clock.now, by: .day)
        #expect(days.map(\.record.rows) == [150])
        fixture.clock.advance(by: 1_200 * 86_400_000)
        try await fixture.feed.rollUp()
        #expect(try await fixture.whole() == nil)
    }

    @Test func lateRowsChangeTheWindowOfTheirOwnTime() async throws {
        let plan = WindowPlan(monitor: "health", endpoint: "clinic", window: .minutes(1))
        let fixture = try await WindowFeedFixture([plan])
        let start = fixture.clock.now
        try await fixture.predict(30)
        fixture.clock.advance(by: 180_000)
        try await fixture.log.settleObservers()
        let window = try #require(try await fixture.waiting().first)
        try await fixture.database.write { try fixture.store.settle(window, in: $0) }
        let lines = (0..<5).map { row in
            """
            {"endpoint":"clinic","model":"clinic","version":1,"prediction_id":"x-\(row)",\
            "time":\(start.milliseconds + 40_000 + Int64(row)),"inputs":{"age":\(row)},"output":0.5}
            """
        }
        try await fixture.take(lines)
        let changed = try #require(try await fixture.waiting().first)
        #expect(changed.number == window.number)
        #expect(changed.isChanged)
        #expect(changed.rows == 35)
        #expect(try await fixture.store.records(of: changed)[Self.lane]?.rows == 35)
        let minutes = try await fixture.store.series(
            monitor: "health", from: start, to: fixture.clock.now, by: .minute)
        #expect(minutes.map(\.record.rows) == [35])
        #expect(minutes.first?.record.latency.perRequest.count == 30)
    }
}
