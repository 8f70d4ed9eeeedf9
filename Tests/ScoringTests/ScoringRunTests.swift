import Foundation
import Runtimes
import Tables
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Scoring

@Suite struct ScoringRunTests {
    static let pairs = ["data.csv", "data.ndjson", "data.parquet"].flatMap { input in
        ["out.csv", "out.ndjson", "out.parquet"].map { (input, $0) }
    }

    @Test(arguments: pairs) func everyFormatGivesPythonsAnswersInOrder(input: String, output: String) async throws {
        let fixture = try await BatchFixture()
        try await fixture.write(try fixture.example("booster", times: 3), to: input)
        let summary = try await fixture.score(
            try fixture.order(input, output) { $0.keep = ["id", "mean area"] }, by: "booster")
        let expected = try fixture.models.expectation("booster").predictions.arrayValue ?? []
        #expect(summary.rows == expected.count * 3)
        #expect(summary.columns == ["prediction"])
        let rows = try await fixture.rows(
            "SELECT id::BIGINT, prediction, \"mean area\"::DOUBLE FROM \(quoted: fixture.path(output))")
        #expect(rows.count == summary.rows)
        for (index, row) in rows.enumerated() {
            #expect(row[0] == .integer(Int64(index)))
            #expect(row[1].number == expected[index % expected.count].doubleValue)
        }
    }

    @Test func manyPartsAreTheSameAsOneAndNothingIsLeftBehind() async throws {
        let fixture = try await BatchFixture()
        try await fixture.write(try fixture.example("booster", times: 500), to: "data.parquet")
        try await fixture.score(try fixture.order("data.parquet", "one.csv"), by: "booster")
        let summary = try await fixture.score(
            try fixture.order("data.parquet", "many.csv") { ($0.partRows, $0.batchRows) = (3000, 700) }, by: "booster")
        #expect(summary.rows == 20_000)
        #expect(try fixture.text("one.csv") == fixture.text("many.csv"))
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).sorted()
        #expect(left == ["booster.rows", "data.parquet", "many.csv", "one.csv"])
    }

    @Test(arguments: ["out.csv", "out.csv.gz", "out.ndjson", "out.parquet"])
    func anInterruptedBatchGoesOnWhereItEnded(output: String) async throws {
        struct Killed: Error {}
        let fixture = try await BatchFixture()
        try await fixture.write(try fixture.example("booster", times: 300), to: "data.parquet")
        try await fixture.score(try fixture.order("data.parquet", "whole.csv"), by: "booster")
        let order = try fixture.order("data.parquet", output) { ($0.partRows, $0.batchRows) = (2000, 1000) }
        var resumed: [Int] = []
        for limit in [5000, 9000] {
            await #expect(throws: Killed.self) {
                try await fixture.score(order, by: "booster") { if $0.rows > limit { throw Killed() } }
            }
            #expect(!FileManager.default.fileExists(atPath: order.output.path))
        }
        let summary = try await fixture.score(order, by: "booster")
        resumed.append(summary.resumedRows)
        #expect(summary.rows == 12_000)
        #expect((4000..<12_000).contains(summary.resumedRows), "\(resumed)")
        let source = fixture.path(output)
        let whole = fixture.path("whole.csv")
        let different = try await fixture.rows(
            """
            SELECT count(*) FROM (SELECT * FROM \(quoted: source) POSITIONAL JOIN \
            (SELECT id AS id2, prediction AS p2 FROM \(quoted: whole))) WHERE id != id2 OR prediction != p2
            """)
        #expect(different == [[.integer(0)]])
        if output == "out.csv" { #expect(try fixture.text(output) == fixture.text("whole.csv")) }
    }

    @Test func aModelThatIsRunByPythonAnswersTooUnderItsOwnNames() async throws {
        let fixture = try await BatchFixture()
        try await fixture.write(try fixture.example("pipeline", times: 20), to: "data.parquet")
        let summary = try await fixture.score(
            try fixture.order("data.parquet", "out.parquet") { ($0.keep, $0.batchRows) = ([], 33) }, by: "pipeline")
        #expect(summary.columns == ["prediction_0", "prediction_1"])
        let expected = try fixture.models.expectation("pipeline").predictions.arrayValue ?? []
        let rows = try await fixture.rows("SELECT * FROM \(quoted: fixture.path("out.parquet"))")
        #expect(rows.count == expected.count * 20)
        for (index, row) in rows.enumerated() {
            let answer = expected[index % expected.count].arrayValue?.compactMap(\.doubleValue) ?? []
            #expect(zip(row, answer).allSatisfy { abs(($0.number ?? 9) - $1) < 1e-12 })
        }
    }

    @Test func rowsWithoutValuesAreMissingNumbers() async throws {
        let fixture = try await BatchFixture()
        let (_, cells, answers) = try fixture.models.expectation("categories")
        let (columns, _, _) = try fixture.models.expectation("categories")
        let lines = cells.map { row in JSON.members(zip(columns ?? [], row).map { ($0, $1) }).text + "\n" }
        try fixture.write(text: lines.joined(), to: "data.ndjson")
        try await fixture.score(try fixture.order("data.ndjson", "out.ndjson"), by: "categories")
        let written = try fixture.text("out.ndjson").split(separator: "\n").map { try JSON.parse(String($0)) }
        #expect(written.count == cells.count)
        for (index, row) in written.enumerated() {
            let expected = answers.arrayValue?[index].arrayValue?.compactMap(\.doubleValue) ?? []
            #expect((0..<3).map { row["prediction_\($0)"]?.doubleValue } == expected)
            // What came is there as it came.
            #expect(row["city"] == cells[index][3])
        }
    }
}
