import Incidents
import Statistics
import Tables
import TestSupport
import Testing
import Wire

@testable import Profiling

/// Tables that are not what they should be: each is a finding with a name, or refused in words.
@Suite(.timeLimit(.minutes(3))) struct BadTableTests {
    private let tables: ComparedTables

    init() throws {
        tables = try ComparedTables()
    }

    private func refused(_ reference: String, _ current: String) async throws -> String {
        do {
            let report = try await tables.report(reference, current)
            Issue.record("\(current) was compared: \(report.headline)")
            return ""
        } catch let problem as any Problem {
            #expect(problem.code.status < 500)
            return problem.message
        }
    }

    /// Whether everything in a report is a number that can be shown.
    private func isFinite(_ report: DriftReport) -> Bool {
        let text = report.json(.shown).text
        return !text.contains("\"NaN\"") && !text.contains("Infinity\"")
    }

    @Test func columnsThatAppearVanishOrChangeTheirTypeAreNamed() async throws {
        try await tables.write(
            "reference.parquet",
            """
            SELECT i AS kept, i AS gone, i::DOUBLE AS text_now, 'n' || i % 3 AS number_now,
                DATE '2026-01-01' + i::INTEGER AS day, i AS list_now FROM range(1000) t(i)
            """)
        try await tables.write(
            "current.parquet",
            """
            SELECT i AS kept, i AS new, CASE WHEN i % 2 = 0 THEN 'many' ELSE i::VARCHAR END AS text_now,
                i % 3 AS number_now, i AS day, [i] AS list_now FROM range(1000) t(i)
            """)
        let report = try await tables.report()
        #expect(report.codes("gone") == ["column_vanished"])
        #expect(report.codes("new") == ["column_appeared"])
        #expect(report.codes("text_now") == ["type_changed", "type"])
        #expect(report.codes("number_now") == ["type_changed", "unseen"])
        #expect(report.codes("day") == ["type_changed", "not_compared"])
        #expect(report.codes("list_now") == ["type_changed", "not_compared"])
        #expect(report.codes("kept").isEmpty)
        // Half of the texts are numbers: they are compared, and the other half counts as of the wrong type.
        #expect(report.column("text_now")?.current.profile?.mismatched == 500)
        #expect(report.column("number_now")?.drift.verdict == .bad)
        #expect(report.isBad && isFinite(report))
    }

    @Test func emptyAndConstantColumnsAreNamed() async throws {
        try await tables.write(
            "reference.parquet",
            """
            SELECT NULL::DOUBLE AS never, i::DOUBLE AS lost, NULL::INTEGER AS found, 7 AS constant, i AS frozen,
                'x' AS word, i AS number FROM range(1000) t(i)
            """)
        try await tables.write(
            "current.parquet",
            """
            SELECT NULL::DOUBLE AS never, NULL::DOUBLE AS lost, i::INTEGER AS found, 7 AS constant, 500 AS frozen,
                'x' AS word, NULL AS number FROM range(1000) t(i)
            """)
        let report = try await tables.report()
        #expect(report.codes("lost") == ["all_missing", "missing"])
        #expect(report.codes("number") == ["all_missing", "missing"])
        #expect(report.codes("found").contains("reference_all_missing"))
        #expect(report.codes("frozen") == ["constant"])
        #expect(report.codes("constant").isEmpty && report.codes("never").isEmpty && report.codes("word").isEmpty)
        #expect(report.column("never")?.drift.value == 0)
        #expect(report.column("lost")?.drift.verdict == .bad)
        #expect(report.column("frozen")?.drift.verdict == .bad)
        #expect(isFinite(report))
    }

    @Test func tablesOfOneRowAndOfNoneAreNoDrift() async throws {
        let columns: TableQuery = "SELECT (i * 7 + 500)::DOUBLE % 1000 AS x, 'n' || i % 7 AS n FROM range"
        try await tables.write("many.parquet", "\(columns)(1000) t(i)")
        try await tables.write("one.parquet", "\(columns)(1) t(i)")
        try await tables.write("none.parquet", "\(columns)(0) t(i)")
        for (reference, current) in [("many", "one"), ("one", "many"), ("one", "one")] {
            let report = try await tables.report("\(reference).parquet", "\(current).parquet")
            #expect(report.whole.driftingColumns == 0)
            #expect(isFinite(report))
        }
        for (reference, current) in [("many", "none"), ("none", "many"), ("none", "none")] {
            let report = try await tables.report("\(reference).parquet", "\(current).parquet")
            #expect(report.whole.columns.map(\.drift.verdict) == [.unknown, .unknown])
            #expect(report.findings.contains { $0.code == "no_rows" })
            #expect(!report.isBad && isFinite(report))
        }
    }

    @Test func infinitiesAndNaNAreCountedAndLeaveEveryScoreANumber() async throws {
        try await tables.write("reference.parquet", "SELECT i::DOUBLE AS x FROM range(1000) t(i)")
        try await tables.write(
            "current.parquet",
            """
            SELECT CASE i % 10 WHEN 0 THEN 'inf'::DOUBLE WHEN 1 THEN '-inf'::DOUBLE WHEN 2 THEN 'nan'::DOUBLE
                ELSE i END AS x FROM range(1000) t(i)
            """)
        let report = try await tables.report()
        #expect(report.codes("x") == ["infinite", "nan"])
        #expect(isFinite(report))
        let facts = report.column("x")?.current.profile.map { ColumnFacts($0) }
        #expect(facts?.infinities == 200 && facts?.unusable == 100)
        try await tables.write("all.parquet", "SELECT 'inf'::DOUBLE AS x FROM range(1000) t(i)")
        for (reference, current) in [("all", "all"), ("all", "reference"), ("reference", "all")] {
            #expect(isFinite(try await tables.report("\(reference).parquet", "\(current).parquet")))
        }
    }

    @Test func aMillionNamesAreCountedInBoundedSpace() async throws {
        try await tables.write(
            "reference.parquet",
            "SELECT CASE WHEN i % 3 > 0 THEN 'often' ELSE 'customer ' || i END AS id FROM range(600000) t(i)")
        try await tables.write("current.parquet", "SELECT 'customer ' || i AS id FROM range(600000, 900000) t(i)")
        let report = try await tables.report()
        let profile = report.column("id")?.reference.profile?.categorical
        #expect(profile?.names.first == "often")
        #expect(profile?.counts.first == 400_000)
        #expect(profile?.total == 600_000)
        #expect(abs((profile?.distinct ?? 0) / 200_001 - 1) < 0.06)
        #expect(report.column("id")?.drift.verdict == .bad)
        // Where nearly every row has a name of its own there is nothing to compare.
        let keys = try await tables.report("current.parquet", "reference.parquet")
        #expect(keys.codes("id") == ["not_compared"])
        #expect(keys.whole.columns.isEmpty && !keys.isBad)
    }

    @Test func aStrayWordDoesNotMakeNamesOfNumbers() async throws {
        let numbers = (0..<30_000).map { "\($0),\($0 % 10)" }.joined(separator: "\n")
        try tables.write("reference.csv", text: "a,b\n\(numbers)\n")
        try tables.write("current.csv", text: "a,b\n\(numbers)\n7,many\n")
        let lines = (0..<30_000).map { "{\"a\":\($0),\"b\":\($0 % 10)}" }.joined(separator: "\n")
        try tables.write("current.ndjson", text: lines + "\n{\"a\":7,\"b\":\"many\"}\n")
        for current in ["current.csv", "current.ndjson"] {
            let report = try await tables.report("reference.csv", current)
            #expect(report.codes("b") == ["odd_values"])
            #expect(report.column("b")?.current.profile?.mismatched == 1)
            #expect(report.column("b")?.current.profile?.rows == 30_001)
            #expect(report.whole.driftingColumns == 0)
        }
    }

    @Test func filesThatAreNotWhatTheySayAreRefusedInWords() async throws {
        try await tables.write("good.parquet", "SELECT i AS x FROM range(10) t(i)")
        try tables.write("text.parquet", text: "x,y\n1,2\n")
        try tables.write("empty.parquet", text: "")
        try tables.write("empty.csv", text: "")
        try tables.write("broken.ndjson", text: "{\"x\":1}\n{\"x\":\n")
        try tables.write("scalar.ndjson", text: "1\n2\n")
        try tables.write("strange.xlsx", text: "")
        for name in ["text.parquet", "empty.parquet", "empty.csv", "broken.ndjson", "strange.xlsx"] {
            let message = try await refused("good.parquet", name)
            #expect(message.contains(name), "\(message)")
        }
        #expect(try await refused("good.parquet", "nowhere.parquet").hasPrefix("There is no file at "))
        #expect(try await refused("no-*.parquet", "good.parquet").hasPrefix("There is no file at "))
        try tables.write("heading.csv", text: "x\n")
        let report = try await tables.report("good.parquet", "heading.csv")
        #expect(report.findings.contains { $0.code == "no_rows" })
    }

    @Test(arguments: [
        ("x,y\n1,2\n3,4,5\n", 3, 3), ("x,y\n1,2,3\n4,5,6\n7,8,9\n", 2, 3), ("x;y\n1;2\n3\n4;5\n", 3, 1),
        ("x,y\n\"a\nb\",2\n3\n", 4, 1), ("x,y\r\n1,2\r\n3,4,5", 3, 3),
    ])
    func linesOfAnotherWidthAreNamed(text: String, line: Int, cells: Int) async throws {
        try await tables.write("good.parquet", "SELECT i AS x FROM range(10) t(i)")
        try tables.write("ragged.csv", text: text)
        let message = try await refused("good.parquet", "ragged.csv")
        #expect(message.hasPrefix("Line \(line) of "), "\(message)")
        #expect(
            message.contains("ragged.csv has \(cells) \(cells == 1 ? "cell" : "cells"), and its heading 2."),
            "\(message)")
    }

    @Test func headingsMayHoldTheDelimiterAndTextsAnything() async throws {
        try tables.write("reference.csv", text: "\"a,b\"\n1\n\"2,5\"\n")
        try tables.write("current.csv", text: "\"a,b\"\n1\n\"2\n5\"\n")
        let report = try await tables.report("reference.csv", "current.csv")
        #expect(report.column("a,b")?.current.profile?.rows == 2)
    }

    @Test func tablesWithoutACommonColumnAreComparedToThatEffect() async throws {
        try await tables.write("reference.parquet", "SELECT i AS a FROM range(10) t(i)")
        try await tables.write("current.parquet", "SELECT i AS b FROM range(10) t(i)")
        let report = try await tables.report()
        #expect(report.whole.columns.isEmpty)
        #expect(report.whole.schema.map(\.code) == ["column_vanished", "column_appeared"])
        #expect(report.isBad)
    }
}
