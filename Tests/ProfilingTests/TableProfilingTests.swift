import Statistics
import Tables
import TestSupport
import Testing

@testable import Profiling

/// Profiles of tables of many chunks, against counts that are known.
@Suite(.timeLimit(.minutes(3))) struct TableProfilingTests {
    private static let rows = 250_000

    private static func profile(_ query: TableQuery) async throws -> ProfiledTable {
        let tables = try ComparedTables()
        try await tables.write("table.parquet", query)
        return try await TableProfiling(tables.work())
            .profile([tables.folder.path("table.parquet")], format: nil, ColumnChoice())
    }

    /// Names that lie in their cells, names that lie elsewhere, and more of them than are remembered.
    @Test func namesAreCountedExactlyWhereverTheyLie() async throws {
        let table = try await Self.profile(
            """
            SELECT 'n' || i % 3 AS short, 'a rather long name ' || i * 7919 % 200 AS long,
                CASE WHEN i % 11 > 0 THEN 'name number ' || i * i % 3000 END AS many FROM range(250000) t(i)
            """)
        let names: [String: @Sendable (Int) -> String?] = [
            "short": { "n\($0 % 3)" }, "long": { "a rather long name \($0 * 7919 % 200)" },
            "many": { $0 % 11 > 0 ? "name number \($0 * $0 % 3000)" : nil },
        ]
        for (column, name) in names {
            var expected: [String: Int] = [:]
            for case let name? in (0..<Self.rows).map(name) { expected[name, default: 0] += 1 }
            let profile = try #require(table.column(column)?.profile)
            let counted = try #require(profile.categorical)
            #expect(counted.names.count == min(expected.count, CategoryAnchors.nameLimit))
            for (name, count) in zip(counted.names, counted.counts) { #expect(count == expected[name]) }
            #expect(counted.total == expected.values.reduce(0, +))
            #expect(profile.missing == Self.rows - counted.total)
        }
    }

    /// All numbers at once in memory, with rows that have none between them.
    @Test func numbersAmongMissingOnesAreAllThere() async throws {
        let table = try await Self.profile(
            """
            SELECT CASE WHEN i % 7 > 0 THEN (i - 1000) / 8.0 END AS some, i::DOUBLE AS every,
                CASE i % 5 WHEN 0 THEN 'infinity'::DOUBLE WHEN 1 THEN 'nan'::DOUBLE ELSE i END AS odd
            FROM range(250000) t(i)
            """)
        let some = (0..<Self.rows).filter { $0 % 7 > 0 }.map { Double($0 - 1000) / 8 }
        let profile = try #require(table.column("some")?.profile)
        var expected = ColumnProfile(anchors: profile.anchors)
        expected.add(some)
        expected.addMissing(Self.rows - some.count)
        #expect(profile == expected)
        #expect(profile.numeric?.minimum == some.min() && profile.numeric?.maximum == some.max())
        #expect(profile.numeric?.under == 0 && profile.numeric?.over == 0)
        #expect(table.column("every")?.profile?.numeric?.mean == Double(Self.rows - 1) / 2)
        let odd = try #require(table.column("odd")?.profile?.numeric)
        #expect(odd.positiveInfinities == Self.rows / 5 && odd.notANumber == Self.rows / 5)
        #expect(odd.minimum == 2 && odd.maximum == Double(Self.rows - 1))
        #expect(odd.over == odd.positiveInfinities)
    }
}
