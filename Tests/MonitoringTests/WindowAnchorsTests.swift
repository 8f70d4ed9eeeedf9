import Database
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// How long the cells are kept that windows were sorted into.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct WindowAnchorsTests {
    @Test func anchorsGoWithTheLastMonitorThatRestsOnThem() async throws {
        let plans = ["health", "other"].map { WindowPlan(monitor: $0, endpoint: "clinic", window: .rows(50)) }
        let age = ColumnAnchors(reference: (0..<100).map { .number(Double($0)) })
        let fixture = try await WindowFeedFixture(plans, anchors: WindowAnchors(inputs: ["age": age]))
        func anchors() async throws -> Int? {
            try await fixture.database.read { try $0.value("SELECT COUNT(*) FROM monitor_anchors", as: Int.self) }
        }
        try await fixture.predict(60)
        try await fixture.log.settleObservers()
        await fixture.feed.beat()
        #expect(try await anchors() == 1)
        fixture.plans.all = [plans[1]]
        try await fixture.database.write { try fixture.store.forget("health", in: $0) }
        #expect(try await anchors() == 1)
        #expect(try await fixture.store.slices(monitor: "other").count == 1)
        let kept = try await fixture.store.merged(
            monitor: "other", from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: .max))
        #expect(kept?.inputs["age"]?.rows == 60)
        fixture.plans.all = []
        try await fixture.database.write { try fixture.store.forget("other", in: $0) }
        #expect(try await anchors() == 0)
        fixture.clock.advance(by: 5_000)
        await fixture.feed.beat()
        // One of the same name that is made anew stores them again, though the server knew them.
        fixture.plans.all = plans
        fixture.clock.advance(by: 5_000)
        try await fixture.predict(60)
        try await fixture.log.settleObservers()
        await fixture.feed.beat()
        #expect(try await anchors() == 1)
        #expect(try await fixture.whole()?.inputs["age"]?.rows == 60)
    }
}
