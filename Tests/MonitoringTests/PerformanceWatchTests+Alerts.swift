import Incidents
import TestSupport
import Testing
import Wire

@testable import Monitoring

/// Which alerts follow from labels.
extension PerformanceWatchTests {
    @Test func aMeasureBelowItsLimitOpensAnAlertAlsoWhenItsLabelsComeLate() async throws {
        let fixture = try await fixture()
        let rows = try await Self.predict(200, in: fixture, seed: 6)
        await fixture.observe()
        await fixture.lookAtLabels()
        #expect(try await fixture.alerts.alerts(limit: 10).isEmpty)
        try await Self.label(rows, in: fixture, wrong: 0.5)
        await fixture.lookAtLabels()
        let alerts = try await fixture.alerts.alerts(state: .open, monitor: "health", limit: 10)
        let alert = try #require(alerts.first { $0.topic == AlertState.Topic(.performance, in: Self.lane()) })
        #expect(alert.findings.contains { $0.code == "accuracy" && $0.verdict == .bad })
        // Windows that close without labels leave it open.
        _ = try await Self.predict(150, in: fixture, seed: 7)
        await fixture.observe()
        await fixture.lookAtLabels()
        #expect(try await fixture.alerts.alert(id: alert.id).state == .open)
        #expect(try await fixture.alerts.alerts(limit: 20).filter { $0.topic == alert.topic }.count == 1)
    }

    /// There is another model by now, which nothing of this is about.
    @Test func labelsOfAFormerVersionOpenNothing() async throws {
        let fixture = try await fixture()
        let rows = try await Self.predict(200, in: fixture, seed: 6)
        await fixture.observe()
        _ = try await Self.predict(50, in: fixture, seed: 7, by: Self.lane(version: 2))
        await fixture.observe()
        #expect(try await fixture.windows().last?.version == 2)
        try await Self.label(rows, in: fixture, wrong: 0.5)
        await fixture.lookAtLabels()
        let bad = try await fixture.windows().filter { window in
            window.version == 1 && window.bad.contains { $0.code == "accuracy" }
        }
        #expect(bad.count >= 3)
        #expect(try await fixture.alerts.alerts(limit: 10).filter { $0.topic.family == .performance }.isEmpty)
    }

    /// One version answers in two variants, and the good one's windows say nothing of the bad one.
    @Test func eachVariantHasAnAlertOfItsOwn() async throws {
        let fixture = try await fixture()
        for seed in 21..<24 {
            var (bad, good): ([Answered], [Answered]) = ([], [])
            for row in 0..<50 {
                let seed = UInt64(seed * 100 + row)
                bad += try await Self.predict(1, in: fixture, seed: seed, by: Self.lane("bold"))
                good += try await Self.predict(1, in: fixture, seed: seed)
            }
            await fixture.observe()
            try await Self.label(bad, in: fixture, wrong: 0.5)
            try await Self.label(good, in: fixture, wrong: 0)
            await fixture.lookAtLabels()
        }
        let alerts = try await fixture.alerts.alerts(monitor: "health", limit: 20)
            .filter { $0.topic.family == .performance }
        #expect(Set(alerts.map(\.topic.slice.lane)) == [Self.lane("bold")])
        #expect(alerts.contains { $0.topic.slice == Self.lane("bold") && $0.state == .open })
        let windows = try await fixture.performance.performance(of: "health", limit: 10)
        #expect(windows.map(\.labelled) == Array(repeating: 50, count: 6))
    }

    /// Labels come when an alert of another kind has long been closed: what their windows said then opens it no second time.
    @Test func labelsSayNothingAnewOfWhatWindowsSaidBefore() async throws {
        let fixture = try await fixture()
        let rows = try await Self.predict(150, in: fixture, seed: 17, scale: 1.5)
        await fixture.observe()
        let drift = try #require(try await fixture.alerts.alerts(limit: 10).first { $0.topic.family == .drift })
        try await fixture.store.close(drift.topic, of: "health", because: "its version was taken out")
        try await Self.label(rows, in: fixture)
        await fixture.lookAtLabels()
        #expect(try await fixture.performance.performance(of: "health", limit: 5).count == 3)
        #expect(try await fixture.alerts.alerts(limit: 10).filter { $0.topic.family == .drift }.count == 1)
    }
}
