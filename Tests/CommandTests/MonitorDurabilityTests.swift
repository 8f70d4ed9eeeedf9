import NIOHTTP1
import Synchronization
import TestSupport
import Testing
import TrainedModels
import Wire

/// What monitors count of the predictions of a real server: each once, from the first one on, however the server ends.
@Suite(.everyEngine, .timeLimit(.minutes(10))) struct MonitorDurabilityTests {
    private static let rowsInRequest = 3

    private static func apply(_ yaml: String, to server: RunningServer) async throws {
        let applied = try await server.client.send(.POST, "/api/v1/apply", body: yaml, type: "application/yaml")
        try #require(applied.status == 200, "\(applied.text)")
    }

    private static let endpoint = """
        apiVersion: martlet/v1
        kind: Endpoint
        metadata: { name: booster }
        spec: { variants: [{ name: main, model: "models:/booster/1" }] }

        """

    private static func monitor(_ name: String, _ spec: String) -> String {
        "apiVersion: martlet/v1\nkind: Monitor\nmetadata: { name: \(name) }\nspec: \(spec)\n"
    }

    /// The body of a request with some rows.
    private static func body() async throws -> JSON {
        let (columns, rows, _) = try await TrainedModels.get().expectation("booster")
        return [
            "dataframe_split": [
                "columns": .strings(columns ?? []), "data": .array(rows.prefix(rowsInRequest).map { .array($0) }),
            ]
        ]
    }

    /// What a monitor has counted in all.
    private struct Traffic: Equatable {
        let rows: Int64
        let requests: Int64
    }

    /// - Returns: nil while there is no such monitor.
    private static func traffic(of monitor: String, on server: RunningServer) async throws -> Traffic? {
        let answer = try await server.client.get("/api/v1/monitors/\(monitor)/traffic?by=merged")
        guard answer.status == 200, let traffic = try answer.json["traffic"],
            let rows = traffic["rows"]?.integerValue, let requests = traffic["requests"]?.integerValue
        else { return nil }
        return Traffic(rows: rows, requests: requests)
    }

    /// Asks until a monitor has counted as much as is expected, or more. Gives up after two minutes, so that what it has counted
    /// by then is told.
    private static func settled(
        _ monitor: String, at expected: Traffic, on server: RunningServer
    ) async throws -> Traffic? {
        var counted: Traffic?
        let end = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < end,
            counted.map({ $0.rows < expected.rows || $0.requests < expected.requests }) ?? true
        {
            try Task.checkCancellation()
            counted = try await traffic(of: monitor, on: server)
        }
        return counted
    }

    /// What is in the log.
    private static func logged(on server: RunningServer) async throws -> (traffic: Traffic, requests: Set<String>) {
        let export = try await server.client.get("/api/v1/predictions/export?endpoint=booster")
        try #require(export.status == 200, "\(export.text)")
        let ids = try export.text.split(separator: "\n").compactMap {
            try JSON.parse($0.utf8)["prediction_id"]?.stringValue
        }
        let requests = Set(ids.compactMap { $0.split(separator: ".").first.map(String.init) })
        return (Traffic(rows: Int64(Set(ids).count), requests: Int64(requests.count)), requests)
    }

    /// Asks once, over and over until there is an answer.
    private static func predict(_ body: JSON, on server: RunningServer) async throws {
        while try await server.client.post("/endpoints/booster/invocations", json: body).status != 200 {
            try Task.checkCancellation()
        }
    }

    // MARK: From the first request on

    @Test func everyPredictionIsCountedFromTheFirstOneOn() async throws {
        let folder = try TemporaryFolder()
        let place = try await ServerPlace("data", in: folder)
        let model = try await TrainedModels.get().path("booster")
        let body = try await Self.body()
        let first = Traffic(rows: 150, requests: 50)
        let all = Traffic(rows: 240, requests: 80)
        try await place.run { server in
            try await server.register(model, as: "booster")
            try await withThrowingTaskGroup { clients in
                for _ in 0..<50 { clients.addTask { try await Self.predict(body, on: server) } }
                try await Self.apply(Self.endpoint, to: server)
                try await clients.waitForAll()
            }
            #expect(try await Self.settled("booster", at: first, on: server) == first)

            // Somebody's own takes the place of the one that came by itself while requests are answered.
            let own = "{ endpoint: booster, window: { rows: 20 }, segments: [{ column: mean_radius }] }"
            try await withThrowingTaskGroup { clients in
                for number in 0..<30 {
                    clients.addTask {
                        try await Self.predict(body, on: server)
                        if number == 10 { try await Self.apply(Self.monitor("booster", own), to: server) }
                    }
                }
                try await clients.waitForAll()
            }
            #expect(try await Self.settled("booster", at: all, on: server) == all)
            #expect(try await Self.logged(on: server).traffic == all)
        }
        try await place.run { server in
            let counted = try await Self.traffic(of: "booster", on: server)
            #expect(counted == all, "Stopped and started.")
        }
    }

    // MARK: However the server ends

    @Test func everyPredictionIsCountedOnceThoughTheServerIsKilled() async throws {
        let folder = try TemporaryFolder()
        let place = try await ServerPlace("data", in: folder)
        let model = try await TrainedModels.get().path("booster")
        let body = try await Self.body()
        var answered: Set<String> = []
        for life in 0..<2 {
            // Told and stored, told and not stored, or not even told: whatever the kill finds.
            let count = Int.random(in: 40...240)
            answered.formUnion(
                try await place.run { server in
                    if life == 0 { try await Self.deploy(model, on: server) }
                    try await server.wait(for: "booster", toBe: "ready")
                    return await Self.ask(server, body, killAfter: count)
                })
        }
        let told = answered
        try await place.run { server in
            let (all, requests) = try await Self.logged(on: server)
            #expect(told.count >= 80)
            #expect(told.subtracting(requests).isEmpty)
            for monitor in ["booster", "by-rows"] {
                let counted = try await Self.settled(monitor, at: all, on: server)
                #expect(counted == all, "by \(monitor)")
            }
            try await Self.expectWindows(of: 25, in: Int(all.rows), on: server)
        }
    }

    /// An endpoint with the monitor that it gets by itself, and with one that cuts windows of rows.
    private static func deploy(_ model: String, on server: RunningServer) async throws {
        try await server.register(model, as: "booster")
        try await apply(endpoint, to: server)
        while try await traffic(of: "booster", on: server) == nil { try Task.checkCancellation() }
        try await apply(monitor("by-rows", "{ endpoint: booster, window: { rows: 25 } }"), to: server)
    }

    /// Counts answers over all clients.
    private final class Answers: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// Asks from several clients at once until the server is gone, which it is after so many answers.
    /// - Returns: the requests that were answered.
    private static func ask(_ server: RunningServer, _ body: JSON, killAfter count: Int) async -> Set<String> {
        let answers = Answers()
        return await withTaskGroup(of: Set<String>.self) { clients in
            for _ in 0..<4 {
                clients.addTask {
                    var answered: Set<String> = []
                    while let answer = try? await server.client.post("/endpoints/booster/invocations", json: body),
                        answer.status == 200, let id = answer.header("X-Martlet-Prediction-Id")
                    {
                        answered.insert(id)
                        if answers.next() == count { try? server.kill() }
                    }
                    return answered
                }
            }
            return await clients.reduce(into: []) { $0.formUnion($1) }
        }
    }

    /// Every window that is full was judged, once, and has as many rows as it may.
    private static func expectWindows(of rows: Int, in all: Int, on server: RunningServer) async throws {
        var windows: [JSON] = []
        while windows.count < all / rows {
            try Task.checkCancellation()
            let answer = try await server.client.get("/api/v1/monitors/by-rows/windows?limit=1000")
            windows = try answer.json["windows"]?.arrayValue ?? []
        }
        #expect(windows.count == all / rows)
        #expect(windows.allSatisfy { $0["rows"]?.integerValue == Int64(rows) })
        #expect(windows.compactMap { $0["number"]?.integerValue } == Array(1...Int64(all / rows)))
    }
}
