import Database
import Incidents
import Runtimes
import TestSupport
import Testing
import Web
import Wire

@testable import Monitoring
@testable import Predictions

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct PerformanceWatchTests {
    static let spec =
        "{endpoint: clinic, type: binary, window: {rows: 50}, alarms: {windows: 2}, "
        + "performance: {metrics: [accuracy, recall, roc_auc], minimum: {accuracy: 0.8}, label_days: 7}, "
        + "segments: [{column: ward, limit: 5}, {name: large, where: \"radius > 14\"}]}"

    static func lane(_ variant: String = "main", version: Int = 1) -> TrafficSlice {
        TrafficSlice(variant: variant, model: "clinic", version: version)
    }

    struct Answered {
        let id: PredictionID
        let score: Double
    }

    /// Answers rows with scores as sure as `sharpness` makes them, one a second.
    static func predict(
        _ count: Int, in fixture: MonitoringFixture, seed: UInt64, sharpness: Double = 0.45, scale: Double = 1,
        by lane: TrafficSlice = lane()
    ) async throws -> [Answered] {
        var numbers = SeededNumbers(seed: seed)
        var answered: [Answered] = []
        for row in PatientTable(count, seed: seed, scale: scale).rows {
            fixture.clock.advance(by: 1_000)
            let score = ((numbers.uniform() < 0.5 ? 0.5 + sharpness : 0.5 - sharpness) * 1000).rounded() / 1000
            let id = try await fixture.log.append(
                LoggedRequest(
                    endpoint: "clinic", variant: lane.variant ?? "", model: "clinic", version: lane.version ?? 0,
                    latencyUs: 100, caller: "ann",
                    input: .document(row.inputs), output: .json(.double(score)), rowCount: 1))
            answered.append(Answered(id: id, score: score))
        }
        return answered
    }

    /// Labels rows: as their scores say, but for the share `wrong` of them.
    static func label(
        _ rows: [Answered], in fixture: MonitoringFixture, wrong: Double = 0.05, seed: UInt64 = 77
    ) async throws {
        var numbers = SeededNumbers(seed: seed)
        try await fixture.log.label(
            rows.map { row in
                let isPositive = (row.score >= 0.5) != (numbers.uniform() < wrong)
                return PredictionLabel(id: row.id, value: .integer(isPositive ? 1 : 0), time: fixture.clock.now)
            })
    }

    func fixture(_ spec: String = spec) async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(spec)
        return fixture
    }

    private func finding(_ code: String, _ window: MonitorWindow, segment: String? = nil) -> Finding? {
        window.findings.first {
            $0.family == .performance && $0.code == code && $0.slice == TrafficSlice(segment: segment)
        }
    }

    @Test func labelsThatComeLateMeasureTheWindowTheyBelongTo() async throws {
        let fixture = try await fixture()
        let rows = try await Self.predict(150, in: fixture, seed: 5)
        await fixture.observe()
        await fixture.lookAtLabels()
        var windows = try await fixture.windows()
        #expect(windows.count == 3)
        #expect(windows.allSatisfy { finding("labels", $0)?.verdict == .unknown })

        try await Self.label(Array(rows[50..<80]), in: fixture)
        await fixture.lookAtLabels()
        windows = try await fixture.windows()
        #expect(finding("accuracy", windows[0]) == nil)
        let second = try #require(finding("accuracy", windows[1]))
        #expect(second.rows == 30)
        #expect(try #require(second.value) > 0.8)
        #expect(second.details["final"] == false)
        #expect(finding("labels", windows[1])?.value == 0.6)

        // The rest comes, and a correction of what came.
        try await Self.label(Array(rows[50..<100]), in: fixture, wrong: 0)
        await fixture.lookAtLabels()
        let after = try #require(finding("accuracy", try await fixture.windows()[1]))
        #expect(after.value == 1)
        #expect(after.rows == 50)
        #expect(after.details["final"] == true)
        // Once more the same changes nothing.
        let before = try await fixture.windows()
        try await Self.label(Array(rows[50..<100]), in: fixture, wrong: 0)
        await fixture.lookAtLabels()
        #expect(try await fixture.windows() == before)
        #expect(try await fixture.log.labelledMinutes(limit: 10).isEmpty)
    }

    @Test func windowsBecomeFinalWhenLabelsAreNoLongerWaitedFor() async throws {
        let fixture = try await fixture()
        let rows = try await Self.predict(50, in: fixture, seed: 8)
        await fixture.observe()
        try await Self.label(Array(rows[0..<30]), in: fixture)
        await fixture.lookAtLabels()
        #expect(try await fixture.performance.performance(of: "health", limit: 5).map(\.isFinal) == [false])
        fixture.clock.advance(by: 8 * 86_400_000)
        await fixture.lookAtLabels()
        #expect(try await fixture.performance.performance(of: "health", limit: 5).map(\.isFinal) == [true])
    }

    @Test func aKilledServerLooksAgainAtWhatItHadNotFinished() async throws {
        var fixture = try await fixture()
        let rows = try await Self.predict(100, in: fixture, seed: 9)
        await fixture.observe()
        await fixture.lookAtLabels()
        try await Self.label(rows, in: fixture)
        fixture = try await fixture.restarted()
        await fixture.lookAtLabels()
        #expect(try await fixture.performance.performance(of: "health", limit: 5).map(\.labelled) == [50, 50])
    }

    @Test func segmentsAreMeasuredForThemselves() async throws {
        let fixture = try await fixture()
        let rows = try await Self.predict(300, in: fixture, seed: 10)
        await fixture.observe()
        try await Self.label(rows, in: fixture)
        await fixture.lookAtLabels()
        let window = try #require(try await fixture.performance.performance(of: "health", limit: 1).last)
        let segments = window.parts.compactMap(\.slice.segment)
        #expect(Set(segments) == ["ward = north", "ward = south", "ward = west", "large"])
        let wards = window.parts.filter { $0.slice.segment?.hasPrefix("ward") == true }
        #expect(wards.map(\.labelled).reduce(0, +) == 50)
    }

    @Test func aBasisIsLookedForAgainOnlyWhenLabelsCome() async throws {
        let fixture = try await fixture()
        let watch = fixture.performanceWatch
        let basis = { try await fixture.performance.basis(of: "health", model: "clinic", version: 1) }
        let rows = try await Self.predict(150, in: fixture, seed: 15)
        await fixture.observe()
        while await watch.pass() {}
        #expect(try await basis() == nil)
        // Labels of which nobody is told: who looked would find them.
        let day = PredictionDay(containing: rows[0].id.time)
        try await fixture.log.partitions.with(day) { store in
            try await store.database.write { transaction in
                for row in rows {
                    try transaction.execute(
                        """
                        INSERT INTO labels (request, row_index, value, time)
                        VALUES (\(row.id.request), 0, \(JSON.integer(row.score >= 0.5 ? 1 : 0)), 0)
                        """)
                }
            }
        }
        _ = try await Self.predict(50, in: fixture, seed: 16)
        await fixture.observe()
        while await watch.pass() {}
        #expect(try await basis() == nil)
        try await Self.label([rows[0]], in: fixture, wrong: 0)
        while await watch.pass() {}
        #expect(try await basis()?.rows == 150)
    }

    @Test func windowsInWhichOnlyCallsWereCountedAreLeftAlone() async throws {
        let fixture = try await fixture()
        try await fixture.apply(
            "{endpoint: clinic, type: binary, calls: {minutes: 1, minimum_per_minute: 1}, performance: {}}")
        let monitor = try #require(try await Monitor.all(in: fixture.manifests).first)
        let calls = MonitorWindow(
            monitor: "health", number: 0, lane: .whole, start: fixture.clock.now, end: fixture.clock.now, rows: 9,
            findings: [])
        _ = try await fixture.store.keep(
            calls, of: nil, by: WindowJudge(monitor, recent: [], judged: 0), families: [.calls],
            at: fixture.clock.now)
        await fixture.lookAtLabels()
        #expect(try await fixture.performance.performance(of: "health", limit: 5).isEmpty)
    }

    @Test func labelsThatSayNothingAreFindingsWithAName() async throws {
        let fixture = try await fixture()
        let rows = try await Self.predict(50, in: fixture, seed: 11)
        await fixture.observe()
        let values: [JSON] = [["a": 1], "perhaps", 1]
        try await fixture.log.label(
            zip(rows, values).map { PredictionLabel(id: $0.id, value: $1, time: fixture.clock.now) })
        await fixture.lookAtLabels()
        let window = try #require(try await fixture.windows().first)
        #expect(finding("label_type", window)?.value == 1)
        #expect(finding("label_class", window)?.value == 1)
        #expect(finding("labels", window)?.rows == 1)
    }

    @Test func estimatesAreHeldAgainstTheLabelsThatCome() async throws {
        let fixture = try await fixture()
        let past = try await Self.predict(250, in: fixture, seed: 12)
        await fixture.observe()
        try await Self.label(past, in: fixture)
        await fixture.lookAtLabels()
        let rows = try await Self.predict(50, in: fixture, seed: 13)
        await fixture.observe()
        await fixture.lookAtLabels()
        var window = try #require(try await fixture.performance.performance(of: "health", limit: 1).last)
        let estimate = try #require(window.estimates.first { $0.metric == "accuracy" })
        #expect(abs(estimate.value - 0.95) < 0.06)
        #expect(estimate.low < estimate.value && estimate.value < estimate.high)
        #expect(estimate.realised == nil)
        let judged = try #require(try await fixture.windows().last)
        let said = try #require(finding("estimated_accuracy", judged))
        #expect(said.details["assumptions"]?.arrayValue?.count == 3)
        #expect(said.verdict != .bad)
        // The relation of inputs and truth changes, which no estimate can see.
        try await Self.label(rows, in: fixture, wrong: 0.6)
        await fixture.lookAtLabels()
        window = try #require(try await fixture.performance.performance(of: "health", limit: 1).last)
        #expect(window.estimates.first { $0.metric == "accuracy" }?.isRefuted == true)
    }

    @Test func routesAndPageShowWhatIsKnown() async throws {
        let fixture = try await fixture()
        let rows = try await Self.predict(200, in: fixture, seed: 14)
        await fixture.observe()
        try await Self.label(rows, in: fixture)
        await fixture.lookAtLabels()
        var routes = Routes()
        PerformanceRoutes(board: fixture.board, store: fixture.performance).routes(into: &routes)
        try await LiveServer.run(routes) { server in
            let answer = try await server.get("/api/v1/monitors/health/performance?limit=3").json
            #expect(answer["windows"]?.arrayValue?.count == 3)
            #expect(answer["merged"]?["labelled"] == 150)
            let accuracy = answer["merged"]?["metrics"]?["accuracy"]
            #expect(accuracy?["value"]?.doubleValue ?? 0 > 0.85)
            #expect(accuracy?["low"]?.doubleValue ?? 1 < accuracy?["high"]?.doubleValue ?? 0)
            #expect(answer["basis"]?["type"] == "binary")
            let slices = try await server.get("/api/v1/monitors/health/slices").json
            #expect(slices["windows"]?.arrayValue?.count == 4)
            let page = try await server.get("/monitors/health/performance")
            #expect(page.status == 200)
            #expect(page.text.contains("ward = north"))
            #expect(page.text.contains("What has to hold for them"))
            // What is estimated says so, and what labels are still waited for.
            #expect(page.text.contains("Estimates without labels, with their 95 % bands"))
            #expect(page.text.contains(", estimated") && page.text.contains("<polygon"))
            #expect(!page.text.contains(", provisional"))
            let more = try await Self.predict(50, in: fixture, seed: 15)
            await fixture.observe()
            try await Self.label(Array(more.prefix(30)), in: fixture)
            await fixture.lookAtLabels()
            let later = try await server.get("/monitors/health/performance").text
            #expect(later.contains(", provisional") && later.contains(" tentative\" points="))
            let past = try await server.get("/monitors/health/performance?from=2001-01-01&to=2001-01-02").text
            #expect(past.contains("No window that was looked at lies in this time"))
            #expect(try await server.get("/api/v1/monitors/health/performance?limit=0").status == 400)
            #expect(try await server.get("/api/v1/monitors/none/performance").status == 404)
        }
    }
}
