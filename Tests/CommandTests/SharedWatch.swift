import NIOHTTP1
import TestSupport
import Testing
import TrainedModels
import Wire

/// Two servers on one database that answer and take in predictions, and watch them together.
struct SharedWatch: Sendable {
    let first: RunningServer
    let second: RunningServer
    /// What is told of incidents.
    let inbox: Inbox

    private var servers: [RunningServer] { [first, second] }

    /// - Parameter hook: the address that is told of incidents.
    func take(model: String, hook: String) async throws {
        try await apply("Channel", "hook", "{ webhook: { url: \"\(hook)\" } }")
        try await answer(model)
        try await judge()
        while inbox.messages.isEmpty {
            try Task.checkCancellation()
            _ = try await first.client.get("/health")
        }
    }

    private func apply(_ kind: String, _ name: String, _ spec: String) async throws {
        let yaml = "apiVersion: martlet/v1\nkind: \(kind)\nmetadata: { name: \(name) }\nspec: \(spec)\n"
        let applied = try await first.client.send(.POST, "/api/v1/apply", body: yaml, type: "application/yaml")
        try #require(applied.status == 200, "\(applied.text)")
    }

    // MARK: Counting

    /// Both answer, from the moment the endpoint is there; either tells what both answered.
    private func answer(_ model: String) async throws {
        let (columns, rows, _) = try await TrainedModels.get().expectation("booster")
        let body: JSON = ["dataframe_split": ["columns": .strings(columns ?? []), "data": .array([.array(rows[0])])]]
        try await first.register(model, as: "booster")
        try await withThrowingTaskGroup { clients in
            for number in 0..<60 {
                let server = servers[number % 2]
                clients.addTask {
                    while try await server.client.post("/endpoints/booster/invocations", json: body).status != 200 {
                        try Task.checkCancellation()
                    }
                }
            }
            try await apply("Endpoint", "booster", "{ variants: [{ name: main, model: \"models:/booster/1\" }] }")
            try await clients.waitForAll()
        }
        for server in servers {
            var counted: Int64 = 0
            while counted < 60 {
                try Task.checkCancellation()
                let answer = try await server.client.get("/api/v1/monitors/booster/traffic?by=merged")
                counted = try answer.json["traffic"]?["requests"]?.integerValue ?? 0
            }
            #expect(counted == 60)
        }
        let events = try await first.client.get("/api/v1/audit/events?limit=1000").json["events"]?.arrayValue ?? []
        let made = events.filter { $0["kind"] == "monitor.created" && $0["subject"] == "monitors/booster" }
        #expect(made.count == 1, "Both would have made it.")
    }

    // MARK: Judging

    /// The minutes of which predictions are sent: long over, so that their windows close as they are counted.
    private static let minutes = 6
    private static let rowsInMinute = 30

    /// Rows between 0 and 1 are compared with rows of the upper half.
    private func judge() async throws {
        try await apply(
            "Monitor", "bulk",
            "{ endpoint: bulk, window: { minutes: 1 }, alarms: { windows: 3, of: 3 }, notify: [hook] }")
        let reference = (0..<400).map { "{\"x\": \(Double($0) / 400)}\n" }.joined()
        let sent = try await first.client.send(
            .PUT, "/api/v1/monitors/bulk/reference/rows.ndjson", body: reference, type: "application/x-ndjson")
        try #require(sent.status == 200, "\(sent.text)")

        let begin = (WallClock.system.now + .seconds(-3600)).milliseconds / 60_000 * 60_000
        for minute in 0..<Self.minutes {
            try await withThrowingTaskGroup { senders in
                for (place, server) in servers.enumerated() {
                    senders.addTask { try await Self.send(begin + Int64(minute) * 60_000, from: place, to: server) }
                }
                try await senders.waitForAll()
            }
        }
        try await expectWindows(from: begin)
        let alerts = try await second.client.get("/api/v1/alerts?monitor=bulk").json["alerts"]?.arrayValue ?? []
        #expect(alerts.map { $0["family"] } == ["drift"])
        #expect(alerts.first?["windows"]?.integerValue == Int64(Self.minutes))
    }

    /// No two rows of a minute are alike, whichever server has them.
    private static func send(_ start: Int64, from place: Int, to server: RunningServer) async throws {
        let lines = (0..<rowsInMinute).map { row in
            let x = 0.5 + Double(2 * row + place) / Double(4 * rowsInMinute)
            return """
                {"endpoint": "bulk", "model": "elsewhere", "version": 1, "prediction_id": "\(place)-\(start)-\(row)", \
                "time": \(start + Int64(row) * 1000), "inputs": {"x": \(x)}, "output": 0.5}

                """
        }
        let answer = try await server.client.send(
            .POST, "/api/v1/predictions", body: lines.joined(), type: "application/x-ndjson")
        try #require(try answer.json["accepted"]?.integerValue == Int64(rowsInMinute), "\(answer.text)")
    }

    /// Each minute is one window with the rows of both, whoever judged it.
    private func expectWindows(from begin: Int64) async throws {
        var windows: [JSON] = []
        while windows.count < Self.minutes || windows.contains(where: { $0["rows"] != .integer(60) }) {
            try Task.checkCancellation()
            let answer = try await second.client.get("/api/v1/monitors/bulk/windows")
            windows = try answer.json["windows"]?.arrayValue ?? []
            try #require(windows.count <= Self.minutes, "\(windows)")
        }
        let starts = windows.compactMap { $0["start"]?.integerValue }.sorted()
        #expect(starts == (0..<Self.minutes).map { begin + Int64($0) * 60_000 })
    }
}
