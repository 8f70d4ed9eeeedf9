import Runtimes
import TestSupport
import Testing
import Web
import Wire

@testable import Predictions

@Suite(.timeLimit(.minutes(5))) struct FeedbackTests {
    /// A prediction with one row and one with two, of endpoint `clinic`.
    private static func run(_ body: (PredictionID, PredictionID, LiveServer) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let clock = WallClock { Timestamp(milliseconds: 1_800_000_000_000) }
        let log = try await PredictionLog(
            folder: folder.path("predictions"), clock: clock, entropy: .system, logger: LiveServer.quiet)
        let ids = try await [1, 2].asyncMap { rows in
            let ages = Column(name: "age", values: .int64s(Array(repeating: 41, count: rows)))
            return try await log.append(
                LoggedRequest(
                    endpoint: "clinic", variant: "main", model: "clinic", version: 3, latencyUs: 250, caller: "ada",
                    input: .table(Batch(rowCount: rows, columns: [ages])), output: .json(0.5), rowCount: rows))
        }
        var routes = Routes()
        PredictionRoutes(log: log, clock: clock).routes(into: &routes)
        try await LiveServer.run(routes, clock: clock, beside: [log]) { server in
            try await body(ids[0], ids[1], server)
        }
    }

    @Test func isShownWithItsPredictionInTheOrderInWhichItCame() async throws {
        try await Self.run { id, other, server in
            let row = PredictionID(request: other.request, row: 1)
            for (id, value) in [(id, 4 as JSON), (id, "thumbs up"), (row, false)] {
                let answer = try await server.post(
                    "/api/v1/endpoints/clinic/feedback",
                    json: ["prediction_id": .string(id.text), "value": value, "comment": "to the point"])
                #expect(answer.status == 200, "\(answer.text)")
            }
            func feedback(_ value: JSON) -> JSON {
                ["value": value, "comment": "to the point", "caller": "local", "time": 1_800_000_000_000]
            }
            let one = try await server.get("/api/v1/predictions/\(id.text)").json
            #expect(one["feedback"] == [feedback(4), feedback("thumbs up")])
            // It is no label.
            #expect(one["label"] == nil)
            let list = try await server.get("/api/v1/predictions").json["predictions"]?.arrayValue
            #expect(list?.map { $0["feedback"] } == [one["feedback"], nil, [feedback(false)]])
        }
    }

    @Test func isRefusedWhereItBelongsToNothing() async throws {
        try await Self.run { id, other, server in
            let unknown = "p-0123456789abcdef0123456789abcdef"
            let wrong: [(String, JSON, Int, String)] = [
                ("clinic", ["prediction_id": .string(unknown), "value": 1], 404, "'\(unknown)'"),
                ("clinic", ["prediction_id": .string(other.text), "value": 1], 404, "'\(other.text)'"),
                ("ward", ["prediction_id": .string(id.text), "value": 1], 404, "by endpoint 'clinic', not by 'ward'"),
                ("clinic", ["prediction_id": .string(id.text)], 400, "'value'"),
                ("clinic", ["prediction_id": .string(id.text), "value": nil], 400, "'value'"),
                ("clinic", ["value": 1], 400, "'prediction_id'"),
                (
                    "clinic",
                    [
                        "prediction_id": .string(id.text), "value": 1,
                        "comment": .string(String(repeating: "x", count: 10_001)),
                    ], 400, "'comment'"
                ),
            ]
            for (endpoint, body, status, words) in wrong {
                let answer = try await server.post("/api/v1/endpoints/\(endpoint)/feedback", json: body)
                #expect(answer.status == status, "\(answer.text)")
                #expect(try answer.json["message"]?.stringValue?.contains(words) == true, "\(answer.text)")
            }
            #expect(try await server.get("/api/v1/predictions/\(id.text)").json["feedback"] == nil)
        }
    }

    @Test func isBounded() async throws {
        try await Self.run { id, _, server in
            var statuses: [Int] = []
            for _ in 0...PredictionFeedback.maximumCount {
                statuses.append(
                    try await server.post(
                        "/api/v1/endpoints/clinic/feedback", json: ["prediction_id": .string(id.text), "value": 1]
                    ).status)
            }
            #expect(statuses.dropLast().allSatisfy { $0 == 200 })
            #expect(statuses.last == 409)
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
