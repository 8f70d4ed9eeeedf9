import NIOHTTP1
import Synchronization
import TestSupport
import Testing
import Web
import Wire

@testable import Predictions

@Suite(.timeLimit(.minutes(5))) struct PredictionImportTests {
    /// 2026-11-21T08:00:00Z
    private static let now = Timestamp(milliseconds: 1_795_248_000_000)
    private static let path = "/api/v1/predictions"

    /// Keeps what observers were told.
    private final class Witness: Sendable {
        private let seen = Mutex<[Prediction]>([])
        var predictions: [Prediction] { seen.withLock { $0 } }
        var observer: PredictionObserver {
            PredictionObserver(name: "witness") { [self] group in seen.withLock { $0 += group.predictions } }
        }
    }

    private struct Place {
        let log: PredictionLog
        let server: LiveServer
        let witness: Witness

        func send(_ lines: String..., query: String = "") async throws -> LiveServer.Answer {
            try await server.send(
                .POST, PredictionImportTests.path + query, body: lines.joined(separator: "\n"),
                type: "application/x-ndjson")
        }

        /// Sends lines and looks at how many were accepted, duplicates, late and refused.
        func expect(
            _ counts: [Int64?], _ lines: String..., location: SourceLocation = #_sourceLocation
        ) async throws {
            let answer = try await send(lines.joined(separator: "\n"))
            let found = try PredictionImportTests.counts(answer)
            #expect(found == counts, "\(answer.text)", sourceLocation: location)
        }

        func all() async throws -> [Prediction] {
            try await log.predictions(PredictionQuery(limit: 100_000))
        }
    }

    private static func run(
        policies: [String: LogPolicy] = [:], _ body: (Place) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let clock = WallClock { now }
        let witness = Witness()
        let log = try await PredictionLog(
            folder: folder.path("predictions"), clock: clock, entropy: .system, observers: [witness.observer],
            logger: LiveServer.quiet)
        var routes = Routes()
        PredictionRoutes(log: log, clock: clock).routes(into: &routes)
        PredictionImportRoutes(log: log, clock: clock, entropy: .system) { policies }.routes(into: &routes)
        try await LiveServer.run(routes, clock: clock, beside: [log]) { server in
            try await body(Place(log: log, server: server, witness: witness))
        }
    }

    private static func counts(_ answer: LiveServer.Answer) throws -> [Int64?] {
        try ["accepted", "duplicates", "late", "refused"].map { try answer.json[$0]?.integerValue }
    }

    @Test func keepsAllThatIsSaidOfAPrediction() async throws {
        try await Self.run { place in
            let answer = try await place.send(
                #"""
                {"prediction_id": "order-7", "endpoint": "fraud", "model": "fraud-net", "version": 3, "variant": "eu",
                """#.replacing("\n", with: "")
                    + #" "time": "2026-11-21T07:59:58.250Z", "inputs": {"amount": 12.5, "gap": NaN}, "output": {"score": 0.9},"#
                    + #" "label": 1, "label_time": 1795247999000, "latency_ms": 3.25, "caller": "shop", "unit": "card-9"}"#
            )
            #expect(try Self.counts(answer) == [1, 0, 0, 0], "\(answer.text)")
            let found = try #require(try await place.all().first)
            #expect(found.time == Timestamp(milliseconds: 1_795_247_998_250))
            let expected: JSON = [
                "prediction_id": .string(found.id.text), "external_id": "order-7", "endpoint": "fraud",
                "variant": "eu", "model": "fraud-net", "version": 3, "time": 1_795_247_998_250,
                "inputs": ["amount": 12.5, "gap": .null], "output": ["score": 0.9], "latency_us": 3250,
                "caller": "shop", "unit": "card-9", "received_time": .integer(Self.now.milliseconds), "label": 1,
                "label_time": 1_795_247_999_000,
            ]
            #expect(found.json == expected)
        }
    }

    @Test func fillsInWhatIsLeftOut() async throws {
        try await Self.run { place in
            let answer = try await place.send(
                #"{"output": 0.5, "label": null, "time": null}"#, query: "?endpoint=churn")
            #expect(try Self.counts(answer) == [1, 0, 0, 0], "\(answer.text)")
            let found = try #require(try await place.all().first)
            #expect(found.time == Self.now)
            #expect(found.label == nil)
            #expect(found.model == "churn")
            #expect(found.version == 0)
            #expect(found.latencyUs == Prediction.unknownLatency)
            #expect(found.json["latency_us"] == nil)
            #expect(found.inputs == .null)
        }
    }

    @Test func addsNothingWhenARequestIsRepeated() async throws {
        try await Self.run { place in
            let lines = (0..<50).map { index in
                // Half of them have names; some of the others are alike.
                index.isMultiple(of: 2)
                    ? #"{"prediction_id": \#(index), "endpoint": "a", "output": \#(index), "time": 1795240000000}"#
                    : #"{"endpoint": "a", "output": \#(index % 3), "time": 1795240000000}"#
            }.joined(separator: "\n")
            try await place.expect([50, 0, 0, 0], lines)
            try await place.expect([0, 50, 0, 0], lines)
            #expect(try await place.all().count == 50)
            try await place.log.settleObservers()
            #expect(place.witness.predictions.count == 50)
            #expect(Set(place.witness.predictions.map(\.id)).count == 50)
        }
    }

    @Test func knowsANameWithoutATimeAgain() async throws {
        try await Self.run { place in
            let line = #"{"prediction_id": "x", "endpoint": "a", "output": 1}"#
            try await place.expect([1, 1, 0, 0], line, line)
            try await place.expect([0, 1, 0, 0], line)
            // The name is that of another endpoint too.
            try await place.expect([1, 0, 0, 0], line.replacing("\"a\"", with: "\"b\""))
        }
    }

    @Test func takesDaysInAnyOrderAndMarksTheLateOnes() async throws {
        try await Self.run { place in
            let day: Int64 = 86_400_000
            let days: [Int64] = [0, 2000, 1, 365, 0, 3, 1]
            let lines = days.enumerated().map { index, age in
                #"{"endpoint": "a", "output": \#(index), "time": \#(Self.now.milliseconds - age * day)}"#
            }
            try await place.expect([7, 0, 3, 0], lines.joined(separator: "\n"))
            let found = try await place.all()
            let times = found.map(\.time)
            #expect(times == times.sorted())
            let late = found.map(\.isLate)
            #expect(late == [true, true, true, false, false, false, false])
            try await place.log.settleObservers()
            // In the order in which they came.
            let outputs = place.witness.predictions.compactMap(\.output.json.integerValue)
            #expect(outputs == [0, 1, 2, 3, 4, 5, 6])
        }
    }

    @Test func aLineOfMoreValuesThanItMayHoldIsRefused() async throws {
        try await Self.run { place in
            func line(_ count: Int) -> String {
                #"{"endpoint": "a", "output": 1, "inputs": {"x": [\#(String(repeating: "0,", count: count))0]}}"#
            }
            let answer = try await place.send(line(100_000), line(1_000))
            #expect(try Self.counts(answer) == [1, 0, 0, 1])
            let reason = try answer.json["refused_lines"]?.arrayValue?.first?["reason"]?.stringValue
            #expect(reason?.contains("more than 100000 values") == true)
        }
    }

    @Test(arguments: [
        (#"{"endpoint": "a", "output": 1, }"#, 32, "expected a name"),
        (#"{"endpoint": "a" "output": 1}"#, 18, "expected ','"),
        (#"[1]"#, 1, "a line is one object"), (#"{"endpoint": "a", "output": nope}"#, 29, "malformed JSON"),
        (#"{"endpoint": "a", "output": 1} x"#, 32, "unexpected text"),
        (#"{"endpoint": "a", "outptu": 1}"#, 19, "'outptu' is no field of a prediction"),
        (#"{"endpoint": "a", "output": 1, "output": 2}"#, 32, "'output' is given twice"),
        (#"{"endpoint": "a", "output": 1, "time": "soon"}"#, 32, "'time' is a moment"),
        (#"{"endpoint": "a", "output": 1, "time": "1969-12-31T23:59:59Z"}"#, 32, "'time' lies before 1970"),
        (#"{"endpoint": "a", "output": 1, "time": -1}"#, 32, "'time' lies before 1970"),
        (#"{"endpoint": "a", "output": 1, "time": 1795248000}"#, 32, "looks like seconds"),
        (#"{"endpoint": "a", "output": 1, "version": "v2"}"#, 32, "'version' is a whole number"),
        (#"{"endpoint": "a", "output": 1, "inputs": [1]}"#, 32, "'inputs' is an object"),
        (#"{"endpoint": "a", "output": 1, "unit": ""}"#, 32, "'unit' is a text"),
        (#"{"endpoint": "a", "output": 1, "prediction_id": 1.5}"#, 32, "'prediction_id' is a text"),
        (#"{"endpoint": "a", "output": 1, "latency_ms": -1}"#, 32, "'latency_ms' is a number"),
    ])
    func saysWhereALineIsWrong(line: String, column: Int64, words: String) async throws {
        try await Self.run { place in
            let good = #"{"endpoint": "a", "output": 1}"#
            let answer = try await place.send(good, "", line, good)
            #expect(answer.status == 200)
            #expect(try Self.counts(answer) == [2, 0, 0, 1])
            let refused = try answer.json["refused_lines"]?.arrayValue?.first
            #expect(refused?["line"] == 3)
            #expect(refused?["column"]?.integerValue == column, "\(answer.text)")
            #expect(refused?["reason"]?.stringValue?.contains(words) == true, "\(answer.text)")
        }
    }

    @Test(arguments: [
        (#"{"output": 1}"#, "'endpoint' is missing"), (#"{"endpoint": "a"}"#, "'output' is missing"),
        (#"{"endpoint": "a", "output": null}"#, "'output' is missing"),
        (#"{"endpoint": "a", "output": 1, "label_time": 1795248000000}"#, "without 'label'"),
        (#"{"endpoint": "a", "output": 1, "time": "2026-11-21T08:01:01Z"}"#, "'time' lies in the future"),
        (
            #"{"endpoint": "a", "output": 1, "label": 1, "label_time": 1895248000000}"#,
            "'label_time' lies in the future"
        ),
    ])
    func refusesARequestOfWhichNothingCanBeTaken(line: String, words: String) async throws {
        try await Self.run { place in
            let answer = try await place.send(line)
            #expect(answer.status == 400)
            #expect(try answer.json["message"]?.stringValue?.contains(words) == true, "\(answer.text)")
            #expect(try Self.counts(answer) == [0, 0, 0, 1])
            #expect(try await place.all().isEmpty)
        }
    }

    @Test func refusesANameThatIsTakenAtAnotherMoment() async throws {
        try await Self.run { place in
            let first = #"{"prediction_id": "x", "endpoint": "a", "output": 1, "time": 1795240000000}"#
            let second = first.replacing("0000000}", with: "0000001}")
            let yesterday = first.replacing("1795240000000", with: "1795153600000")
            let answer = try await place.send(first, second, yesterday)
            #expect(try Self.counts(answer) == [2, 0, 1, 1], "\(answer.text)")
            #expect(try answer.json["refused_lines"]?.arrayValue?.first?["line"] == 2)
            #expect(answer.text.contains("another time of that day"))
        }
    }

    @Test func holdsNoLineThatIsTooLong() async throws {
        try await Self.run { place in
            let long = #"{"endpoint": "a", "output": ""# + String(repeating: "x", count: 20 << 20) + #""}"#
            let good = #"{"endpoint": "a", "output": 1}"#
            let answer = try await place.send(good, long, good)
            #expect(try Self.counts(answer) == [2, 0, 0, 1])
            #expect(answer.text.contains("longer than 4 MiB"))
        }
    }

    @Test func listsTheFirstRefusedLinesAndCountsAll() async throws {
        try await Self.run { place in
            let answer = try await place.send(Array(repeating: "{}", count: 5000).joined(separator: "\n"))
            #expect(answer.status == 400)
            #expect(try answer.json["refused"] == 5000)
            #expect(try answer.json["refused_lines"]?.arrayValue?.count == 100)
            #expect(try answer.json["refused_lines"]?.arrayValue?.last?["line"] == 100)
        }
    }

    @Test func keepsWhatTheEndpointKeeps() async throws {
        let policies = [
            "secret": LogPolicy(mask: ColumnMask(["age"]), durability: .disk), "rare": LogPolicy(samplePercent: 0),
        ]
        try await Self.run(policies: policies) { place in
            _ = try await place.send(
                #"{"endpoint": "secret", "inputs": {"age": 41, "city": "Bern"}, "output": {"age": 1, "p": 0.5}}"#,
                #"{"prediction_id": "r", "endpoint": "rare", "inputs": {"age": 41}, "output": 1, "label": 0}"#)
            let found = try await place.all()
            #expect(found.map(\.inputs.json) == [["age": .null, "city": "Bern"]])
            #expect(found.map(\.output.json) == [["age": .null, "p": 0.5]])
            try await place.log.settleObservers()
            #expect(place.witness.predictions.map(\.isKept) == [true, false])
            #expect(place.witness.predictions.last?.label == 0)
            let again = try await place.send(#"{"prediction_id": "r", "endpoint": "rare", "output": 1}"#)
            #expect(try Self.counts(again) == [0, 1, 0, 0])
        }
    }

    @Test func takesManyLinesInBatches() async throws {
        try await Self.run { place in
            let lines = (0..<20_000).map { #"{"prediction_id": \#($0), "endpoint": "a", "output": \#($0)}"# }
            let answer = try await place.send(lines.joined(separator: "\n"))
            #expect(try Self.counts(answer) == [20_000, 0, 0, 0])
            #expect(try await place.all().count == 20_000)
        }
    }

    @Test func wantsLinesOfJSON() async throws {
        try await Self.run { place in
            let answer = try await place.server.send(.POST, Self.path, body: "a,b", type: "text/csv")
            #expect(answer.status == 415)
            #expect(answer.text.contains("application/x-ndjson"))
        }
    }
}
