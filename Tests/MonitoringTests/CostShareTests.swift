import Database
import Incidents
import TestSupport
import Testing
import Web
import Wire

@testable import Monitoring

/// What the minutes of a window took is shared out over all rows that the version answered in them.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct CostShareTests {
    private let fixture: MonitoringFixture
    private let desk: CostDesk

    init() async throws {
        fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        let clock = fixture.clock.clock
        let store = CostStore(database: fixture.database)
        let sampler = CostSampler(
            reader: ResourceReader(folder: "/tmp", clock: clock), store: store, source: "here", clock: clock,
            logger: LiveServer.quiet
        ) { ResourceReader.Load(workers: [], rows: 0) }
        desk = CostDesk(store: store, sampler: sampler, clock: clock) { $0 != "elsewhere" }
        var (workers, server) = (CostRecord(), CostRecord())
        workers.cpuMs = 36_000
        workers.coveredMs = 60_000
        server.coveredMs = 60_000
        server.rows = 60
        // A row each second: minutes of 59, 60 and 31 of them.
        for minute in 0..<4 {
            try await store.add(
                [.server: server, .model("clinic", version: 1): workers], disk: nil,
                at: fixture.clock.now + .seconds(60 * minute), source: "here")
        }
    }

    private func judge() async throws -> [Finding] {
        let watch = MonitorWatch(
            templates: fixture.templates, store: fixture.store, windows: fixture.windowStore,
            alerts: fixture.alerts, desk: fixture.desk, closed: fixture.feed.closed,
            costs: desk, clock: fixture.clock.clock, logger: LiveServer.quiet)
        await fixture.count()
        var courses: [String: MonitorCourse] = [:]
        while await watch.pass(&courses) {}
        _ = await watch.pass(&courses)
        return try await fixture.windows().compactMap { window in
            window.findings.first { $0.code == "cost_per_thousand" }
        }
    }

    /// What the rows of a window bear of the workers' price: what is left without the server's, which is the test's own process.
    private static func ofWorkers(_ cost: Finding) -> Double? {
        guard let value = cost.value, let server = cost.details["server"]?.doubleValue,
            let rows = cost.details["server_rows"]?.doubleValue
        else { return nil }
        return value * Double(cost.rows) / 1000 - server * min(1, Double(cost.rows) / rows)
    }

    /// An hour of a processor costs 100: a minute of the workers one.
    private static let cost = "cost: {cpu_hour: 100}"

    @Test func windowsThatShareAMinuteShareWhatItTook() async throws {
        // Rows that are counted in segments, too, are no more rows.
        try await fixture.apply("{endpoint: clinic, window: {rows: 25}, segments: [{column: ward}], \(Self.cost)}")
        try await fixture.predict(PatientTable(50, seed: 2))
        let costs = try await judge()
        #expect(costs.map { $0.details["version_rows"] } == [50, 50])
        for cost in costs { #expect(try abs(#require(Self.ofWorkers(cost)) - 0.5) < 1e-9, "One for both together.") }
    }

    @Test func whatIsMadeElsewhereBearsNothingOfThisServer() async throws {
        try await fixture.apply("{endpoint: elsewhere, window: {rows: 25}, \(Self.cost)}")
        try await fixture.predict(PatientTable(50, seed: 2), endpoint: "elsewhere")
        let costs = try await judge()
        #expect(costs.map(\.verdict) == [.unknown, .unknown])
        #expect(costs.allSatisfy { $0.value == nil && $0.words.contains("made elsewhere") })
        let cost = try await desk.cost(of: fixture.board.status(of: "health"), counted: fixture.windowStore)
        #expect(cost.cost != nil && cost.cpuMs == nil)
    }

    @Test func aWindowOfMinutesBearsItsMinutesAndNoOther() async throws {
        try await fixture.apply("{endpoint: clinic, window: {minutes: 1}, \(Self.cost)}")
        try await fixture.predict(PatientTable(130, seed: 2))
        let costs = try await judge()
        #expect(costs.map { $0.details["version_rows"] } == [59, 60])
        for cost in costs { #expect(try abs(#require(Self.ofWorkers(cost)) - 1) < 1e-9) }
    }

    @Test func variantsAreToldApart() async throws {
        try await fixture.apply("{endpoint: clinic, window: {rows: 25}, \(Self.cost)}")
        try await fixture.predict(PatientTable(40, seed: 2))
        try await fixture.predict(PatientTable(10, seed: 3), version: 2)
        _ = try await judge()
        let lane = TrafficSlice(variant: "main", model: "clinic", version: 1)
        let start = Timestamp(milliseconds: 1_800_000_000_000)
        func shares(_ lane: TrafficSlice, seconds: Int) async throws -> WindowCost.Rows {
            try await fixture.windowStore.shares(of: lane, in: "health", from: start, to: start + .seconds(seconds))
        }
        #expect(try await shares(lane, seconds: 50) == WindowCost.Rows(lane: 40, version: 40))
        var other = lane
        other.variant = "other"
        #expect(try await shares(other, seconds: 50) == WindowCost.Rows(lane: 0, version: 40))
        other.version = 2
        #expect(try await shares(other, seconds: 50) == WindowCost.Rows(lane: 0, version: 10))
    }

    @Test func apiAndPageTellTheShareOfTheLastWindow() async throws {
        try await fixture.apply("{endpoint: clinic, window: {rows: 25}, \(Self.cost)}")
        try await fixture.predict(PatientTable(50, seed: 2))
        _ = try await judge()
        var routes = Routes()
        MonitorRoutes(board: fixture.board, costs: desk, log: fixture.log).routes(into: &routes)
        CostRoutes(desk: desk, sampler: desk.sampler, board: fixture.board).routes(into: &routes)
        try await LiveServer.run(routes, clock: fixture.clock.clock) { server in
            let cost = try await server.get("/api/v1/monitors/health/cost").json
            #expect(cost["share"]?.doubleValue == 0.5)
            #expect(cost["cpu_ms_per_thousand"]?.doubleValue ?? 0 >= 720_000)
            let page = try await server.get("/monitors/health").text
            #expect(page.contains("of it for its rows"))
            #expect(page.contains("processor time per thousand"))
        }
    }
}
