import Database
import Incidents
import NIOCore
import Runtimes
import TestSupport
import Testing
import Web
import Wire

@testable import Monitoring
@testable import Predictions

/// Windows that are recomputed as rows and labels come late, and from when on they are not.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct FinalWindowTests {
    private static let day: Int64 = 86_400_000
    private static let spec =
        "{endpoint: clinic, type: binary, window: {rows: 50}, alarms: {windows: 2}, "
        + "performance: {metrics: [accuracy], label_days: 7}, segments: [{name: large, where: \"radius > 14\"}]}"

    private func fixture(_ spec: String = spec) async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(spec)
        return fixture
    }

    /// All answers say positive.
    private func predict(_ count: Int, in fixture: MonitoringFixture) async throws {
        try await fixture.predict(PatientTable(count, seed: 3)) { _ in 0.9 }
    }

    /// Labels some of the predictions, in their order.
    private func label(_ range: Range<Int>, _ value: Int64 = 1, in fixture: MonitoringFixture) async throws {
        let predictions = try await fixture.log.predictions(PredictionQuery(limit: 500)).sorted { $0.id < $1.id }
        try await fixture.log.label(
            predictions[range].map {
                PredictionLabel(id: $0.id, value: .integer(value), time: fixture.clock.now)
            })
        await fixture.lookAtLabels()
    }

    private func window(_ fixture: MonitoringFixture) async throws -> MonitorWindow {
        try #require(try await fixture.windows().first)
    }

    private func accuracy(_ window: MonitorWindow) -> Finding? {
        window.findings.first { $0.code == "accuracy" && $0.slice == .whole }
    }

    @Test func aWindowIsFinalOnceAllItsRowsAreLabelled() async throws {
        let fixture = try await fixture()
        try await predict(50, in: fixture)
        await fixture.observe()
        #expect(try await window(fixture).isProvisional)
        await fixture.lookAtLabels()
        #expect(try await window(fixture).isProvisional)
        #expect(try await window(fixture).revisions == 0)
        try await label(0..<30, in: fixture)
        #expect(try await window(fixture).isProvisional)
        #expect(try await window(fixture).revisions == 1)
        let moment = fixture.clock.now
        try await label(30..<50, in: fixture)
        let final = try await window(fixture)
        #expect(!final.isProvisional)
        #expect(final.revisions == 2)
        #expect(final.revisedAt == moment)
        // The same again is no other word on it, and a correction is.
        try await label(30..<50, in: fixture)
        #expect(try await window(fixture) == final)
        try await label(0..<10, 0, in: fixture)
        let corrected = try await window(fixture)
        #expect(accuracy(corrected)?.value == 0.8)
        #expect(corrected.revisions == 3)
        #expect(corrected.changes == "recomputed 3 times")
    }

    @Test func labelsThatComeTooLateAreCountedAndChangeNothing() async throws {
        let fixture = try await fixture()
        try await predict(100, in: fixture)
        await fixture.observe()
        try await label(0..<30, in: fixture)
        fixture.clock.advance(by: 8 * Self.day)
        await fixture.lookAtLabels()
        let final = try await fixture.windows()
        #expect(final.map(\.isProvisional) == [false, false])
        #expect(accuracy(final[0])?.rows == 30)
        fixture.clock.advance(by: 1_000)
        // Twenty more, and five that were there say something else.
        try await label(30..<50, 0, in: fixture)
        try await label(0..<5, 0, in: fixture)
        let after = try await fixture.windows()
        #expect(after.map(\.findings) == final.map(\.findings))
        #expect(after.map(\.lateLabels) == [25, 0])
        #expect(after.map(\.revisions) == final.map(\.revisions))
        #expect(after[0].changes.hasSuffix("25 labels too late"))
        #expect(try await fixture.log.labelledMinutes(limit: 10).isEmpty)
    }

    @Test func anHourTellsOfLabelsThatCameTooLateForItsWindows() async throws {
        let fixture = try await fixture(Self.spec.replacing("alarms:", with: "merged: [hour], alarms:"))
        try await predict(100, in: fixture)
        // In time, or they would be late rows, which are gathered first.
        await fixture.count()
        fixture.clock.advance(by: 3_600_000)
        await fixture.observe()
        try await label(0..<30, in: fixture)
        fixture.clock.advance(by: 8 * Self.day)
        await fixture.lookAtLabels()
        func hours() async throws -> [MonitorWindow] { try await fixture.store.windows(of: "health", .hour, limit: 9) }
        let final = try await hours()
        #expect(final.map(\.isProvisional) == [false])
        #expect(final.map(\.lateLabels) == [0])
        fixture.clock.advance(by: 1_000)
        try await label(30..<50, 0, in: fixture)
        let after = try await hours()
        #expect(after.map(\.lateLabels) == [20])
        #expect(after.map(\.findings) == final.map(\.findings))
        #expect(after.map(\.revisions) == final.map(\.revisions))
    }

    @Test func rowsOfLongAgoWaitForTheirLabelsFromWhenTheyAreJudged() async throws {
        let fixture = try await fixture()
        try await predict(50, in: fixture)
        fixture.clock.advance(by: 60 * Self.day)
        await fixture.observe()
        await fixture.lookAtLabels()
        #expect(try await window(fixture).isProvisional)
        try await label(0..<40, in: fixture)
        let measured = try await window(fixture)
        #expect(accuracy(measured)?.rows == 40)
        fixture.clock.advance(by: 8 * Self.day)
        await fixture.lookAtLabels()
        #expect(try await !window(fixture).isProvisional)
    }

    private func take(_ count: Int, at time: Int64, in fixture: MonitoringFixture) async throws {
        let lines = (0..<count).map { row in
            """
            {"endpoint":"clinic","variant":"main","model":"clinic","version":1,"prediction_id":"x-\(row)",\
            "time":\(time + Int64(row)),"inputs":{"radius":14,"texture":19,"smokes":false,"ward":"north"},\
            "output":0.9}
            """
        }
        let body = ByteBuffer(string: lines.joined(separator: "\n"))
        let receipt = try await PredictionImport(
            to: fixture.log, policies: [:], caller: "ann", endpoint: nil, clock: fixture.clock.clock, entropy: .system
        ).take(
            bytes: AsyncThrowingStream<ByteBuffer, any Error> { continuation in
                continuation.yield(body)
                continuation.finish()
            })
        #expect(receipt.accepted == count)
    }

    /// An hour is judged again however late its rows come.
    @Test func rowsThatComeAfterAWindowWasFinalAreCountedAmongThoseWithoutLabels() async throws {
        let fixture = try await fixture(Self.spec.replacing("window: {rows: 50}", with: "window: {minutes: 60}"))
        let start = fixture.clock.now.milliseconds
        try await predict(60, in: fixture)
        fixture.clock.advance(by: 3_600_000)
        await fixture.observe()
        try await label(0..<30, in: fixture)
        fixture.clock.advance(by: 8 * Self.day)
        await fixture.lookAtLabels()
        func coverage() async throws -> Double? {
            try await window(fixture).findings.first { $0.code == "labels" && $0.slice == .whole }?.value
        }
        #expect(try await !window(fixture).isProvisional)
        #expect(try await coverage() == 0.5)
        try await take(20, at: start + 90_000, in: fixture)
        await fixture.observe()
        await fixture.lookAtLabels()
        #expect(try await window(fixture).rows == 80)
        #expect(try await coverage() == 0.375)
        #expect(try await !window(fixture).isProvisional)
    }

    /// Who goes on looking does not look through what it has seen, and finds what is new of it.
    @Test func aWindowThatChangedIsAmongTheNewOnes() async throws {
        let fixture = try await fixture(Self.spec.replacing("window: {rows: 50}", with: "window: {minutes: 30}"))
        let watch = fixture.performanceWatch
        let start = fixture.clock.now.milliseconds
        for _ in 0..<2 {
            try await predict(60, in: fixture)
            fixture.clock.advance(by: 3_600_000)
            await fixture.observe()
            while await watch.pass() {}
        }
        let changes = try #require(try await fixture.performance.changes()["health"])
        func unseen() async throws -> [Int] {
            try await fixture.performance.due(
                of: "health", source: fixture.log.source, after: changes, known: .max, before: fixture.clock.now,
                limit: 9
            ).unseen.map(\.number)
        }
        #expect(try await unseen().isEmpty)
        try await take(20, at: start + 90_000, in: fixture)
        await fixture.observe()
        #expect(try await unseen() == [1])
        while await watch.pass() {}
        #expect(try await unseen().isEmpty)
        #expect(try await fixture.performance.performance(of: "health", limit: 9).map(\.rows) == [80, 60])
    }

    @Test func rowsThatComeLateTakeNothingOfWhatLabelsSaid() async throws {
        let fixture = try await fixture(
            Self.spec.replacing("window: {rows: 50}", with: "window: {minutes: 30}"))
        let start = fixture.clock.now.milliseconds
        try await predict(60, in: fixture)
        fixture.clock.advance(by: 3_600_000)
        await fixture.observe()
        try await label(0..<60, in: fixture)
        #expect(try await !window(fixture).isProvisional)
        let revisions = try await window(fixture).revisions
        try await take(20, at: start + 90_000, in: fixture)
        await fixture.observe()
        let changed = try await window(fixture)
        #expect(changed.rows == 80)
        #expect(changed.isProvisional)
        #expect(changed.revisions == revisions + 1)
        #expect(accuracy(changed)?.rows == 60, "Until labels are looked at again it is what it was.")
        await fixture.lookAtLabels()
        let labels = try await window(fixture).findings.first { $0.code == "labels" && $0.slice == .whole }
        #expect(labels?.value == 0.75)
    }

    @Test func ofSeveralServersAllLabelsMakeAWindowFinal() async throws {
        let first = try await fixture(Self.spec.replacing("window: {rows: 50}", with: "window: {minutes: 30}"))
        let second = try await first.another()
        for server in [first, second] {
            try await predict(40, in: server)
            await server.count()
        }
        first.clock.advance(by: 3_600_000)
        await first.observe()
        for (server, isFinal) in [(first, false), (second, true)] {
            try await label(0..<40, in: server)
            #expect(try await window(first).isProvisional == !isFinal)
        }
        let measured = try await window(first)
        #expect(accuracy(measured)?.rows == 80)
    }

    @Test func segmentsHaveACoverageAndEstimatesOfTheirOwn() async throws {
        let fixture = try await fixture(Self.spec.replacing("radius > 14", with: "radius > 12"))
        try await predict(250, in: fixture)
        await fixture.observe()
        try await label(0..<200, in: fixture)
        let predictions = try await fixture.log.predictions(PredictionQuery(limit: 500)).sorted { $0.id < $1.id }
        func isLarge(_ prediction: Prediction) -> Bool { prediction.inputs.json["radius"]?.doubleValue ?? 0 > 12 }
        // Of the last window only what is large is labelled.
        let rows = predictions.suffix(50)
        try await fixture.log.label(
            rows.filter(isLarge).map { PredictionLabel(id: $0.id, value: 1, time: fixture.clock.now) })
        await fixture.lookAtLabels()
        let window = try #require(try await fixture.windows().last)
        let large = TrafficSlice(segment: "large")
        let labels = try #require(window.findings.first { $0.code == "labels" && $0.slice == large })
        #expect(labels.value == 1)
        #expect(labels.words.hasPrefix("\(rows.count(where: isLarge)) of \(rows.count(where: isLarge)) rows"))
        #expect(try #require(window.findings.first { $0.code == "labels" && $0.slice == .whole }?.value) < 0.9)
        let estimates = window.findings.filter { $0.code == "estimated_accuracy" }
        #expect(Set(estimates.map(\.slice)) == [.whole, large])
        #expect(estimates.allSatisfy { $0.details["realised"] != nil })
        #expect(estimates.first { $0.slice == large }?.rows == rows.count(where: isLarge))
    }

    @Test func apiAndPageSayWhatMayChangeAndWhatHas() async throws {
        let fixture = try await fixture()
        try await predict(100, in: fixture)
        await fixture.observe()
        await fixture.lookAtLabels()
        try await label(0..<50, in: fixture)
        var routes = Routes()
        MonitorRoutes(board: fixture.board, log: fixture.log).routes(into: &routes)
        PerformanceRoutes(board: fixture.board, store: fixture.performance).routes(into: &routes)
        try await LiveServer.run(routes, clock: fixture.clock.clock) { server in
            let answer = try await server.get("/api/v1/monitors/health/windows").json["windows"]?.arrayValue ?? []
            #expect(answer.map { $0["provisional"] } == [false, true])
            #expect(answer.map { $0["revisions"] } == [1, 0])
            #expect(answer.map { $0["changes"] } == ["recomputed once", ""])
            let page = try await server.get("/monitors/health").text
            #expect(page.contains("recomputed once"))
            #expect(page.contains("provisional"))
            let quality = try await server.get("/api/v1/monitors/health/performance").json["windows"]?.arrayValue ?? []
            let parts = quality.first?["parts"]?.arrayValue ?? []
            #expect(parts.map { $0["coverage"]?.doubleValue } == [1, 1])
            #expect(parts.last?["rows"]?.integerValue ?? 0 < 50)
        }
    }
}
