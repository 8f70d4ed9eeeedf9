import Foundation
import Runtimes
import Synchronization
import Tables
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Scoring

@Suite struct FailedRowsTests {
    private func failures(_ fixture: BatchFixture, _ output: String) throws -> [JSON] {
        try fixture.text("\(output).failed.ndjson").split(separator: "\n").map { try JSON.parse(String($0)) }
    }

    private static func csv(_ lines: [[String]]) -> String {
        lines.map { $0.joined(separator: ",") + "\n" }.joined()
    }

    private static func ndjson(_ names: [String], _ lines: [[String]]) -> String {
        let objects = lines.map { cells in
            JSON.members(
                zip(names, cells).map { name, cell -> (String, JSON) in
                    (name, Double(cell).map(JSON.double) ?? .string(cell))
                })
        }
        return objects.map { $0.text + "\n" }.joined()
    }

    @Test(arguments: ["csv", "ndjson"]) func aCellOfAnotherTypeCostsItsRowAlone(format: String) async throws {
        let fixture = try await BatchFixture()
        let (columns, rows, answers) = try fixture.models.expectation("booster")
        var lines = rows.map { row in row.map { $0.doubleValue.map { "\($0)" } ?? "" } }
        lines[3][5] = "many"
        lines[17][0] = "1.2.3"
        let names = columns ?? []
        let text = format == "csv" ? Self.csv([names] + lines) : Self.ndjson(names, lines)
        try fixture.write(text: text, to: "data.\(format)")
        let summary = try await fixture.score(
            try fixture.order("data.\(format)", "out.parquet") { $0.keep = [] }, by: "booster")
        #expect(summary.rows == rows.count)
        #expect(summary.failed == 2)
        let failed = try failures(fixture, "out.parquet")
        #expect(failed.map { $0["row"]?.integerValue } == [4, 18])
        #expect(failed[0]["reason"] == .string("Column '\(names[5])': \"many\" is not a value of type double."))
        #expect(failed[0]["input"]?[names[5]] == "many")
        let scored = try await fixture.rows("SELECT prediction FROM \(quoted: fixture.path("out.parquet"))")
        let expected = (answers.arrayValue ?? []).enumerated().filter { $0.offset != 3 && $0.offset != 17 }
        #expect(scored.map { $0[0].number } == expected.map { $0.element.doubleValue })
    }

    @Test func aRowThatTheModelRefusesAndOneThatEndsItsProcessCostThemselvesAlone() async throws {
        let fixture = try await BatchFixture()
        let commands = ["hello", "refuse", "die", "you"]
        try fixture.write(text: (["command"] + commands).map { $0 + "\n" }.joined(), to: "data.csv")
        let summary = try await fixture.score(try fixture.order("data.csv", "out.ndjson"), by: "brittle")
        #expect(summary.failed == 2)
        #expect(summary.columns == ["loud", "length"])
        #expect(
            try fixture.text("out.ndjson") == """
                {"command":"hello","loud":"HELLO","length":5}
                {"command":"you","loud":"YOU","length":3}

                """)
        let failed = try failures(fixture, "out.ndjson")
        #expect(failed.map { $0["row"]?.integerValue } == [2, 3])
        #expect(failed[0]["reason"]?.stringValue?.contains("no such customer") == true)
        #expect(failed[1]["input"] == ["command": "die"])
    }

    @Test func badRowsAmongManyAreFoundWithFewCalls() async throws {
        let fixture = try await BatchFixture()
        try await fixture.write("SELECT range AS x FROM range(20000)", to: "data.parquet")
        let scorer = try Picky(refused: [0, 4711, 19_999], deadly: [7, 8, 12_345])
        let order = try fixture.order("data.parquet", "out.csv") { $0.partRows = 5000 }
        let summary = try await fixture.score(order, by: scorer)
        #expect(summary.failed == 6)
        #expect(scorer.calls.withLock { $0 } < 300)
        let wrong = try await fixture.rows(
            "SELECT count(*), count(*) FILTER (WHERE x * 2 != prediction) FROM \(quoted: fixture.path("out.csv"))")
        #expect(wrong == [[.integer(19_994), .integer(0)]])
        #expect(try failures(fixture, "out.csv").map { $0["row"]?.integerValue } == [1, 8, 9, 4712, 12_346, 20_000])
    }

    @Test func tooManyFailuresEndTheBatchAndALimitLetsItGoOn() async throws {
        let fixture = try await BatchFixture()
        try await fixture.write("SELECT range AS x FROM range(5000)", to: "data.parquet")
        let scorer = try Picky(refused: Set(100..<110), deadly: [])
        let strict = try fixture.order("data.parquet", "out.csv") { $0.failureLimit = .rows(9) }
        let error = await #expect(throws: ScoringError.self) { try await fixture.score(strict, by: scorer) }
        #expect(error?.code.exitCode == 6)
        let lenient = try fixture.order("data.parquet", "out.csv") { $0.failureLimit = .percent(1) }
        #expect(try await fixture.score(lenient, by: scorer).failed == 10)
    }

    @Test func aModelThatRefusesEverythingIsGivenUp() async throws {
        let fixture = try await BatchFixture()
        try await fixture.write("SELECT range AS x FROM range(50000)", to: "data.parquet")
        let scorer = try Picky(refused: Set(0..<50_000), deadly: [])
        await #expect(throws: ScoringError.self) {
            try await fixture.score(try fixture.order("data.parquet", "out.csv"), by: scorer)
        }
        #expect(scorer.calls.withLock { $0 } < 10_000)
    }
}

/// Doubles one number a row, and has its own mind about some of them.
private final class Picky: Scorer {
    let signature: ModelSignature?
    let concurrency = 2
    let calls = Mutex(0)
    private let refused: Set<Int64>
    private let deadly: Set<Int64>

    init(refused: Set<Int64>, deadly: Set<Int64>) throws {
        self.refused = refused
        self.deadly = deadly
        let folder = try TemporaryFolder()
        let text = """
            flavors: {python_function: {}}
            signature: {inputs: '[{"name": "x", "type": "long"}]', outputs: null, params: null}
            """
        try Data(text.utf8).write(to: URL(filePath: folder.path("MLmodel")))
        signature = try ModelFolder(path: folder.path).signature
    }

    func answer(_ rows: RowBatch) async throws -> ModelOutput {
        calls.withLock { $0 += 1 }
        guard case .table(let batch) = rows.content, case .int64s(let numbers) = batch.columns.first?.values else {
            throw CancellationError()
        }
        if !deadly.isDisjoint(with: numbers) { throw ScorerInterruption(reason: "it died") }
        if let number = numbers.first(where: refused.contains) { throw ScorerRefusal(reason: "\(number) is no number") }
        return .tensor(Tensor(shape: [numbers.count], values: .int64s(numbers.map { $0 * 2 })))
    }

    func recover() async throws {}

    func close() async {}
}
