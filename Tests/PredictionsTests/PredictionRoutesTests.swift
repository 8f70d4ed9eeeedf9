import NIOHTTP1
import Runtimes
import Synchronization
import TestSupport
import Testing
import Web
import Wire

@testable import Predictions

@Suite(.timeLimit(.minutes(5))) struct PredictionRoutesTests {
    private static let start: Int64 = 1_800_000_000_000

    /// Predictions of two endpoints, a second apart: clinic, ward, clinic, ward …
    private static func run(
        _ count: Int = 6, _ body: ([PredictionID], LiveServer) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let now = Now()
        let clock = WallClock { now.timestamp }
        let log = try await PredictionLog(
            folder: folder.path("predictions"), clock: clock, entropy: .system, logger: LiveServer.quiet)
        var ids: [PredictionID] = []
        for index in 0..<count {
            let request = LoggedRequest(
                endpoint: index.isMultiple(of: 2) ? "clinic" : "ward", variant: "main", model: "clinic", version: 3,
                latencyUs: 250, caller: "ada", input: .document(["age": .integer(Int64(index))]), output: .json(0.5),
                rowCount: 1)
            ids.append(try await log.append(request))
            now.advance(by: 1000)
        }
        var routes = Routes()
        PredictionRoutes(log: log, clock: clock).routes(into: &routes)
        try await LiveServer.run(routes, clock: clock, beside: [log]) { server in try await body(ids, server) }
    }

    /// A clock that stands still until it is moved.
    private final class Now: Sendable {
        private let milliseconds = Mutex(PredictionRoutesTests.start)

        var timestamp: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

        func advance(by amount: Int64) {
            milliseconds.withLock { $0 += amount }
        }
    }

    private static func ages(_ answer: LiveServer.Answer) throws -> [JSON?] {
        try answer.json["predictions"]?.arrayValue?.map { $0["inputs"]?["age"] } ?? []
    }

    @Test func tellsAllOfOnePrediction() async throws {
        try await Self.run { ids, server in
            let expected: JSON = [
                "prediction_id": .string(ids[1].text), "endpoint": "ward", "variant": "main", "model": "clinic",
                "version": 3, "time": .integer(Self.start + 1000), "inputs": ["age": 1], "output": 0.5,
                "latency_us": 250, "caller": "ada",
            ]
            let prediction = try await server.get("/api/v1/predictions/\(ids[1].text)").json
            #expect(prediction == expected)
        }
    }

    @Test(arguments: ["p-00000000000000000000000000000000", "p-7", "churn", "%FF"])
    func knowsNoOtherPrediction(id: String) async throws {
        try await Self.run(1) { ids, server in
            let answer = try await server.get("/api/v1/predictions/\(id)")
            #expect((400..<500).contains(answer.status), "\(answer.text)")
            let row = try await server.get("/api/v1/predictions/\(ids[0].text).0")
            #expect(row.status == 404)
            #expect(
                try row.json["message"]?.stringValue?.contains("No prediction has the id '\(ids[0].text).0'") == true)
        }
    }

    @Test func readsNoMoreThanAPageTakes() async throws {
        let folder = try TemporaryFolder()
        let log = try await PredictionLog(
            folder: folder.path("predictions"), clock: .system, entropy: .system, logger: LiveServer.quiet)
        for size in [10, 1000, 10, 10] {
            _ = try await log.append(
                LoggedRequest(
                    endpoint: "clinic", variant: "main", model: "m", version: 1, latencyUs: 1, caller: "ada",
                    input: .document(["text": .string(String(repeating: "a", count: size))]), output: .json(1),
                    rowCount: 1))
        }
        let whole = try await log.predictions(PredictionQuery())
        var query = PredictionQuery(maximumBytes: 500)
        let first = try await log.predictions(query)
        #expect(first == Array(whole.prefix(2)))
        #expect(query.rest(after: first).isSatisfied)
        query.after = first.last?.id
        let second = try await log.predictions(query)
        #expect(second == Array(whole.suffix(2)))
        #expect(!query.rest(after: second).isSatisfied)
    }

    @Test func listsByEndpointAndTime() async throws {
        try await Self.run { _, server in
            let questions: [(String, [JSON?])] = [
                ("", [0, 1, 2, 3, 4, 5]), ("?endpoint=ward", [1, 3, 5]), ("?endpoint=none", []),
                ("?from=\(Self.start + 2000)", [2, 3, 4, 5]), ("?to=\(Self.start + 2000)", [0, 1]),
                ("?endpoint=clinic&from=\(Self.start + 1)&to=\(Self.start + 4000)", [2]),
                ("?from=-5&to=9007199254740993", [0, 1, 2, 3, 4, 5]), ("?from=9223372036854775807", []),
            ]
            for (query, ages) in questions {
                let found = try Self.ages(try await server.get("/api/v1/predictions\(query)"))
                #expect(found == ages, "\(query)")
            }
        }
    }

    @Test func turnsPages() async throws {
        try await Self.run(7) { _, server in
            var seen: [JSON?] = []
            var sizes: [Int] = []
            var token: String?
            repeat {
                let path = "/api/v1/predictions?limit=3" + (token.map { "&page_token=\($0)" } ?? "")
                let answer = try await server.get(path)
                let ages = try Self.ages(answer)
                seen += ages
                sizes.append(ages.count)
                token = try answer.json["next_page_token"]?.stringValue
            } while token != nil
            #expect(seen == [0, 1, 2, 3, 4, 5, 6])
            #expect(sizes == [3, 3, 1])
        }
    }

    @Test(arguments: [
        ("limit=0", "'limit' must be between 1 and 1000"), ("limit=1001", "'limit'"), ("limit=ten", "'limit'"),
        ("limit=99999999999999999999", "'limit'"), ("from=yesterday", "'from'"), ("to=1.5", "'to'"),
        ("from=9223372036854775807-1-1", "'from'"), ("to=2026-13-01", "'to'"),
        ("labelled=perhaps", "'labelled'"), ("page_token=2", "'page_token'"),
    ])
    func saysWhichParameterIsWrong(query: String, words: String) async throws {
        try await Self.run(1) { _, server in
            let answer = try await server.get("/api/v1/predictions?\(query)")
            #expect(answer.status == 400)
            #expect(try answer.json["message"]?.stringValue?.contains(words) == true, "\(answer.text)")
        }
    }

    @Test func joinsLabelsAndReplacesThem() async throws {
        try await Self.run { ids, server in
            let labels: JSON = [
                "labels": [
                    ["prediction_id": .string(ids[0].text), "value": 1, "time": .integer(Self.start + 9)],
                    ["prediction_id": .string(ids[3].text), "value": "sick"],
                ]
            ]
            #expect(try await server.post("/api/v1/labels", json: labels).json["accepted"] == 2)
            let first = try await server.get("/api/v1/predictions/\(ids[0].text)").json
            #expect(first["label"] == 1)
            #expect(first["label_time"] == .integer(Self.start + 9))
            let other = try await server.get("/api/v1/predictions/\(ids[3].text)").json
            #expect(other["label"] == "sick")
            // Without a time of its own, a label became known when it came.
            #expect(other["label_time"] == .integer(Self.start + 6000))
            #expect(try Self.ages(try await server.get("/api/v1/predictions?labelled=true")) == [0, 3])
            #expect(try Self.ages(try await server.get("/api/v1/predictions?labelled=false")) == [1, 2, 4, 5])

            let again: JSON = ["labels": [["prediction_id": .string(ids[0].text), "value": 0]]]
            #expect(try await server.post("/api/v1/labels", json: again).json["accepted"] == 1)
            #expect(try await server.get("/api/v1/predictions/\(ids[0].text)").json["label"] == 0)
        }
    }

    @Test func refusesLabelsWhenNoneNamesAPrediction() async throws {
        try await Self.run { ids, server in
            let unknown = "p-0123456789abcdef0123456789abcdef"
            for id in [unknown, "patient-7", ids[1].text + ".0"] {
                let labels: JSON = [
                    "labels": [["prediction_id": .string(id), "value": 1], ["prediction_id": "nobody", "value": 1]]
                ]
                let answer = try await server.post("/api/v1/labels", json: labels)
                #expect(answer.status == 404)
                #expect(try answer.json["message"]?.stringValue?.contains("'\(id)'") == true, "\(answer.text)")
            }
            #expect(try Self.ages(try await server.get("/api/v1/predictions?labelled=true")) == [])
        }
    }

    @Test(arguments: [
        ("{", "Malformed JSON"), ("{}", "'labels'"), (#"{"label": []}"#, "'labels'"), (#"{"labels": {}}"#, "'labels'"),
        (#"{"labels": [7]}"#, "'labels[0]'"), (#"{"labels": [{"value": 1}]}"#, "'labels[0].prediction_id'"),
        (#"{"labels": [{"prediction_id": "ID", "value": 1}, {"prediction_id": "ID"}]}"#, "'labels[1].value'"),
        (#"{"labels": [{"prediction_id": "ID", "value": 1, "time": "noon"}]}"#, "'labels[0].time'"),
    ])
    func saysWhichLabelIsWrong(body: String, words: String) async throws {
        try await Self.run(1) { ids, server in
            let body = body.replacing("ID", with: ids[0].text)
            let answer = try await server.send(.POST, "/api/v1/labels", body: body, type: "application/json")
            #expect(answer.status == 400)
            #expect(try answer.json["message"]?.stringValue?.contains(words) == true, "\(answer.text)")
            #expect(try Self.ages(try await server.get("/api/v1/predictions?labelled=true")) == [])
        }
    }

    @Test func takesNoMoreLabelsAtOnceThanItSays() async throws {
        try await Self.run(1) { ids, server in
            let label: JSON = ["prediction_id": .string(ids[0].text), "value": 1]
            let labels = Array(repeating: label, count: 10_001)
            let answer = try await server.post("/api/v1/labels", json: ["labels": .array(labels)])
            #expect(answer.status == 400)
            #expect(try answer.json["message"]?.stringValue?.contains("at most 10000") == true)
        }
    }
}
