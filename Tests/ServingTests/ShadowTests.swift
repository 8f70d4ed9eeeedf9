import Database
import NIOHTTP1
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Serving

/// Models that get copies of requests: they are compared, and they cost nobody anything.
@Suite(.timeLimit(.minutes(5))) struct ShadowTests {
    /// An endpoint `clinic` that doubles a number, with a shadow.
    private static func served(
        shadow: PlantedModel, limits: String = "{}",
        _ body: (ServingFixture, LiveServer) async throws -> Void
    ) async throws {
        let fixture = try await ServingFixture()
        for model in [PlantedModel(), shadow] { _ = try await fixture.register(as: "clinic", write: model.write) }
        try await fixture.apply(
            "clinic",
            spec: """
                { variants: [{ model: "models:/clinic/1" }], shadow: { model: "models:/clinic/2" }, limits: \(limits) }
                """)
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { $0.state == .ready && $0.shadow?.deployed != nil }
            try await body(fixture, server)
        }
    }

    private static func ask(_ server: LiveServer, _ x: Int) async throws -> LiveServer.Answer {
        try await server.post(
            "/endpoints/clinic/invocations", json: ["dataframe_records": [["x": .integer(Int64(x))]]])
    }

    /// The report, once so many rows have been compared or left out.
    private static func report(_ server: LiveServer, rows: Int) async throws -> JSON {
        while true {
            let json = try await server.get("/api/v1/endpoints/clinic/shadow").json
            let report = json["comparisons"]?.arrayValue?.first
            let seen = (report?["rows"]?.integerValue ?? 0) + (report?["dropped_requests"]?.integerValue ?? 0)
            if let report, seen >= Int64(rows) { return report }
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test func answersAreComparedWithThePrimarys() async throws {
        try await Self.served(shadow: PlantedModel(factor: 3)) { _, server in
            for x in 0..<40 {
                let answer = try await Self.ask(server, x)
                #expect(try answer.json["predictions"] == [.double(Double(2 * x))])
            }
            let report = try await Self.report(server, rows: 40)
            #expect(report["primary"] == "clinic/1")
            #expect(report["shadow"] == "clinic/2")
            // They agree about 0 alone.
            let compared = Double(try #require(report["rows"]?.integerValue))
            #expect(try #require(report["agreement"]?.doubleValue) <= 1 / compared + 1e-9)
            #expect(report["numeric"]?["largest_difference"]?.doubleValue ?? 0 > 30)
            #expect(report["scores"]?["population_stability_index"]?.doubleValue ?? 0 > 0.1)
            let worst = try #require(report["worst"]?.arrayValue?.first)
            #expect(worst["prediction_id"]?.stringValue?.hasPrefix("p-") == true)
        }
    }

    /// Two versions answered, the one a request of two rows: each has its own.
    @Test(.everyEngine) func requestsAreCountedWithTheVersionThatAnswered() async throws {
        let home = try await TestDatabase()
        let database = try home.open()
        try await database.migrate(ServingSchema.migrations)
        let store = ShadowStore(database: database)
        func pair(_ prediction: String, _ version: String) -> ShadowPair {
            ShadowPair(
                prediction: prediction, time: Timestamp(milliseconds: 1), primaryVersion: version, shadowVersion: "m/9",
                primary: 1, shadow: 1, primaryLatencyUs: 1, shadowLatencyUs: 1, problem: nil)
        }
        let pairs = [pair("p-a.0", "m/1"), pair("p-a.1", "m/1"), pair("p-b", "m/2"), pair("p-c", "m/2")]
        try await store.add(pairs, dropped: 3, of: "clinic")
        try await store.add([pair("p-d", "m/2")], dropped: 0, of: "clinic")
        let totals = try await store.totals(of: "clinic").sorted { $0.primaryVersion < $1.primaryVersion }
        #expect(totals.map(\.requests) == [1, 3])
        #expect(totals.map(\.rows) == [2, 3])
        #expect(totals.map(\.dropped) == [3, 0])
        withExtendedLifetime(home) {}
    }

    @Test func aShadowThatFailsIsSeenInTheReportOnly() async throws {
        try await Self.served(shadow: PlantedModel(refusedPercent: 100)) { _, server in
            for x in 0..<10 { #expect(try await Self.ask(server, x).status == 200) }
            let report = try await Self.report(server, rows: 10)
            #expect(report["failed_rows"] == report["rows"])
            let problem = report["worst"]?.arrayValue?.first?["problem"]?.stringValue
            #expect(problem?.contains("this model does not like x") == true)
        }
    }

    /// The shadow takes a second for each request: hardly any is copied, and all are answered as if it were not there.
    @Test func aSlowShadowMakesNobodyWait() async throws {
        try await Self.served(shadow: PlantedModel(delay: .seconds(1))) { fixture, server in
            for x in 0..<300 { #expect(try await Self.ask(server, x).status == 200) }
            let traffic = try #require(fixture.endpoints.traffic(of: "clinic", now: WallClock.system.now))
            #expect(try #require(traffic.p95Us) < 500_000)
        }
    }
}

/// What an endpoint takes on at once.
@Suite(.timeLimit(.minutes(5))) struct EndpointLimitsTests {
    private static func served(
        _ limits: String, delay: Duration, _ body: (LiveServer) async throws -> Void
    ) async throws {
        let fixture = try await ServingFixture()
        _ = try await fixture.register(as: "clinic", write: PlantedModel(delay: delay).write)
        try await fixture.apply(
            "clinic", spec: "{ variants: [{ model: \"models:/clinic/1\" }], limits: \(limits) }")
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            try await body(server)
        }
    }

    private static func statuses(_ server: LiveServer, _ count: Int) async throws -> [Int: Int] {
        try await withThrowingTaskGroup(of: LiveServer.Answer.self) { tasks in
            for x in 0..<count {
                tasks.addTask {
                    try await server.post(
                        "/endpoints/clinic/invocations", json: ["dataframe_records": [["x": .integer(Int64(x))]]])
                }
            }
            var statuses: [Int: Int] = [:]
            for try await answer in tasks {
                statuses[Int(answer.status), default: 0] += 1
                if answer.status == 429 { #expect(answer.header("Retry-After") == "1", "\(answer.text)") }
            }
            return statuses
        }
    }

    @Test func moreThanMayWaitAreRefusedAtOnce() async throws {
        try await Self.served("{ max_concurrency: 1, queue: 2 }", delay: .milliseconds(500)) { server in
            let statuses = try await Self.statuses(server, 10)
            #expect(statuses == [200: 3, 429: 7])
        }
    }

    @Test func whatIsNotAnsweredInTimeIsRefused() async throws {
        try await Self.served("{ timeout_ms: 700, max_concurrency: 1 }", delay: .milliseconds(500)) { server in
            let statuses = try await Self.statuses(server, 4)
            #expect(statuses[200] == 1)
            #expect(statuses[504] == 3)
        }
    }
}
