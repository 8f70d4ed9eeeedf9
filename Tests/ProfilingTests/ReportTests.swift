import Foundation
import Incidents
import Tables
import TestSupport
import Testing
import Wire

@testable import Profiling

/// What is written: pages that fetch nothing, names that can be hidden, profiles that stand for their table.
@Suite(.timeLimit(.minutes(2))) struct ReportTests {
    private let tables: ComparedTables

    init() throws {
        tables = try ComparedTables()
    }

    private func write() async throws {
        try await tables.write(
            "reference.parquet",
            """
            SELECT i::DOUBLE AS "a <b>&", ['<script>alert(1)</script>', 'secret'][1 + i % 2] AS n, i % 4 AS few
            FROM range(5000) t(i)
            """)
        try await tables.write(
            "current.parquet",
            """
            SELECT i::DOUBLE + 3000 AS "a <b>&", ['<script>alert(1)</script>', 'hidden'][1 + i % 2] AS n, i % 2 AS few
            FROM range(5000) t(i)
            """)
    }

    @Test func thePageEscapesNamesAndFetchesNothing() async throws {
        try await write()
        let page = String(decoding: DriftReportPage(try await tables.report(), .shown).bytes, as: UTF8.self)
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;alert(1)"))
        #expect(page.contains("a &lt;b&gt;&amp;"))
        #expect(page.contains("default-src 'none'; style-src 'sha256-") || page.contains("default-src &#39;none&#39;"))
        #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("url("))
        #expect(!page.contains(" style="))
        #expect(page.components(separatedBy: "<svg class=\"histogram\"").count == 4)
    }

    @Test func namesAreLeftOutWhereThatIsAskedFor() async throws {
        try await write()
        var order = tables.order()
        order.segment = "n"
        let report = try await tables.report(order)
        let page = String(decoding: DriftReportPage(report, .hidden).bytes, as: UTF8.self)
        for text in [page, report.json(.hidden).text] {
            for name in ["secret", "hidden'", "alert(1)"] { #expect(!text.contains(name)) }
        }
        #expect(report.json(.shown).text.contains("secret"))
    }

    @Test func aSavedProfileStandsForItsTable() async throws {
        try await write()
        let whole = try await tables.report()
        let table = try await TableProfiling(tables.work()).profile(
            [tables.folder.path("reference.parquet")], format: nil, ColumnChoice())
        let path = tables.folder.path("reference.profile")
        for hasRows in [false, true] {
            let bytes = ProfileFile(table).bytes(withRows: hasRows)
            try Data(bytes).write(to: URL(filePath: path))
            var order = DriftOrder(reference: .profile(path), current: [tables.folder.path("current.parquet")])
            order.isJoint = false
            let report = try await tables.report(order)
            #expect(report.whole.columns.map(\.drift) == whole.whole.columns.map(\.drift))
            #expect(try ProfileFile(path: path).table.column("few")?.sample.count == (hasRows ? 5000 : 0))
            // Cut anywhere, it is refused and never fatal.
            for count in stride(from: 0, to: bytes.count - 1, by: bytes.count / 40) {
                try Data(bytes.prefix(count)).write(to: URL(filePath: path))
                #expect(throws: ProfilingError.self) { try ProfileFile(path: path) }
            }
        }
    }

    @Test func factsOfNumbersAreThoseOfTheRows() async throws {
        try await tables.write("reference.parquet", "SELECT (i - 1000)::DOUBLE AS x FROM range(10001) t(i)")
        let table = try await TableProfiling(tables.work()).profile(
            [tables.folder.path("reference.parquet")], format: nil, ColumnChoice())
        let facts = try #require(table.column("x")?.profile.map { ColumnFacts($0) })
        #expect(facts.mean == 4000 && facts.least == -1000 && facts.greatest == 9000)
        for (found, exact) in zip(facts.quartiles, [1500.0, 4000, 6500]) { #expect(abs(found / exact - 1) < 0.011) }
        #expect(facts.quartiles.count == 3)
        #expect(abs(facts.distinct / 10_001 - 1) < 0.06)
    }

    @Test func numbersAreSpelledForPeople() {
        #expect(
            [0, 0.5, 0.03125, 12.345, 1234567, -1500, 1.2e-12].map(\.words) == [
                "0", "0.5", "0.0312", "12.3", "1,234,567", "-1,500", "1.2e-12",
            ])
        #expect([0, 0.00001, 0.0004, 0.05, 0.5].map(\.percent) == ["0 %", "< 0.01 %", "0.04 %", "5.0 %", "50 %"])
        #expect(DataColumn.Kind.time.words(1_767_225_600) == "2026-01-01")
    }
}
