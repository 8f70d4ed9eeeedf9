import NIOHTTP1
import Runtimes
import TestSupport
import Testing
import Web
import Wire

@testable import Predictions

/// Labels, ratings and business events that name predictions as their senders know them.
@Suite(.timeLimit(.minutes(5))) struct PredictionSubjectTests {
    private static let hour: Int64 = 3_600_000
    /// 2026-11-21T08:00:00Z
    private static let now: Int64 = 1_795_248_000_000

    /// Predictions o-0 … o-5 about customers c-0 and c-1 in turn, twenty hours apart, the last of them now.
    private static func run(_ body: (PredictionLog, LiveServer) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let clock = WallClock { Timestamp(milliseconds: now) }
        let log = try await PredictionLog(
            folder: folder.path("predictions"), clock: clock, entropy: .system, logger: LiveServer.quiet)
        var routes = Routes()
        PredictionRoutes(log: log, clock: clock).routes(into: &routes)
        PredictionImportRoutes(log: log, clock: clock, entropy: .system) { [:] }.routes(into: &routes)
        try await LiveServer.run(routes, clock: clock, beside: [log]) { server in
            let lines = (0..<6).map { index in
                #"{"prediction_id": "o-\#(index)", "endpoint": "churn", "unit": "c-\#(index % 2)", "output": \#(index), "#
                    + #""time": \#(now - Int64(5 - index) * 20 * hour)}"#
            }
            let answer = try await server.send(
                .POST, "/api/v1/predictions", body: lines.joined(separator: "\n"), type: "application/x-ndjson")
            #expect(try answer.json["accepted"] == 6, "\(answer.text)")
            try await body(log, server)
        }
    }

    /// The outputs of predictions with a label, with what it is.
    private static func labels(_ log: PredictionLog) async throws -> [JSON] {
        try await log.predictions(PredictionQuery(isLabelled: true)).map { [$0.output.json, $0.label ?? .null] }
    }

    @Test(
        arguments: [
            (#"{"prediction_id": "o-1", "value": 7}"#, [[1, 7]]),
            (#"{"prediction_id": "o-1", "endpoint": "churn", "value": 7}"#, [[1, 7]]),
            // The latest of the unit until now, or until the moment that the label is about.
            (#"{"unit": "c-0", "value": 7}"#, [[4, 7]]),
            (#"{"unit": "c-1", "endpoint": "churn", "value": 7}"#, [[5, 7]]),
            (#"{"unit": "c-0", "at": 1795104000000, "value": 7}"#, [[2, 7]]),
            (#"{"unit": "c-0", "at": 1795031999999, "value": 7}"#, [[0, 7]]),
            // 2 lies forty hours before 4, and 0 as long before 2.
            (#"{"unit": "c-0", "which": "all", "within_minutes": 3600, "value": 7}"#, [[2, 7], [4, 7]]),
            (#"{"unit": "c-0", "which": "all", "within_minutes": 100000, "value": 7}"#, [[0, 7], [2, 7], [4, 7]]),
            (#"{"unit": "c-0", "within_minutes": 1200, "value": 7}"#, [[4, 7]]),
        ] as [(String, [JSON])])
    func findsWhatALabelIsAbout(label: String, expected: [JSON]) async throws {
        try await Self.run { log, server in
            let answer = try await server.send(
                .POST, "/api/v1/labels", body: #"{"labels": [\#(label)]}"#, type: "application/json")
            #expect(try answer.json["accepted"] == .integer(Int64(expected.count)), "\(answer.text)")
            #expect(try await Self.labels(log) == expected)
        }
    }

    @Test(arguments: [
        (#"{"prediction_id": "o-9", "value": 7}"#, "no prediction has the id 'o-9'"),
        (#"{"prediction_id": "o-1", "endpoint": "fraud", "value": 7}"#, "'o-1'"),
        (#"{"prediction_id": "p-00000000-0000-7000-8000-000000000000", "value": 7}"#, "no prediction has the id"),
        (#"{"unit": "c-7", "value": 7}"#, "no prediction about unit 'c-7'"),
        (#"{"unit": "c-0", "within_minutes": 1, "at": 1795230000000, "value": 7}"#, "unit 'c-0'"),
    ])
    func aLabelAboutNothingIsNamedAndKeepsNoOtherFromBeingStored(label: String, words: String) async throws {
        try await Self.run { log, server in
            let alone = try await server.send(
                .POST, "/api/v1/labels", body: #"{"labels": [\#(label)]}"#, type: "application/json")
            #expect(alone.status == 404, "\(alone.text)")
            #expect(alone.text.contains("Nothing was stored"))
            let body =
                #"{"labels": [{"prediction_id": "o-0", "value": 1}, \#(label), {"unit": "c-1", "value": 2}]}"#
            let answer = try await server.send(.POST, "/api/v1/labels", body: body, type: "application/json")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.json["accepted"] == 2)
            #expect(try answer.json["unmatched"] == 1)
            let named = try answer.json["unmatched_labels"]?.arrayValue ?? []
            #expect(named.map { $0["label"] } == [1])
            #expect(named.first?["reason"]?.stringValue?.contains(words) == true, "\(answer.text)")
            #expect(try await Self.labels(log) == [[0, 1], [5, 2]])
        }
    }

    @Test func countsLabelsThatAreAboutNothingAgainstTheirEndpoint() async throws {
        try await Self.run { log, server in
            func send(_ labels: String) async throws {
                let body = #"{"labels": [\#(labels)]}"#
                _ = try await server.send(.POST, "/api/v1/labels", body: body, type: "application/json")
            }
            func arrivals(_ endpoint: String) async throws -> LabelArrivals {
                try await log.labelArrivals(
                    of: endpoint, from: Timestamp(milliseconds: Self.now - 60_000),
                    to: Timestamp(milliseconds: Self.now + 60_000))
            }
            // Of the endpoint of all others in the request, or of the one that it names.
            try await send(#"{"prediction_id": "o-0", "value": 1}, {"prediction_id": "x", "value": 1}"#)
            try await send(#"{"prediction_id": "x", "endpoint": "churn", "value": 1}"#)
            try await send(#"{"prediction_id": "x", "endpoint": "fraud", "value": 1}"#)
            // Nobody can tell whose this is.
            try await send(#"{"prediction_id": "x", "value": 1}"#)
            #expect(try await arrivals("churn") == LabelArrivals(joined: 1, unmatched: 2))
            #expect(try await arrivals("fraud") == LabelArrivals(joined: 0, unmatched: 1))
            let later = Timestamp(milliseconds: Self.now + 60_000)
            #expect(try await log.labelArrivals(of: "churn", from: later, to: later + .seconds(60)).count == 0)
        }
    }

    @Test(arguments: [
        (#"{"unit": "c-0", "which": "all", "value": 7}"#, 400, "needs 'within_minutes'"),
        (#"{"unit": "c-0", "which": "first", "value": 7}"#, 400, "'latest' or 'all'"),
        (#"{"unit": "c-0", "prediction_id": "o-1", "value": 7}"#, 400, "either 'prediction_id' or 'unit'"),
        (#"{"unit": "c-0", "within_minutes": 0, "value": 7}"#, 400, "'labels[1].within_minutes'"),
        (#"{"unit": "c-0", "at": "noon", "value": 7}"#, 400, "'labels[1].at' is a moment"),
        (#"{"unit": "c-0", "at": "-1", "value": 7}"#, 400, "'labels[1].at' lies before 1970"),
        (#"{"unit": "c-0", "at": "9223372036854775807", "value": 7}"#, 400, "'labels[1].at' is a moment"),
        (#"{"unit": "c-0", "at": "253402300800000", "value": 7}"#, 400, "'labels[1].at' lies after the year 9999"),
        (
            #"{"unit": "c-0", "at": "-9223372036854775808", "within_minutes": 5, "value": 7}"#, 400,
            "'labels[1].at' lies before 1970"
        ),
        (
            #"{"prediction_id": "o-1", "time": "1969-12-31T00:00:00Z", "value": 7}"#, 400,
            "'labels[1].time' lies before 1970"
        ),
        (
            #"{"prediction_id": "o-1", "time": "2027-01-01T00:00:00Z", "value": 7}"#, 400,
            "'labels[1].time' lies in the future"
        ),
    ])
    func storesNothingWhenOneIsMalformed(label: String, status: UInt, words: String) async throws {
        try await Self.run { log, server in
            let body = #"{"labels": [{"prediction_id": "o-0", "value": 1}, \#(label)]}"#
            let answer = try await server.send(.POST, "/api/v1/labels", body: body, type: "application/json")
            #expect(answer.status == status)
            #expect(answer.text.contains(words), "\(answer.text)")
            #expect(try await Self.labels(log).isEmpty)
        }
    }

    @Test func keepsRatingsAndBusinessEventsWithTheirNames() async throws {
        try await Self.run { log, server in
            let body = #"""
                {"feedback": [
                  {"prediction_id": "o-1", "name": "rating", "value": 5, "comment": "right"},
                  {"unit": "c-1", "at": "2026-11-18T08:00:00Z", "name": "revenue", "value": 19.9},
                  {"unit": "c-0", "which": "all", "within_minutes": 100000, "value": "up"}]}
                """#
            let answer = try await server.send(.POST, "/api/v1/feedback", body: body, type: "application/json")
            #expect(try answer.json["accepted"] == 5, "\(answer.text)")
            let found = try await log.predictions(PredictionQuery())
            #expect(found.map(\.feedback.count) == [1, 2, 1, 0, 1, 0])
            #expect(found[1].feedback.map(\.name) == ["rating", "revenue"])
            #expect(found[1].feedback.map(\.value) == [5, 19.9])
            #expect(found[0].feedback.map(\.name) == [nil])

            let wrong = #"{"feedback": [{"prediction_id": "o-3", "value": 1}, {"prediction_id": "x", "value": 1}]}"#
            let refused = try await server.send(.POST, "/api/v1/feedback", body: wrong, type: "application/json")
            #expect(refused.status == 404)
            #expect(try await log.predictions(PredictionQuery())[3].feedback.isEmpty)
        }
    }

    @Test func findsManyInDaysThatKnowFewOfThem() async throws {
        try await Self.run { log, _ in
            let known = (0..<6).map { PredictionSubject.external("o-\($0)", endpoint: $0 % 2 == 0 ? "churn" : nil) }
            let found = try await log.predictions(about: known)
            #expect(try await log.predictions(PredictionQuery()).map(\.id) == found.flatMap(\.self))
            let unknown = (0..<1200).map { PredictionSubject.external("x-\($0)", endpoint: nil) }
            await #expect(throws: PredictionError.self) { _ = try await log.predictions(about: known + unknown) }
            let day = PredictionDay(containing: Timestamp(milliseconds: Self.now))
            let here = try await log.partitions.with(day) { store in
                try await store.predictions(about: unknown + known, limit: 100)
            }
            #expect(here.keys.sorted { $0.words < $1.words } == [known[5]])
        }
    }

    @Test func refusesWhatIsAboutTooMany() async throws {
        try await Self.run { log, _ in
            let unit = PredictionSubject.Unit(
                name: "c-0", endpoint: nil, moment: Timestamp(milliseconds: Self.now), withinMinutes: 100_000)
            #expect(try await log.predictions(about: [.all(unit)], limit: 3).map(\.count) == [3])
            await #expect(throws: PredictionError.self) {
                _ = try await log.predictions(about: [.all(unit)], limit: 2)
            }
            await #expect(throws: PredictionError.self) {
                _ = try await log.predictions(about: [.all(unit), .all(unit)], limit: 5)
            }
            // Those of one request count by their rows.
            _ = try await log.append(
                LoggedRequest(
                    endpoint: "churn", variant: "main", model: "m", version: 1, latencyUs: 1, caller: "ada",
                    unit: "c-9", input: .document([:]), output: .json(1), rowCount: 50),
                policy: LogPolicy(samplePercent: 0))
            let nine = PredictionSubject.latest(
                .init(name: "c-9", endpoint: nil, moment: Timestamp(milliseconds: Self.now), withinMinutes: nil))
            #expect(try await log.predictions(about: [nine], limit: 50).map(\.count) == [50])
            await #expect(throws: PredictionError.self) { _ = try await log.predictions(about: [nine], limit: 49) }
        }
    }

    @Test func takesFeedbackOfAnEndpointByItsNameToo() async throws {
        try await Self.run { log, server in
            let answer = try await server.post(
                "/api/v1/endpoints/churn/feedback", json: ["prediction_id": "o-2", "value": 4, "name": "rating"])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try await log.predictions(PredictionQuery())[2].feedback.map(\.value) == [4])
        }
    }
}
