import Database
import Incidents
import TestSupport
import Testing
import Web
import Wire

@testable import Monitoring
@testable import Predictions

/// Hours and days that windows are merged into, from the prediction log to the alert.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct MergedWindowTests {
    private func fixture(_ spec: String, isRepeatable: Bool = false) async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture(isRepeatable: isRepeatable)
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(spec)
        return fixture
    }

    /// The clock begins on a full hour. Half an hour with 100 rows.
    private func half(_ number: Int, in fixture: MonitoringFixture, scale: Double = 1) async throws {
        let start = Self.start + Int64(number) * 1_800_000
        fixture.clock.advance(by: start - fixture.clock.now.milliseconds)
        try await fixture.predict(PatientTable(100, seed: UInt64(40 + number), scale: scale))
        // In time, or it would be late rows, which are gathered first.
        await fixture.count()
    }

    private static let start: Int64 = 1_800_000_000_000

    private func judgedHours(_ fixture: MonitoringFixture) async throws -> [MonitorWindow] {
        try await fixture.store.windows(of: "health", .hour, limit: 100)
    }

    @Test func anHourHoldsTheRowsOfItsWindowsAndIsJudgedAsTheyAre() async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, window: {minutes: 30}, merged: [hour], segments: [{column: ward, limit: 5}]}")
        for number in 0..<4 { try await half(number, in: fixture, scale: number < 2 ? 1 : 1.5) }
        fixture.clock.advance(by: 3_600_000)
        await fixture.observe()
        let (windows, hours) = (try await fixture.windows(), try await judgedHours(fixture))
        #expect(windows.map(\.rows) == [100, 100, 100, 100])
        #expect(windows.allSatisfy { $0.length == .window })
        #expect(hours.map(\.rows) == [200, 200])
        #expect(hours.map(\.length) == [.hour, .hour])
        #expect(hours.map { $0.end.milliseconds - $0.start.milliseconds } == [3_600_000, 3_600_000])
        try #require(hours.map(\.drifting) == [[], ["radius"]])
        // Every segment of every length, each with the rows of both windows.
        func segments(_ window: MonitorWindow) -> [String: Int] {
            Dictionary(
                window.findings.filter { $0.code == PerformanceFamily.labelsCode }.map {
                    ($0.slice.segment ?? "", $0.rows)
                }
            ) { first, _ in first }
        }
        let last = segments(hours[1])
        #expect(last.count == 4)
        #expect(last == segments(windows[2]).merging(segments(windows[3]), uniquingKeysWith: +))
        let finding = try #require(hours[1].bad.first)
        #expect(finding.details["length"] == "hour")
        #expect(finding.words.hasPrefix("Over the hour: "))
    }

    @Test func hoursOfWindowsOfRowsHoldTheRowsOfTheirTime() async throws {
        let fixture = try await fixture("{endpoint: clinic, window: {rows: 70}, merged: [hour, day]}")
        for number in 0..<3 { try await half(number, in: fixture) }
        fixture.clock.advance(by: 86_400_000)
        await fixture.observe()
        #expect(try await fixture.windows().map(\.rows) == [70, 70, 70, 70])
        #expect(try await judgedHours(fixture).map(\.rows) == [200, 100])
        #expect(try await fixture.store.windows(of: "health", .day, limit: 9).map(\.rows) == [300])
    }

    @Test func badWindowsAndABadHourAreNoThreeInARow() async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, window: {minutes: 30}, merged: [hour], alarms: {windows: 3, of: 3}, "
                + "drift: {joint: false}}")
        for number in 0..<2 { try await half(number, in: fixture, scale: 1.5) }
        fixture.clock.advance(by: 1_800_000)
        await fixture.observe()
        #expect(try await fixture.windows().map(\.drifting) == [["radius"], ["radius"]])
        #expect(try await judgedHours(fixture).map(\.drifting) == [["radius"]])
        #expect(try await fixture.alerts.alerts(limit: 9).isEmpty)
        for number in 2..<8 { try await half(number, in: fixture, scale: 1.5) }
        fixture.clock.advance(by: 1_800_000)
        await fixture.observe()
        let alert = try #require(try await fixture.alerts.alerts(state: .open, limit: 9).first)
        #expect(try await fixture.alerts.alerts(limit: 9).count == 1, "Hours that last too open no second one.")

        // The windows are as before, but not yet three hours.
        for number in 8..<12 { try await half(number, in: fixture) }
        fixture.clock.advance(by: 1_800_000)
        await fixture.observe()
        #expect(try await fixture.alerts.alert(id: alert.id).state == .open)
        // Nobody wants hours any more.
        try await fixture.apply(
            "{endpoint: clinic, window: {minutes: 30}, alarms: {windows: 3, of: 3}, drift: {joint: false}}")
        try await half(12, in: fixture)
        fixture.clock.advance(by: 1_800_000)
        await fixture.observe()
        #expect(try await fixture.alerts.alert(id: alert.id).state == .closed)
    }

    /// Whenever they are judged: by one look at all of them, or each as soon as it has ended, by a server that ends then.
    @Test func aRestartAnywhereChangesNothing() async throws {
        // With so many false alarms a test of whole rows takes few permutations.
        let spec =
            "{endpoint: clinic, window: {minutes: 30}, merged: [hour, day], "
            + "alarms: {windows: 2, of: 2, false_alarms_per_month: 1000}}"
        // Rows are sampled by their ids: of others rows as a whole differ otherwise.
        let whole = try await fixture(spec, isRepeatable: true)
        for number in 0..<5 { try await half(number, in: whole, scale: number < 3 ? 1 : 1.5) }
        whole.clock.advance(by: 86_400_000)
        await whole.observe()
        var restarted = try await fixture(spec, isRepeatable: true)
        for number in 0..<5 {
            try await half(number, in: restarted, scale: number < 3 ? 1 : 1.5)
            await restarted.observe()
            restarted = try await restarted.restarted()
        }
        restarted.clock.advance(by: 86_400_000)
        await restarted.observe()
        for length in WindowLength.allCases {
            let expected = try await whole.store.windows(of: "health", length, limit: 99)
            let windows = try await restarted.store.windows(of: "health", length, limit: 99)
            #expect(!windows.isEmpty)
            #expect(windows.map(\.rows) == expected.map(\.rows))
            for (window, expected) in zip(windows, expected) { #expect(window.findings == expected.findings) }
        }
    }

    /// The first 500 answers, to which later ones are held, are known when the first hours are judged, or not yet.
    @Test(arguments: ["{minutes: 30}", "{rows: 100}"])
    func whatHoldsTheFirstAnswersIsNotComparedWithThem(window: String) async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, window: \(window), merged: [hour, day], drift: {joint: false}}")
        for number in 0..<7 { try await half(number, in: fixture) }
        fixture.clock.advance(by: 86_400_000)
        await fixture.observe()
        func isCompared(_ window: MonitorWindow) -> Bool { window.columns.contains { $0.subject == "prediction" } }
        #expect(try await fixture.windows().map(isCompared) == [false, false, false, false, false, true, true])
        #expect(try await judgedHours(fixture).map(isCompared) == [false, false, false, true])
        #expect(try await fixture.store.windows(of: "health", .day, limit: 9).map(isCompared) == [false])
    }

    @Test func serversMakeOneHour() async throws {
        let first = try await fixture("{endpoint: clinic, window: {minutes: 30}, merged: [hour]}")
        let second = try await first.another()
        try await half(0, in: first)
        await first.count()
        try await half(1, in: second)
        await second.count()
        first.clock.advance(by: 1_800_000)
        var (courses, others): ([String: MonitorCourse], [String: MonitorCourse]) = ([:], [:])
        for _ in 0..<4 {
            _ = await first.watch.pass(&courses)
            _ = await second.watch.pass(&others)
        }
        #expect(try await judgedHours(first).map(\.rows) == [200])
        #expect(try await first.store.windows(of: "health", limit: 9).map(\.rows) == [100, 100])
    }

    @Test func windowsOfAnHourAreComparedWithTheHoursBefore() async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, window: {minutes: 30}, merged: [hour], reference: {previous: 2}, alarms: {windows: 1}}")
        for number in 0..<8 { try await half(number, in: fixture, scale: number < 6 ? 1 : 1.5) }
        fixture.clock.advance(by: 3_600_000)
        await fixture.observe()
        let hours = try await judgedHours(fixture)
        #expect(hours.map { $0.columns.first?.referenceRows } == [nil, nil, 400, 400])
        #expect(hours.map(\.drifting) == [[], [], [], ["radius"]])
    }

    @Test func labelsOfItsWindowsMeasureAnHour() async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, type: binary, window: {minutes: 30}, merged: [hour], "
                + "performance: {metrics: [accuracy], minimum: {accuracy: 0.8}}, alarms: {windows: 1}}")
        for number in 0..<2 { try await half(number, in: fixture) }
        fixture.clock.advance(by: 1_800_000)
        await fixture.observe()
        await fixture.lookAtLabels()
        func said(_ code: String) async throws -> Finding? {
            try await judgedHours(fixture).first?.findings.first { $0.family == .performance && $0.code == code }
        }
        #expect(try await said("labels")?.verdict == .unknown)
        let predictions = try await fixture.log.predictions(PredictionQuery(limit: 500))
        #expect(predictions.count == 200)
        // Answers are 0.5, which is positive; of each window some labels come, and later the others.
        for (part, isLate) in [(predictions.prefix(130), false), (predictions.suffix(70), true)] {
            try await fixture.log.label(
                part.enumerated().map { place, prediction in
                    PredictionLabel(
                        id: prediction.id, value: .integer(place < (isLate ? 35 : 65) ? 1 : 0), time: fixture.clock.now)
                })
            await fixture.lookAtLabels()
            #expect(try await said("accuracy")?.rows == (isLate ? 200 : 130))
            #expect(try await said("accuracy")?.value == 0.5)
        }
        #expect(try await said("accuracy")?.verdict == .bad)
        #expect(try await said("accuracy")?.details["length"] == "hour")
    }

    @Test func apiAndPageShowEachLength() async throws {
        let fixture = try await fixture("{endpoint: clinic, window: {minutes: 30}, merged: [hour]}")
        for number in 0..<3 { try await half(number, in: fixture) }
        fixture.clock.advance(by: 3_600_000)
        await fixture.observe()
        var routes = Routes()
        MonitorRoutes(board: fixture.board, log: fixture.log).routes(into: &routes)
        try await LiveServer.run(routes, clock: fixture.clock.clock) { server in
            func windows(_ query: String) async throws -> [JSON] {
                try await server.get("/api/v1/monitors/health/windows\(query)").json["windows"]?.arrayValue ?? []
            }
            #expect(try await windows("").map { $0["rows"] } == [100, 100, 100])
            #expect(try await windows("?length=hour").map { $0["rows"] } == [200, 100])
            #expect(try await windows("?length=hour&limit=1").map { $0["length"] } == ["hour"])
            #expect(try await windows("?length=day").isEmpty)
            #expect(try await server.get("/api/v1/monitors/health/windows?length=week").status == 400)
            #expect(try await server.get("/api/v1/monitors/health").json["last_window"]?["length"] == "window")
            let page = try await server.get("/monitors/health").text
            #expect(page.contains("<h2>Hours</h2>"))
            #expect(!page.contains("<h2>Days</h2>"))
        }
    }
}
