import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import TrainedModels
import Wire

/// What was predicted and answered is in the log, once, after `kill -9` at any moment.
@Suite(.everyEngine, .timeLimit(.minutes(3))) struct PredictionDurabilityTests {
    private static let rowsInRequest = 3
    /// Both ways to wait for the log. They differ in what a power failure may take, not in what a kill may.
    private static let durabilities = ["process", "disk"]

    /// What clients were told.
    private struct Answered {
        var ids: Set<String> = []
        var units: Set<String> = []

        /// Adds a request of which all rows are about one unit.
        mutating func add(_ request: String, _ unit: String) {
            for row in 0..<rowsInRequest { ids.insert("\(request).\(row)") }
            units.insert(unit)
        }

        mutating func formUnion(_ other: Answered) {
            ids.formUnion(other.ids)
            units.formUnion(other.units)
        }
    }

    @Test func everyAnsweredPredictionSurvivesBeingKilled() async throws {
        let folder = try TemporaryFolder()
        let place = try await ServerPlace("data", in: folder)
        let model = try await TrainedModels.get()
        var answered: [String: Answered] = [:]
        for (life, count) in [40, 90].enumerated() {
            let answers = try await place.run { server in
                if life == 0 { try await Self.deploy(model.path("booster"), on: server) }
                for name in Self.durabilities { try await server.wait(for: name, toBe: "ready") }
                return try await Self.ask(server, life: life, killAfter: count)
            }
            for (name, more) in answers { answered[name, default: Answered()].formUnion(more) }
        }
        // A write that was under way when the machine lost its power.
        let journal = folder.path("data/predictions/journal")
        let files = try FileManager.default.contentsOfDirectory(atPath: journal)
        let last = files.filter { $0.hasSuffix(".ndjson") }.max()
        try Self.append(#"{"request":"01a3185c5000000001234567"#, to: "\(journal)/\(try #require(last))")

        let told = answered
        try await place.run { server in
            for name in Self.durabilities {
                let told = try #require(told[name])
                #expect(told.ids.count > 60)
                try await Self.check(told, name, server, model)
            }
        }
    }

    private static func append(_ text: String, to file: String) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    /// Serves a model twice, each time as an experiment.
    private static func deploy(_ model: String, on server: RunningServer) async throws {
        try await server.register(model, as: "booster")
        for durability in durabilities {
            let spec = """
                { variants: [{ name: a, model: "models:/booster/1", weight: 50 },
                             { name: b, model: "models:/booster/1", weight: 50 }],
                  assignment: { key: patient }, experiment: { metric: { name: cured } },
                  log: { durability: \(durability) } }
                """
            try await server.serve(durability, spec: spec)
        }
    }

    // MARK: Asking

    /// Asks each endpoint from several clients until the server is gone.
    /// - Returns: what was answered, by endpoint.
    private static func ask(
        _ server: RunningServer, life: Int, killAfter count: Int
    ) async throws -> [String: Answered] {
        let (columns, rows, _) = try await TrainedModels.get().expectation("booster")
        let body: @Sendable (String) -> JSON = { unit in
            [
                "dataframe_split": [
                    "columns": .strings((columns ?? []) + ["patient"]),
                    "data": .array(rows.prefix(rowsInRequest).map { .array($0 + [.string(unit)]) }),
                ]
            ]
        }
        return try await withThrowingTaskGroup(of: (String, Answered).self) { clients in
            for name in durabilities {
                for client in 0..<4 {
                    // The first one pulls the plug while the others are asking.
                    let isKiller = client == 0 && name == durabilities[0]
                    clients.addTask {
                        let answered = await request(name, server) { number in
                            if isKiller, number == count { try? server.kill() }
                            let unit = "\(life)-\(client)-\(number % 30)"
                            return (unit, body(unit))
                        }
                        return (name, answered)
                    }
                }
                clients.addTask { (name, await stream(to: name, server, unit: "\(life)-lines", body)) }
            }
            return try await clients.reduce(into: [:]) { $0[$1.0, default: Answered()].formUnion($1.1) }
        }
    }

    /// - Parameter next: gets how many were answered, and says what to ask next.
    private static func request(
        _ endpoint: String, _ server: RunningServer, _ next: (_ answered: Int) -> (unit: String, body: JSON)
    ) async -> Answered {
        var all = Answered()
        for number in 0... {
            let (unit, body) = next(number)
            let answer = try? await server.client.post("/endpoints/\(endpoint)/invocations", json: body)
            guard let answer, answer.status == 200, let id = answer.header("X-Martlet-Prediction-Id") else { break }
            all.add(id, unit)
        }
        return all
    }

    /// Sends a line, waits for its answer, and so on.
    private static func stream(
        to endpoint: String, _ server: RunningServer, unit: String, _ body: (String) -> JSON
    ) async -> Answered {
        var all = Answered()
        let line = ByteBuffer(string: body(unit).text + "\n")
        let (lines, feed) = AsyncStream.makeStream(of: ByteBuffer.self)
        var request = HTTPClientRequest(url: "\(server.url)/endpoints/\(endpoint)/stream")
        request.method = .POST
        request.headers = ["Content-Type": "application/x-ndjson"]
        request.body = .stream(lines, length: .unknown)
        feed.yield(line)
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
            for try await chunk in response.body {
                guard let id = try JSON.parse(String(buffer: chunk))["id"]?.stringValue else { break }
                all.add(id, unit)
                feed.yield(line)
            }
        } catch {
            // The server is gone.
        }
        feed.finish()
        return all
    }

    // MARK: Finding

    private static func check(
        _ told: Answered, _ endpoint: String, _ server: RunningServer, _ model: TrainedModels
    ) async throws {
        let expected = try model.expectation("booster").predictions.arrayValue ?? []
        let export = try await server.client.get("/api/v1/predictions/export?endpoint=\(endpoint)")
        #expect(export.status == 200, "\(export.text)")
        let logged = try export.text.split(separator: "\n").map { try JSON.parse($0.utf8) }
        let ids = logged.compactMap { $0["prediction_id"]?.stringValue }
        #expect(Set(ids).count == logged.count, "Each is exported once.")
        #expect(told.ids.subtracting(ids).isEmpty, "of \(endpoint)")
        for prediction in logged {
            let row = prediction["prediction_id"]?.stringValue?.split(separator: ".").last.flatMap { Int($0) }
            #expect(prediction["output"] == expected[try #require(row)])
        }
        for id in told.ids where id.hasSuffix(".2") {
            let found = try await server.client.get("/api/v1/predictions/\(id)")
            #expect(found.status == 200, "\(id): \(found.text)")
        }
        let loggedUnits = Set(logged.compactMap { $0["unit"]?.stringValue })
        #expect(told.units.isSubset(of: loggedUnits))
        // Whoever was answered within the experiment counts there, once. While one variant is still being loaded after a
        // start the other answers, outside of it.
        let units = Set(logged.filter { $0["experiment"] != nil }.compactMap { $0["unit"]?.stringValue })
        #expect(units.count > 30)
        var counted: Int64 = -1
        while counted < Int64(units.count) {
            try Task.checkCancellation()
            let arms = try await server.client.get("/api/v1/endpoints/\(endpoint)/experiment").json["arms"]
            counted = (arms?.arrayValue ?? []).compactMap { $0["units"]?.integerValue }.reduce(0, +)
        }
        #expect(counted == Int64(units.count))
    }
}
