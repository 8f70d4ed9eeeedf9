import TestSupport
import Testing

@testable import Tables

@Suite struct TableAppenderTests {
    private func database() async throws -> TableDatabase {
        try await TableEngine.installed.open(TableSettings(memoryBytes: 1 << 28, files: .only([])))
    }

    @Test func appendsValuesOfEveryTypeInOrderAcrossManyChunks() async throws {
        let database = try await database()
        try await database.run("CREATE TABLE t (b BOOLEAN, i BIGINT, d DOUBLE, t VARCHAR)")
        let count = 5000
        let validity = (0..<count).map { $0 % 3 != 1 }
        let vectors = [
            TableVector(.bools((0..<count).map { $0 % 2 == 0 }), validity: validity),
            TableVector(.integers((0..<count).map { Int64($0) - 7 })),
            TableVector(.doubles((0..<count).map { Double($0) / 3 }), validity: validity),
            TableVector(.texts((0..<count).map { "a text that is longer than twelve bytes, number \($0)" })),
        ]
        let appender = try await database.appender(to: "t")
        try await appender.append(vectors, rowCount: count)
        try await appender.append(
            [.init(.bools([true])), .init(.integers([1])), .init(.doubles([.nan])), .init(.texts([""]))], rowCount: 1)
        try await appender.close()
        let rows = try await database.rows("SELECT * FROM t").collect(limit: 10_000)
        #expect(rows.count == count + 1)
        for row in 0..<count {
            #expect(rows[row] == vectors.map { $0[row] })
        }
        #expect(rows[count][3] == .text(""))
    }

    @Test func keepsRowsOfAResultAsTheyAreWhileSomeColumnsAreRead() async throws {
        let database = try await database()
        let source: TableQuery = """
            SELECT range AS n, range::DECIMAL(18, 3) / 4 AS d, [range, 1] AS l, range % 3 = 0 AS b FROM range(10000)
            """
        try await database.run("CREATE TABLE kept AS SELECT * FROM (\(source)) LIMIT 0")
        let rows = try await database.rows(source)
        let appender = try await database.appender(to: "kept")
        var read: [Int64] = []
        while let chunk = try await rows.next(reading: [0], appendingTo: appender) {
            guard case .integers(let values) = chunk.vectors[0].values else { break }
            #expect(chunk.vectors.count == 1)
            read += values
        }
        #expect(read == Array(0..<10_000))
        try await appender.close()
        let other = try await database.another()
        let difference = try await other.rows("SELECT count(*) FROM (\(source) EXCEPT ALL FROM kept)").collect(limit: 1)
        #expect(difference == [[.integer(0)]])
        #expect(try await other.rows("SELECT count(*) FROM kept").collect(limit: 1) == [[.integer(10_000)]])
    }

    @Test func saysWhatIsWrongWithATableThatIsNotThere() async throws {
        let database = try await database()
        await #expect(throws: TableError.self) { try await database.appender(to: "nowhere") }
        try await database.run("CREATE TABLE narrow (a BIGINT)")
        let appender = try await database.appender(to: "narrow")
        await #expect(throws: TableError.self) {
            try await appender.append([.init(.integers([1])), .init(.integers([2]))], rowCount: 1)
        }
        try await appender.close()
        await #expect(throws: TableError.self) { try await appender.append([.init(.integers([1]))], rowCount: 1) }
    }
}
