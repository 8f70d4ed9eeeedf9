import Foundation
import Incidents
import Statistics
import Tables
import TestSupport
import Testing
import Wire

@testable import Profiling

/// Tables in every format, with and without drift.
@Suite(.timeLimit(.minutes(3))) struct DriftComparisonTests {
    private let tables: ComparedTables

    init() throws {
        tables = try ComparedTables()
    }

    @Test func findsTheColumnsThatChangedAndNoOthers() async throws {
        try await tables.write(
            "reference.parquet",
            """
            SELECT (hash(i) % 100000) / 1000.0 AS same, (hash(i + 7) % 100000) / 1000.0 AS shifted,
                'name ' || hash(i + 9) % 7 AS kind, 'n' || hash(i + 11) % 4 AS mixed FROM range(20000) t(i)
            """)
        try await tables.write(
            "current.parquet",
            """
            SELECT (hash(i + 500000) % 100000) / 1000.0 AS same, 30 + (hash(i + 600000) % 100000) / 1000.0 AS shifted,
                'name ' || hash(i + 700000) % 7 AS kind, 'n' || (hash(i + 800000) % 4) // 2 AS mixed FROM range(10000) t(i)
            """)
        let report = try await tables.report()
        #expect(report.whole.columns.map(\.name).prefix(2).sorted() == ["mixed", "shifted"])
        #expect(report.column("shifted")?.drift.verdict == .bad)
        #expect(report.column("mixed")?.drift.verdict == .bad)
        #expect(report.column("same")?.drift.verdict == .fine)
        #expect(report.column("kind")?.drift.verdict == .fine)
        #expect(report.isBad)
        #expect(report.headline == "2 of 4 columns drift: 10,000 rows against 20,000.")
        #expect(report.codes("shifted") == ["range"])
        let mean = report.column("shifted")?.current.profile?.numeric?.moments.mean ?? 0
        #expect(abs(mean - 80) < 1)
    }

    @Test func aTableEqualsItselfInEveryFormat() async throws {
        let rows = (0..<3000).map { row in
            (number: Double(row % 977) / 7, name: "name \(row % 13)", isMissing: row % 10 == 0)
        }
        let csv = rows.map { "\($0.isMissing ? "" : "\($0.number)"),\($0.name)" }.joined(separator: "\n")
        try tables.write("a.csv", text: "number,name\n\(csv)\n")
        let lines = rows.map {
            "{\"number\":\($0.isMissing ? "null" : "\($0.number)"),\"name\":\"\($0.name)\"}"
        }
        try tables.write("a.ndjson", text: lines.joined(separator: "\n") + "\n")
        try await tables.write("a.parquet", "SELECT * FROM read_csv(\(tables.folder.path("a.csv")))")
        for (first, second) in [("a.csv", "a.parquet"), ("a.ndjson", "a.csv"), ("a.parquet", "a.ndjson")] {
            let report = try await tables.report(first, second)
            #expect(report.whole.columns.count == 2)
            for column in report.whole.columns {
                #expect(column.drift.value == 0)
                #expect(column.reference.profile == column.current.profile)
                #expect(column.reference.profile?.rows == 3000)
            }
            #expect(report.column("number")?.current.profile?.missing == 300)
            #expect(!report.isBad)
        }
    }

    @Test func severalFilesAreOneTable() async throws {
        try await tables.write("reference.parquet", "SELECT i::DOUBLE AS x FROM range(4000) t(i)")
        for part in 0..<4 {
            try await tables.write(
                "part-\(part).parquet", "SELECT (i + \(part * 1000))::DOUBLE AS x FROM range(1000) t(i)")
        }
        var order = tables.order()
        order.current = [tables.folder.path("part-*.parquet")]
        let report = try await tables.report(order)
        #expect(report.currentTitle == "part-0.parquet … part-3.parquet (4 files)")
        #expect(report.column("x")?.current.profile == report.column("x")?.reference.profile)
    }

    @Test func theNumberOfThreadsAndReadingTwiceChangeNothing() async throws {
        try await tables.write(
            "reference.parquet",
            """
            SELECT (hash(i) % 100000) / 1000.0 AS x, 'n' || hash(i) % 9 AS n,
                CASE WHEN i % 5 = 0 THEN NULL ELSE (hash(i + 7) % 90000)::DOUBLE END AS gaps FROM range(150000) t(i)
            """)
        let table = try await tables.work().open(DataFiles([tables.folder.path("reference.parquet")]))
        let columns = table.columns.map { (column: $0, kind: $0.kind) }
        let once = try await tables.work(threads: 1).profiler { _, _ in }.reference(table, columns)
        let twice = try await tables.work(threads: 2).profiler(heldBytes: 0) { _, _ in }.reference(table, columns)
        #expect(once.column("n")?.profile == twice.column("n")?.profile)
        #expect(once.column("x")?.profile == twice.column("x")?.profile)
        #expect(once.column("gaps")?.profile == twice.column("gaps")?.profile)
        #expect(once.column("x")?.sample == twice.column("x")?.sample)
        #expect(once.column("x")?.sample.count == 10_000)
    }

    @Test func segmentsAreComparedApart() async throws {
        try await tables.write(
            "reference.parquet",
            "SELECT ['de', 'fr', 'it'][1 + i % 3] AS country, (hash(i) % 1000)::DOUBLE AS x FROM range(9000) t(i)")
        try await tables.write(
            "current.parquet",
            """
            SELECT ['de', 'fr', 'es'][1 + i % 3] AS country,
                (hash(i + 50000) % 1000 + CASE WHEN i % 3 = 1 THEN 700 ELSE 0 END)::DOUBLE AS x FROM range(9000) t(i)
            """)
        var order = tables.order()
        order.segment = "country"
        let report = try await tables.report(order)
        #expect(report.segments.compactMap(\.slice.segment) == ["country = de", "country = fr"])
        #expect(report.segments.map(\.currentRows) == [3000, 3000])
        let verdicts = report.segments.map { segment in
            segment.columns.first { $0.name == "x" }?.drift.verdict
        }
        #expect(verdicts == [.fine, .bad])
        #expect(report.remarks.map(\.code) == ["segments_in_one_table"])
    }

    @Test func otherToolsModesSayWhatTheyWould() async throws {
        try await tables.write(
            "reference.parquet",
            "SELECT (hash(i) % 100000) / 1000.0 AS x, 'n' || hash(i) % 9 AS n FROM range(2000) t(i)")
        try await tables.write(
            "current.parquet",
            "SELECT 60 + (hash(i + 9999) % 100000) / 1000.0 AS x, 'n' || hash(i + 9999) % 9 AS n FROM range(2000) t(i)")
        var order = tables.order()
        order.mode = .evidently
        let report = try await tables.report(order)
        #expect(report.column("x")?.drift.verdict == .bad)
        #expect(report.column("x")?.drift.test == "wasserstein")
        #expect(report.column("n")?.drift.test == "jensenshannon")
        #expect(report.column("n")?.drift.verdict == .fine)
        order.mode = .nannyml
        let chunks = try await tables.report(order)
        #expect(chunks.column("x")?.drift.verdict == .bad)
        #expect(chunks.column("x")?.drift.details["chunks"]?.arrayValue?.count == 10)
    }

    @Test func columnsThatNoLongerGoTogetherAreTold() async throws {
        // Each column alone is what it was.
        try await tables.write(
            "reference.parquet",
            """
            SELECT h AS a, h + (hash(i + 77) % 100) / 1000.0 AS b, hash(i + 5) % 7 AS c
            FROM (SELECT i, (hash(i) % 100000) / 100000.0 AS h FROM range(4000) t(i))
            """)
        try await tables.write(
            "current.parquet",
            """
            SELECT h AS a, 1 - h + (hash(i + 79) % 100) / 1000.0 AS b, hash(i + 9) % 7 AS c
            FROM (SELECT i, (hash(i + 123456) % 100000) / 100000.0 AS h FROM range(4000) t(i))
            """)
        var order = tables.order()
        order.isJoint = true
        let report = try await tables.report(order)
        #expect(report.whole.driftingColumns == 0)
        let joint = try #require(report.remarks.first { $0.code == "joint_drift" })
        #expect(joint.verdict == .bad)
        #expect(try await tables.report(order).remarks == report.remarks)
        order.current = [tables.folder.path("reference.parquet")]
        let same = try await tables.report(order)
        #expect(same.remarks.map(\.verdict) == [.fine])
    }

    @Test func columnsAreChosenByName() async throws {
        try await tables.write("reference.parquet", "SELECT i AS a, i AS b, i AS c FROM range(100) t(i)")
        try await tables.write("current.parquet", "SELECT i AS a, i AS b, i AS c FROM range(100) t(i)")
        var order = tables.order()
        order.columns = ColumnChoice(only: ["a", "b"], except: ["b"])
        #expect(try await tables.report(order).whole.columns.map(\.name) == ["a"])
        order.columns = ColumnChoice(only: ["d"])
        let error = await #expect(throws: ProfilingError.self) { try await tables.report(order) }
        #expect(error?.message == "There is no column 'd'.")
    }
}
