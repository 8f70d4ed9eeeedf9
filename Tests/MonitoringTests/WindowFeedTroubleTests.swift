import Database
import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// What must not keep a feed from counting: lost answers, references that cannot be read, rows of any names and any times.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct WindowFeedTroubleTests {
    @Test func keepsWhatCouldNotBeStoredUntilItCan() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(10)
        try await fixture.log.settleObservers()
        try await fixture.database.write { try $0.execute("ALTER TABLE monitor_traffic RENAME TO elsewhere") }
        try await fixture.predict(60)
        await #expect(throws: (any Error).self) { try await fixture.log.settleObservers() }
        try await fixture.database.write { try $0.execute("ALTER TABLE elsewhere RENAME TO monitor_traffic") }
        try await fixture.log.settleObservers()
        #expect(try await fixture.whole()?.rows == 70)
        #expect(try await fixture.waiting().map(\.rows) == [50])
    }

    @Test func storesOnceWhatWasStoredWithoutAnAnswer() async throws {
        let fixture = try await WindowFeedFixture()
        let (store, plan) = (fixture.store, fixture.plans.all[0])
        _ = try await store.begin("health", plan: plan.signature, source: "here")
        var counter = WindowCounter(source: "here", position: nil)
        counter.take(.init(plan, WindowCutter(size: plan.window)))
        var rows = 0
        func count(_ count: Int, in counter: inout WindowCounter) throws {
            let predictions = try (rows..<rows + count).map { row in
                let number = String(row, radix: 16)
                return Prediction(
                    id: PredictionID(request: String(repeating: "0", count: 32 - number.count) + number),
                    endpoint: "clinic", variant: "main", model: "clinic", version: 1,
                    inputs: try JSONText(#"{"age":1}"#), output: try JSONText("0.5"), latencyUs: 1, caller: "ann")
            }
            rows += count
            let table = RowTable(predictions)
            let placement = counter.place(predictions[...], table)
            counter.insert([:], for: counter.missing(placement))
            counter.count(predictions[...], table, placement, upTo: JournalPosition(segment: 1, offset: rows))
        }
        try count(60, in: &counter)
        // The answer to this is lost, and more comes before it is stored again.
        _ = try await store.store(counter.takeFlush().flush, at: fixture.clock.now)
        try count(70, in: &counter)
        while counter.isChanged {
            let taken = counter.takeFlush()
            counter.stored(taken, gone: try await store.store(taken.flush, at: fixture.clock.now))
        }
        #expect(try await fixture.whole()?.rows == 130)
        #expect(try await fixture.waiting().map(\.rows) == [50, 50])
        #expect(try await store.position(of: "here") == JournalPosition(segment: 1, offset: 130))
    }

    @Test func countsForAllWhileOneReferenceCannotBeRead() async throws {
        let plans = ["broken", "health"].map { WindowPlan(monitor: $0, endpoint: "clinic", window: .rows(50)) }
        let reference = ColumnAnchors(reference: (0..<100).map { .number(Double($0)) })
        let fixture = try await WindowFeedFixture(plans, anchors: WindowAnchors(inputs: ["age": reference]))
        fixture.plans.failure = DatabaseError(.unavailable, "The files of datasets are away.")
        try await fixture.predict(10)
        try await fixture.log.settleObservers()
        #expect(try await fixture.whole()?.rows == 10)
        #expect(try await fixture.whole(of: "broken")?.inputs["age"]?.anchors == nil)
        fixture.plans.failure = nil
        fixture.clock.advance(by: 61_000)
        try await fixture.predict(10)
        try await fixture.log.settleObservers()
        let broken = try #require(try await fixture.whole(of: "broken"))
        #expect(broken.rows == 20)
        #expect(broken.inputs["age"]?.anchors == FixedAnchors(reference))
    }

    @Test func countsOnWhileAReferenceIsMadeAndLosesNothing() async throws {
        let age = ColumnAnchors(reference: (0..<100).map { .number(Double($0)) })
        let fixture = try await WindowFeedFixture(anchors: WindowAnchors(inputs: ["age": age]))
        fixture.plans.isMaking = true
        try await fixture.predict(700)
        try await fixture.log.settleObservers()
        var whole = try #require(try await fixture.whole())
        #expect(whole.rows == 700)
        #expect(whole.inputs["age"]?.anchors == nil, "It waits for the cells of the reference.")
        #expect(try await fixture.waiting().count == 14)
        fixture.plans.isMaking = false
        await fixture.feed.beat()
        try await fixture.predict(50)
        try await fixture.log.settleObservers()
        whole = try #require(try await fixture.whole())
        let ages = (Array(0..<700) + Array(0..<50)).map { ColumnValue.number(Double($0)) }
        #expect(whole.profile(whole.inputs["age"]) == ColumnProfile(ages, anchors: age))
    }

    /// What waits is rolled up with the others, and not counted once more when the reference is there.
    @Test func historyThatWaitsForAReferenceIsCountedOnce() async throws {
        let fixture = try await WindowFeedFixture()
        let start = fixture.clock.now
        fixture.clock.advance(by: 86_400_000)
        fixture.plans.isMaking = true
        try await fixture.take(
            (0..<60).map { row in
                """
                {"endpoint":"clinic","model":"clinic","version":1,"prediction_id":"x-\(row)",\
                "time":\(start.milliseconds + Int64(row)),"inputs":{"age":\(row)},"output":0.5}
                """
            })
        try await fixture.database.write {
            try $0.execute("UPDATE monitor_traffic SET closes_at = 0, evaluated = revision")
        }
        fixture.clock.advance(by: 601_000)
        try await fixture.feed.rollUp()
        let age = ColumnAnchors(reference: (0..<100).map { .number(Double($0)) })
        fixture.plans.anchors = WindowAnchors(inputs: ["age": age])
        fixture.plans.isMaking = false
        await fixture.feed.beat()
        await fixture.feed.beat()
        let whole = try #require(try await fixture.whole())
        #expect(whole.rows == 60)
        #expect(whole.inputs["age"]?.rows == 60)
    }

    @Test func columnsWaitForNoReferenceThatCannotBeMade() async throws {
        let fixture = try await WindowFeedFixture()
        fixture.plans.isMaking = true
        try await fixture.predict(300)
        try await fixture.log.settleObservers()
        #expect(try await fixture.whole()?.inputs["age"]?.anchors == nil)
        fixture.plans.isMaking = false
        await fixture.feed.beat()
        try await fixture.predict(1)
        try await fixture.log.settleObservers()
        let whole = try #require(try await fixture.whole())
        #expect(whole.inputs["age"]?.anchors != nil)
        #expect(whole.inputs["age"]?.rows == 301)
    }

    /// Rows that were sorted into cells of production before the reference came are not missing.
    @Test func nothingIsSaidOfRowsThatWereSortedOtherwise() async throws {
        let fixture = try await WindowFeedFixture()
        let start = fixture.clock.now
        try await fixture.predict(1, pauseMs: 100)
        // There is no reference, and a minute later it is asked for again.
        try await fixture.log.settleObservers()
        try await fixture.predict(299, pauseMs: 100)
        try await fixture.log.settleObservers()
        fixture.clock.advance(by: 29_000)
        // The first row of the second minute.
        try await fixture.predict(1)
        try await fixture.log.settleObservers()
        let age = ColumnAnchors(reference: (0..<100).map { .number(Double($0)) })
        fixture.plans.anchors = WindowAnchors(inputs: ["age": age])
        try await fixture.predict(20)
        try await fixture.log.settleObservers()
        let second = try #require(
            try await fixture.store.merged(monitor: "health", from: start + .seconds(60), to: start + .seconds(120)))
        #expect(second.inputs["age"]?.masked == 1)
        let profile = try #require(second.profile(second.inputs["age"]))
        #expect(profile.anchors == age)
        #expect(profile.rows == 20)
        #expect(profile.missing == 0)
        let whole = try #require(try await fixture.whole())
        #expect(whole.rows == 321)
        #expect(whole.inputs["age"].map { $0.rows + $0.masked } == 321)
        #expect(whole.profile(whole.inputs["age"])?.missing == 0)
    }

    @Test func aDamagedRecordKeepsNothingFromBeingCounted() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(60)
        try await fixture.log.settleObservers()
        try await fixture.database.write { try $0.execute("UPDATE monitor_records SET body = \([UInt8]([9, 9]))") }
        let damaged = try #require(try await fixture.whole())
        #expect(damaged.unreadable > 0)
        #expect(damaged.rows == 0)
        let later = try await fixture.killed()
        try await later.predict(60)
        try await later.log.settleObservers()
        let whole = try #require(try await later.whole())
        #expect(whole.rows == 60)
        #expect(whole.unreadable > 0)
        // It grows old with the others, and is told of by who reads them.
        later.clock.advance(by: 8 * 3_600_000)
        try await later.database.write {
            try $0.execute("UPDATE monitor_traffic SET closes_at = 0, evaluated = revision")
        }
        try await later.feed.rollUp()
        let spans = try await later.database.read {
            try $0.values("SELECT DISTINCT span FROM monitor_records", as: Int.self)
        }
        #expect(spans == [60])
        #expect(try await later.whole() == whole)
    }

    @Test func countsColumnsOfNamesThatAreAlwaysNew() async throws {
        let fixture = try await WindowFeedFixture()
        try await fixture.predict(60) { row in
            .members((0..<40).map { ("w\($0 < 2 ? $0 : row * 40 + $0)", .integer(1)) })
        }
        try await fixture.predict(5, endpoint: "unwatched") { _ in ["other": 1] }
        try await fixture.log.settleObservers()
        let whole = try #require(try await fixture.whole())
        #expect(whole.rows == 60)
        #expect(whole.inputs.count == WindowRecord.columnLimit)
        #expect(whole.inputs["w1"]?.rows == 60)
        // The names of 13 rows found a place, 38 of each besides the two of all.
        #expect(whole.overflow == 47)
    }

    @Test func closesWindowsOfAnEarlierProcessThatNothingComesTo() async throws {
        let former = try await WindowFeedFixture()
        try await former.predict(7)
        try await former.log.settleObservers()
        former.clock.advance(by: 25 * 3_600_000)
        let fixture = try await former.killed()
        await fixture.log.announce()
        await fixture.feed.beat()
        #expect(try await fixture.waiting().map(\.rows) == [7])
    }

    @Test func windowsOfHistoryAreOpenForAsLongAsItComes() async throws {
        let fixture = try await WindowFeedFixture()
        let start = fixture.clock.now
        fixture.clock.advance(by: 400 * 86_400_000)
        for part in 0..<3 {
            let lines = (0..<20).map { row in
                """
                {"endpoint":"clinic","model":"clinic","version":1,"prediction_id":"x-\(part)-\(row)",\
                "time":\(start.milliseconds + Int64(part * 20 + row)),"inputs":{"age":\(row)},"output":0.5}
                """
            }
            try await fixture.take(lines)
            await fixture.feed.beat()
        }
        #expect(try await fixture.waiting().map(\.rows) == [50])
        fixture.clock.advance(by: 25 * 3_600_000)
        await fixture.feed.beat()
        #expect(try await fixture.waiting().map(\.rows) == [50, 10])
    }
}
