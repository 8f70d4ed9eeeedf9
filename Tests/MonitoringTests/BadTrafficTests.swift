import Database
import Incidents
import NIOHTTP1
import Predictions
import Runtimes
import Statistics
import TestSupport
import Testing
import Web
import Wire

@testable import Monitoring

/// What users send by mistake, over the network to the page of the monitor: each is a finding with a name or a clear refusal,
/// and every number that is answered is one. Tables in files are `BadTableTests`.
@Suite(.timeLimit(.minutes(5))) struct BadTrafficTests {
    private struct Place {
        let fixture: MonitoringFixture
        let server: LiveServer

        /// Sends rows, one a second.
        func send(
            _ table: PatientTable, mistake: Mistake? = nil, name: String = "x"
        ) async throws -> LiveServer.Answer {
            var lines: [String] = []
            for (row, values) in table.rows.enumerated() {
                fixture.clock.advance(by: 1_000)
                let now = fixture.clock.now
                var inputs: [String: String] = [:]
                for (name, value) in values.inputs.memberList ?? [] { inputs[name] = value.text }
                if let mistake { inputs = mistake.inputs(row, inputs) }
                let members = inputs.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
                var line = [
                    "prediction_id": "\"\(name)-\(row)\"", "endpoint": "\"clinic\"", "model": "\"clinic\"",
                    "version": "1", "time": "\(now.milliseconds)", "output": "0.5",
                    "inputs": "{\(members.joined(separator: ", "))}",
                ]
                if let mistake { line.merge(mistake.fields(row, now)) { $1 } }
                lines.append("{\(line.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", "))}")
            }
            return try await post(lines.joined(separator: "\n"))
        }

        func post(_ lines: String) async throws -> LiveServer.Answer {
            try await server.send(.POST, "/api/v1/predictions", body: lines, type: "application/x-ndjson")
        }

        func label(_ labels: String) async throws -> LiveServer.Answer {
            try await server.send(
                .POST, "/api/v1/labels", body: "{\"labels\": [\(labels)]}", type: "application/json")
        }

        /// The findings of the last window that are worth a word.
        func lastFindings() async throws -> [Finding] {
            await fixture.observe()
            let windows = try await fixture.windows()
            return (windows.last?.findings ?? []).filter { [.bad, .notable].contains($0.verdict) }
        }

        /// Everything that the server answers of the monitor, in which no number may be missing.
        func expectNumbers(_ comment: Comment) async throws {
            let windows = try await server.get("/api/v1/monitors/health/windows")
            #expect(windows.status == 200, comment)
            for word in ["NaN", "Infinity", ":nan", ":inf"] { #expect(!windows.text.contains(word), comment) }
            for finding in try await fixture.windows().flatMap(\.findings) {
                let numbers = [finding.value, finding.expected, finding.pValue, finding.adjustedPValue]
                #expect(numbers.allSatisfy { $0?.isFinite ?? true }, "\(finding)")
            }
        }
    }

    private static func run(
        _ spec: String = "{endpoint: clinic, window: {rows: 50}, alarms: {windows: 1}}", training: PatientTable? = nil,
        _ body: (Place) async throws -> Void
    ) async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: training ?? PatientTable(400, seed: 1))
        try await fixture.apply(spec)
        var routes = Routes()
        PredictionRoutes(log: fixture.log, clock: fixture.clock.clock).routes(into: &routes)
        PredictionImportRoutes(log: fixture.log, clock: fixture.clock.clock, entropy: .system) { [:] }
            .routes(into: &routes)
        let costs = try await MonitorRoutesTests.costs(fixture)
        MonitorRoutes(board: fixture.board, costs: costs, log: fixture.log).routes(into: &routes)
        try await LiveServer.run(routes, clock: fixture.clock.clock) { server in
            try await body(Place(fixture: fixture, server: server))
        }
    }

    private static func words(_ findings: [Finding]) -> [String] {
        findings.map { "\($0.code) \($0.subject ?? "-") \($0.verdict)" }
    }

    @Test(arguments: mistakes)
    func aMistakeIsNamed(mistake: Mistake) async throws {
        try await Self.run { place in
            _ = try await place.send(PatientTable(50, seed: 2), name: "good")
            await place.fixture.observe()
            let answer = try await place.send(PatientTable(50, seed: 3), mistake: mistake)
            switch mistake.outcome {
            case .found(let expected):
                #expect(try answer.json["accepted"] == 50, "\(answer.text)")
                let found = Self.words(try await place.lastFindings())
                for word in expected { #expect(found.contains(word), "\(found)") }
            case .refused(let words):
                #expect(answer.status == 400)
                #expect(try answer.json["refused"] == 50, "\(answer.text)")
                #expect(try answer.json["message"]?.stringValue?.contains(words) == true, "\(answer.text)")
                #expect(try await place.lastFindings().isEmpty)
            }
            try await place.expectNumbers("\(mistake.name)")
            let healthy = try await place.send(PatientTable(50, seed: 4), name: "after")
            #expect(healthy.status == 200, "It goes on.")
        }
    }

    @Test func noRowsAndOneRowAreNoTrouble() async throws {
        try await Self.run { place in
            for nothing in ["", "\n\n", "\r\n"] {
                let answer = try await place.post(nothing)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(try answer.json["accepted"] == 0)
            }
            _ = try await place.send(PatientTable(1, seed: 2))
            await place.fixture.observe()
            place.fixture.clock.advance(by: 25 * 3_600_000)
            await place.fixture.observe()
            let windows = try await place.fixture.windows()
            #expect(windows.map(\.rows) == [1])
            #expect(windows.allSatisfy { !$0.isJudged && $0.bad.isEmpty })
            try await place.expectNumbers("one row")
        }
    }

    @Test func aPredictionThatComesTwiceIsCountedOnce() async throws {
        try await Self.run { place in
            _ = try await place.send(PatientTable(50, seed: 2))
            // The same once more, at the same moments.
            place.fixture.clock.advance(by: -50_000)
            let again = try await place.send(PatientTable(50, seed: 2))
            #expect(try again.json["duplicates"] == 50, "\(again.text)")
            // One id cannot be two predictions.
            let other = try await place.send(PatientTable(1, seed: 3))
            #expect(other.status == 400)
            #expect(other.text.contains("another time of that day"))
            await place.fixture.observe()
            #expect(try await place.fixture.windows().map(\.rows) == [50])
        }
    }

    @Test func aLabelThatComesTwiceChangesNothingAndAChangedOneCounts() async throws {
        let spec = "{endpoint: clinic, type: binary, window: {rows: 50}, performance: {metrics: [accuracy]}}"
        try await Self.run(spec) { place in
            _ = try await place.send(PatientTable(50, seed: 2))
            await place.fixture.observe()
            func accuracy() async throws -> Double? {
                await place.fixture.lookAtLabels()
                return try await place.fixture.windows().last?.findings.first { $0.code == "accuracy" }?.value
            }
            func labels(_ value: Int) -> String {
                (0..<50).map { "{\"prediction_id\": \"x-\($0)\", \"value\": \(value)}" }.joined(separator: ", ")
            }
            // The answer 0.5 is the positive class.
            #expect(try await place.label(labels(1)).json["accepted"] == 50)
            #expect(try await accuracy() == 1)
            #expect(try await place.label(labels(1)).json["accepted"] == 50)
            #expect(try await accuracy() == 1)
            let twice = #"{"prediction_id": "x-0", "value": 1}, {"prediction_id": "x-0", "value": 0}"#
            #expect(try await place.label(twice).status == 200)
            #expect(try await accuracy() == 0.98, "The last of several counts.")
            #expect(try await place.label(labels(0)).json["accepted"] == 50)
            #expect(try await accuracy() == 0)
        }
    }

    @Test func labelsAboutNothingAreAFinding() async throws {
        try await Self.run { place in
            _ = try await place.send(PatientTable(50, seed: 2), name: "a")
            let labels = (0..<60).map { row in
                "{\"prediction_id\": \"\(row < 40 ? "a" : "old")-\(row)\", \"endpoint\": \"clinic\", \"value\": 1}"
            }.joined(separator: ", ")
            let answer = try await place.label(labels)
            #expect(answer.status == 200)
            #expect(try answer.json["accepted"] == 40)
            #expect(try answer.json["unmatched"] == 20)
            await place.fixture.observe()
            place.fixture.clock.advance(by: 120_000)
            _ = try await place.send(PatientTable(50, seed: 3), name: "b")
            let found = try #require(try await place.lastFindings().first { $0.code == "unmatched_labels" })
            #expect(found.verdict == .bad)
            #expect(found.rows == 60)
            #expect(found.value == 20.0 / 60)
            // What was told is not told again.
            place.fixture.clock.advance(by: 120_000)
            _ = try await place.send(PatientTable(50, seed: 4), name: "c")
            #expect(try await !place.lastFindings().contains { $0.code == "unmatched_labels" })
            #expect(try await place.fixture.windows().count == 3)
        }
    }

    @Test func aReferenceOfAnotherModelIsNamed() async throws {
        try await Self.run { place in
            let lines = (0..<50).map { row in
                "{\"endpoint\": \"clinic\", \"model\": \"clinic\", \"version\": 1, \"output\": 0.5, "
                    + "\"inputs\": {\"price\": \(row), \"rooms\": 3}}"
            }
            _ = try await place.post(lines.joined(separator: "\n"))
            let found = Self.words(try await place.lastFindings())
            #expect(found.contains("foreign_reference - notable"), "\(found)")
            #expect(found.contains("column_appeared price notable"))
            try await place.expectNumbers("another model")
        }
    }

    /// A million predictions, each about somebody else, from their log to the window of their monitor.
    @Test func aMillionNamesAreCountedInLittleSpace() async throws {
        let fixture = try await WindowFeedFixture(
            [WindowPlan(monitor: "health", endpoint: "clinic", window: .minutes(60))],
            anchors: WindowAnchors(inputs: [
                "customer": ColumnAnchors(reference: (0..<1_000).map { .text("customer \($0)") })
            ]))
        let (requests, rows) = (200, 5_000)
        for request in 0..<requests {
            fixture.clock.advance(by: 1_000)
            let names = (0..<rows).map { "new \(request * rows + $0)" }
            _ = try await fixture.log.append(
                LoggedRequest(
                    endpoint: "clinic", variant: "main", model: "clinic", version: 1, latencyUs: 100, caller: "ann",
                    input: .table(Batch(rowCount: rows, columns: [Column(name: "customer", values: .strings(names))])),
                    output: .json(0.5), rowCount: rows))
            if request % 20 == 0 { try await fixture.log.settleObservers() }
        }
        try await fixture.log.settleObservers()
        let whole = try #require(try await fixture.whole())
        #expect(whole.rows == requests * rows)
        let profile = try #require(whole.profile(whole.inputs["customer"]))
        #expect(profile.rows == requests * rows)
        #expect(profile.missing == 0)
        let distinct = try #require(profile.summary["distinct"]?.doubleValue)
        #expect(abs(distinct / 1_000_000 - 1) < 0.06, "\(distinct)")
        let largest = try await fixture.database.read {
            try $0.value("SELECT MAX(LENGTH(body)) FROM monitor_records", as: Int.self)
        }
        #expect(largest ?? .max < 256 << 10)
    }

    /// As many names as a table may have are counted in as much space as a few.
    @Test func aHundredThousandNamesTakeNoMoreSpaceThanSome() {
        let anchors = ColumnAnchors(reference: (0..<1_000).map { .text("customer \($0)") })
        func bytes(_ count: Int) -> Int {
            var column = ColumnRecord(anchors: FixedAnchors(anchors))
            for number in 0..<count { column.add(.text("other \(number)")) }
            var record = WindowRecord()
            _ = record.inputs.place(of: "ward", orAdd: column)
            return record.bytes.count
        }
        #expect(bytes(100_000) < 2 * bytes(5_000) + 1_000)
    }
}
