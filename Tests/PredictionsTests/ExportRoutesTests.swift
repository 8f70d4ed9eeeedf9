import Foundation
import NIOCore
import Runtimes
import Synchronization
import Tables
import TestSupport
import Testing
import Web
import Wire

@testable import Predictions

@Suite(.timeLimit(.minutes(5))) struct ExportRoutesTests {
    private static let start: Int64 = 1_800_000_000_000

    /// A log of requests that came a second apart, served.
    private static func run(
        _ requests: [LoggedRequest], clockGoesBack: Bool = false, reserveBytes: Int = 0,
        _ body: (PredictionLog, [PredictionID], LiveServer) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let now = Mutex(start)
        let moment: @Sendable () -> Timestamp = { Timestamp(milliseconds: now.withLock { $0 }) }
        let log = try await PredictionLog(
            folder: folder.path("predictions"), clock: WallClock(moment), entropy: .system, logger: LiveServer.quiet)
        var ids: [PredictionID] = []
        for request in requests {
            ids.append(try await log.append(request))
            now.withLock { $0 += 1000 }
        }
        if clockGoesBack { now.withLock { $0 = start - 1000 } }
        let table = try PredictionTable(
            folder: folder.path("predictions/export"), tables: .installed, entropy: .system,
            reserveBytes: reserveBytes)
        var routes = Routes()
        let clock = WallClock(moment)
        ExportRoutes(log: log, table: table).routes(into: &routes)
        PredictionRoutes(log: log, clock: clock).routes(into: &routes)
        try await LiveServer.run(routes, clock: clock, beside: [log]) { server in try await body(log, ids, server) }
        let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path("predictions/export"))
        #expect(left.filter { $0.hasSuffix("json") || $0.hasSuffix("parquet") } == [])
    }

    private static func request(_ input: JSON, to endpoint: String = "clinic", output: JSON = 0.5) -> LoggedRequest {
        LoggedRequest(
            endpoint: endpoint, variant: "main", model: "clinic", version: 3, latencyUs: 250, caller: "ada",
            unit: "c-7", propensity: 0.9, input: .document(input), output: .json(output), rowCount: 1)
    }

    private static func ages(_ count: Int) -> [LoggedRequest] {
        (0..<count).map { request(["age": .integer(Int64($0))], to: $0.isMultiple(of: 2) ? "clinic" : "ward") }
    }

    private static func lines(_ answer: LiveServer.Answer) throws -> [JSON] {
        try answer.text.split(separator: "\n").map { try JSON.parse($0.utf8) }
    }

    @Test func writesALineForEachPrediction() async throws {
        try await Self.run(Self.ages(130)) { log, ids, server in
            try await log.label([PredictionLabel(id: ids[3], value: 1, time: ids[3].time)])
            let answer = try await server.get("/api/v1/predictions/export")
            #expect(answer.header("Content-Type") == "application/x-ndjson")
            #expect(answer.header("Content-Disposition") == "attachment; filename=\"predictions.ndjson\"")
            #expect(try Self.lines(answer) == (try await log.predictions(PredictionQuery(limit: 1000))).map(\.json))
            #expect(try Self.lines(answer).count == 130)
            let questions: [(String, [Int])] = [
                ("endpoint=ward&to=\(Self.start + 6000)", [1, 3, 5]), ("labelled=true", [3]),
                ("from=\(Self.start + 127_000)", [127, 128, 129]), ("from=2027-01-15T08:02:07Z", [127, 128, 129]),
                ("to=2027-01-15", []), ("from=2027-01-16", []), ("endpoint=none", []),
            ]
            for (query, expected) in questions {
                let lines = try Self.lines(try await server.get("/api/v1/predictions/export?\(query)"))
                let ages = lines.compactMap { $0["inputs"]?["age"]?.integerValue.map(Int.init) }
                #expect(ages == expected, "\(query)")
            }
        }
    }

    @Test func leavesRoomOnTheDisk() async throws {
        try await Self.run(Self.ages(3), reserveBytes: 1 << 60) { _, _, server in
            let answer = try await server.get("/api/v1/predictions/export?format=parquet")
            #expect(answer.status == 413)
            #expect(try answer.json["error_code"] == "STORAGE_FULL", "\(answer.text)")
            #expect(try Self.lines(try await server.get("/api/v1/predictions/export")).count == 3)
        }
    }

    @Test func exportsWhatIsAheadOfTheClock() async throws {
        try await Self.run(Self.ages(3), clockGoesBack: true) { _, ids, server in
            let lines = try Self.lines(try await server.get("/api/v1/predictions/export"))
            #expect(lines.compactMap { $0["prediction_id"]?.stringValue } == ids.map(\.text))
        }
    }

    @Test(arguments: ["format=csv", "from=yesterday", "to=2027-13-01", "labelled=perhaps"])
    func saysWhichParameterIsWrong(query: String) async throws {
        try await Self.run([]) { _, _, server in
            let answer = try await server.get("/api/v1/predictions/export?\(query)")
            #expect(answer.status == 400)
            let name = query.split(separator: "=").first.map(String.init) ?? ""
            #expect(try answer.json["message"]?.stringValue?.contains("'\(name)'") == true, "\(answer.text)")
        }
    }

    @Test func readsLargeRowsAFewAtATime() async throws {
        let text = JSON.string(String(repeating: "x", count: 100_000))
        try await Self.run((0..<80).map { _ in Self.request(["text": text]) }) { log, ids, _ in
            var sizes: [Int] = []
            var seen: [PredictionID] = []
            for try await page in PredictionPages(of: log, PredictionQuery()) {
                sizes.append(page.count)
                seen += page.map(\.id)
            }
            #expect(seen == ids)
            #expect(sizes.dropFirst().allSatisfy { $0 <= 11 }, "\(sizes)")
        }
    }

    // MARK: Parquet

    /// What pandas sees.
    private static func frame(_ server: LiveServer, _ query: String = "") async throws -> JSON {
        let answer = try await server.get("/api/v1/predictions/export?format=parquet\(query)")
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.header("Content-Type") == "application/vnd.apache.parquet")
        let folder = try TemporaryFolder()
        try Data(answer.body.readableBytesView).write(to: URL(filePath: folder.path("predictions.parquet")))
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "read_parquet.py")
        let result = try await BuiltProgram.run(
            BuiltProgram.python, [script.path, folder.path("predictions.parquet")],
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
        #expect(result.exitCode == 0, "\(result.errors)")
        return try JSON.parse(result.output.utf8)
    }

    @Test func givesPandasAColumnForEachInputWithItsType() async throws {
        let requests = [
            Self.request(
                [
                    "age": 41, "income": 1, "city": "Zürich", "smokes": true, "mixed": 1, "none": nil,
                    "deep": ["a": [1]],
                ],
                output: ["label": "ill", "scores": [0.25, 0.75]]),
            Self.request(
                ["age": 43, "income": 2.5, "city": nil, "smokes": false, "mixed": "one", "Age": "old"],
                output: ["label": "well", "scores": [1, 0]]),
        ]
        try await Self.run(requests) { log, ids, server in
            try await log.label([PredictionLabel(id: ids[1], value: true, time: Timestamp(milliseconds: Self.start))])
            try await log.add(
                PredictionFeedback(id: ids[0], value: 5, caller: "bob", time: ids[0].time), endpoint: "clinic")
            let frame = try await Self.frame(server)
            let types: [(String, String)] = [
                ("prediction_id", "str"), ("external_id", "str"), ("time", "datetime64[us, UTC]"), ("endpoint", "str"),
                ("variant", "str"),
                ("model", "str"), ("version", "int64"), ("caller", "str"), ("latency_us", "int64"), ("unit", "str"),
                ("propensity", "float64"), ("experiment", "str"), ("rollout", "str"), ("masked", "str"),
                ("received_time", "datetime64[us, UTC]"), ("late", "object"),
                ("input.age", "int64"),
                ("input.income", "float64"), ("input.city", "str"), ("input.smokes", "bool"), ("input.mixed", "str"),
                ("input.deep", "str"), ("input.Age_1", "str"), ("output.label", "str"), ("output.scores", "object"),
                ("label", "object"), ("label_time", "datetime64[us, UTC]"), ("feedback", "str"),
            ]
            #expect(frame["types"]?.memberList?.map(\.key) == types.map(\.0))
            for (name, type) in types { #expect(frame["types"]?[name]?.stringValue == type, "\(name)") }
            let first = frame["rows"]?.arrayValue?.first
            #expect(first?["prediction_id"]?.stringValue == ids[0].text)
            #expect(first?["time"] == "2027-01-15T08:00:00.000Z")
            #expect(first?["input.city"] == "Zürich")
            #expect(first?["input.deep"] == #"{"a":[1]}"#)
            #expect(first?["input.mixed"] == "1")
            #expect(first?["output.scores"] == [0.25, 0.75])
            #expect(first?["label"] == .null)
            #expect(first?["feedback"]?.stringValue?.contains(#""value":5"#) == true)
            let second = frame["rows"]?.arrayValue?.last
            #expect(second?["input.income"] == 2.5)
            #expect(second?["input.Age_1"] == "old")
            #expect(second?["label"] == true)
            #expect(frame["mean_age"] == 42.0)
        }
    }

    @Test func givesPandasARangeAndNothing() async throws {
        try await Self.run(Self.ages(60)) { _, _, server in
            let some = try await Self.frame(server, "&endpoint=ward&from=\(Self.start + 55_000)")
            let ages = some["rows"]?.arrayValue?.map { $0["input.age"]?.integerValue }
            #expect(ages == [55, 57, 59])
            let none = try await Self.frame(server, "&endpoint=none")
            #expect(none["rows"] == [])
            #expect(none["types"]?["prediction_id"] != nil)
        }
    }

    @Test func givesInputsOfTooManyNamesAsOneColumn() async throws {
        let wide = JSON.members((0..<1200).map { ("f\($0)", .integer($0)) })
        try await Self.run([Self.request(["age": 1]), Self.request(wide)]) { _, _, server in
            let frame = try await Self.frame(server)
            #expect(frame["rows"]?.arrayValue?.first?["input"] == #"{"age":1}"#)
            #expect(frame["types"]?.memberList?.count ?? 0 < 25)
        }
    }
}
