import Foundation
import NIOPosix
import Natives
import TestSupport
import Testing
import Wire

@testable import Tables

/// Statements over files, at the same time, cancelled, and over what is no table.
@Suite(.timeLimit(.minutes(2))) struct TableDatabaseTests {
    private static func open(
        memoryBytes: Int = 1 << 28, threads: Int = 1, files: TableSettings.Files = .all
    ) async throws -> TableDatabase {
        try await TableEngine.installed.open(
            TableSettings(memoryBytes: memoryBytes, threads: threads, files: files))
    }

    @Test func rowsComeInChunksAndInOrder() async throws {
        let rows = try await Self.open().rows("SELECT i, i::VARCHAR, i / 2 FROM range(10000) t(i)")
        var next: Int64 = 0
        for try await chunk in rows {
            #expect(chunk.rowCount <= 2048)
            #expect(chunk.row(0) == [.integer(next), .text("\(next)"), .double(Double(next) / 2)])
            next += Int64(chunk.rowCount)
        }
        #expect(next == 10000)
        #expect(try await rows.next() == nil)
    }

    @Test func validityFollowsEachRow() async throws {
        let rows = try await Self.open().rows("SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE i END FROM range(200) t(i)")
        let cells = try await rows.collect(limit: 200).map { $0[0] }
        let expected = (0..<200).map { $0 % 3 == 0 ? TableValue.null : .integer(Int64($0)) }
        #expect(cells == expected)
    }

    @Test func cellsAreReadInBulkAsDuckDBHoldsThem() async throws {
        struct Seen: Sendable {
            var sum = 0.0
            var missing = 0
            var texts: Set<String> = []
            var isTyped = true
        }
        let rows = try await Self.open().rows(
            """
            SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE i::DOUBLE END, i::BIGINT,
                CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'longer than twelve bytes' END FROM range(10000) t(i)
            """)
        let seen = try await rows.scan(into: Seen()) { seen, cells in
            guard let doubles = cells.doubles(0), let texts = cells.texts(2), cells.doubles(1) == nil else {
                seen.isTyped = false
                return
            }
            let (numbers, names) = (cells.validity(0), cells.validity(2))
            for row in 0..<cells.rowCount {
                if numbers?[row] ?? true { seen.sum += doubles[row] } else { seen.missing += 1 }
                if names?[row] ?? true { seen.texts.insert(String(decoding: texts[row], as: UTF8.self)) }
            }
        }
        #expect(seen.isTyped)
        #expect(seen.missing == 3334)
        #expect(seen.sum == Double((0..<10000).filter { $0 % 3 != 0 }.reduce(0, +)))
        #expect(seen.texts == ["a", "longer than twelve bytes"])
        #expect(try await rows.next() == nil)
    }

    @Test func moreRowsThanAskedForAreRefused() async throws {
        let rows = try await Self.open().rows("SELECT * FROM range(11)")
        let error = await #expect(throws: TableError.self) { try await rows.collect(limit: 10) }
        #expect(error?.code == .tooLarge)
    }

    @Test func aParquetFileGivesBackWhatWasWritten() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.parquet")
        try await TableEngine.installed.write(
            """
            SELECT i AS id, CASE WHEN i = 1 THEN NULL ELSE 'naïve ' || i END AS name, 'nan'::FLOAT AS f,
                (i * 10)::DECIMAL(9,2) AS price, DATE '2026-01-01' + i::INTEGER AS day,
                '2026-01-01 00:00:00.000001+00'::TIMESTAMPTZ AS at, [i] AS tags FROM range(3) t(i)
            """, toParquet: path)
        let rows = try await Self.open(files: .only([path])).rows("SELECT * FROM read_parquet(\(path))")
        #expect(rows.columns.map(\.name) == ["id", "name", "f", "price", "day", "at", "tags"])
        #expect(
            rows.columns.map(\.type.name) == [
                "BIGINT", "VARCHAR", "FLOAT", "DECIMAL(9,2)", "DATE", "TIMESTAMP WITH TIME ZONE", "BIGINT[]",
            ])
        let cells = try await rows.collect(limit: 3).map { row in row.map(\.json) }
        let second: [JSON] = [
            1, .null, .string("NaN"), "10.00", "2026-01-02", "2026-01-01T00:00:00.000001Z", [1],
        ]
        #expect(cells[1].map(\.text) == second.map(\.text))
        #expect(cells[2][1] == "naïve 2")
    }

    ///     task      SELECT … | waits ………………………… | CancellationError
    ///     test               cancel
    @Test(arguments: [1, 2])
    func aCancelledStatementEndsAndTheNextOneWorks(threads: Int) async throws {
        let database = try await Self.open(threads: threads)
        let started = Signal()
        let wakeUps = started.subscribe()
        let endless = Task {
            started.notify()
            // Some 10^18 additions.
            return try await database.rows(
                "SELECT sum(a.range * b.range) FROM range(1000000000) a, range(1000000000) b"
            )
            .collect(limit: 1)
        }
        for await _ in wakeUps { break }
        endless.cancel()
        await #expect(throws: CancellationError.self) { try await endless.value }
        #expect(try await database.rows("SELECT 42").collect(limit: 1) == [[.integer(42)]])
    }

    @Test func aStatementThatIsUnderWayIsInterrupted() async throws {
        let database = try await Self.open()
        // The first rows are there soon; those after them take for ever.
        let rows = try await database.rows(
            "SELECT i FROM range(1000000000000) t(i) WHERE i < 10000000 OR hash(i) = 1")
        _ = try await rows.next()
        let endless = Task { while try await rows.next() != nil {} }
        await Task.yield()
        endless.cancel()
        await #expect(throws: CancellationError.self) { try await endless.value }
    }

    @Test func theNextStatementEndsTheRowsOfTheOneBefore() async throws {
        let database = try await Self.open()
        let rows = try await database.rows("SELECT * FROM range(100000)")
        #expect(try await rows.next()?.rowCount == 2048)
        try await database.run("SELECT 1")
        let error = await #expect(throws: TableError.self) { try await rows.next() }
        #expect(error?.message == "These rows ended when the next statement began.")
    }

    @Test func manyJobsWorkAtTheSameTime() async throws {
        try await withThrowingTaskGroup(of: [[TableValue]].self) { group in
            for number in 0..<12 {
                group.addTask {
                    try await Self.open().rows("SELECT sum(i + \(number)) FROM range(1000) t(i)").collect(limit: 1)
                }
            }
            var sums: Set<[TableValue]> = []
            for try await rows in group { sums.formUnion(rows) }
            let expected = Set((0..<12).map { [TableValue.integer(499_500 + Int64($0) * 1000)] })
            #expect(sums == expected)
        }
    }

    @Test func oneDatabaseServesSeveralTasksOneAfterTheOther() async throws {
        let database = try await Self.open()
        try await database.run("CREATE TABLE t (i BIGINT)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 { group.addTask { try await database.run("INSERT INTO t VALUES (\(number))") } }
            try await group.waitForAll()
        }
        #expect(try await database.rows("SELECT count(*), sum(i) FROM t").collect(limit: 1) == [[20, 190]])
    }

    ///     one        SELECT … (long) ……………………………… its rows
    ///     other             waits ✕ cancelled
    @Test func whoGivesUpWaitingInterruptsNobody() async throws {
        let database = try await Self.open()
        async let long: Void = database.run(
            "CREATE TABLE long AS SELECT sum(hash(i) % 7) > 0 FROM range(20000000) t(i)")
        for _ in 0..<20 {
            let other = Task { try await database.run("SELECT 1") }
            await Task.yield()
            other.cancel()
            _ = await other.result
        }
        try await long
        #expect(try await database.rows("FROM long").collect(limit: 2) == [[.bool(true)]])
    }

    @Test(arguments: ["not a table at all, but long enough", "PAR1", "", "PAR1\u{1}\u{2}\u{3}\u{4}\u{8}\0\0\0PAR1"])
    func whatIsNoParquetIsRefusedInDuckDBsWords(text: String) async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(text, to: "a.parquet")
        let error = await #expect(throws: TableError.self) {
            try await Self.open(files: .only([path])).rows("SELECT * FROM read_parquet(\(path))").collect(limit: 1)
        }
        #expect(error?.code == .invalidParameterValue)
        #expect(error?.message.hasPrefix("DuckDB: ") == true)
        #expect(error?.message.contains("a.parquet") == true)
    }

    @Test func aTornParquetIsRefusedAndNeverFatal() async throws {
        let folder = try TemporaryFolder()
        let whole = folder.path("whole.parquet")
        try await TableEngine.installed.write(
            "SELECT i, 'text ' || i AS t, [i, i] AS l FROM range(3000) t(i)", toParquet: whole, rowsInGroup: 2048)
        let bytes = Array(try Data(contentsOf: URL(filePath: whole)))
        var numbers = SeededNumbers(seed: 3)
        for round in 0..<40 {
            var torn = bytes
            for _ in 0..<(1 + round % 8) {
                // Half of the damage is done to the description at the end.
                let start = round.isMultiple(of: 2) ? torn.count - 800 : 4
                torn[Int.random(in: start..<torn.count - 8, using: &numbers)] = UInt8.random(
                    in: 0...255, using: &numbers)
            }
            let path = folder.path("torn.parquet")
            try Data(torn).write(to: URL(filePath: path))
            do {
                let database = try await Self.open(files: .only([path]))
                _ = try await database.rows("SELECT * FROM read_parquet(\(path)) LIMIT 51").collect(limit: 51)
            } catch let error as TableError {
                #expect((400..<500).contains(error.code.status), "\(error)")
            }
        }
    }

    @Test func nothingIsReachedButTheNamedFiles() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.parquet")
        try await TableEngine.installed.write("SELECT 1 AS x", toParquet: path)
        let other = try folder.write("x\n1\n", to: "b.csv")
        let database = try await Self.open(files: .only([path]))
        #expect(try await database.rows("SELECT x FROM read_parquet(\(path))").collect(limit: 1) == [[1]])
        let refused: [TableQuery] = [
            "SELECT * FROM read_csv(\(other))", "COPY (SELECT 1) TO \(folder.path("c.csv"))",
            "ATTACH '\(sql: folder.path("d.db"))'", "INSTALL httpfs",
        ]
        for query in refused {
            let error = await #expect(throws: TableError.self) { try await database.run(query) }
            #expect(error?.code == .permissionDenied, "\(String(describing: error))")
        }
        await #expect(throws: TableError.self) { try await database.run("SET memory_limit = '64GB'") }
        await #expect(throws: TableError.self) { try await database.run("SET enable_external_access = true") }
    }

    @Test func moreMemoryThanAllowedIsRefused() async throws {
        let database = try await Self.open(memoryBytes: 32 << 20)
        let error = await #expect(throws: TableError.self) {
            try await database.run("CREATE TABLE t AS SELECT hash(i), hash(i + 1), uuid() FROM range(20000000) t(i)")
        }
        #expect(error?.code == .tooLarge)
    }

    /// Some kilobytes that become a hundred megabytes.
    @Test func aBombIsRefusedBeforeItTakesTheMemory() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("bomb.parquet")
        let writer = try await Self.open(memoryBytes: 1 << 30)
        try await writer.run("COPY (SELECT repeat('a', 100000000) AS a) TO \(path) (FORMAT parquet, COMPRESSION zstd)")
        let database = try await Self.open(memoryBytes: 32 << 20, files: .only([path]))
        let error = await #expect(throws: TableError.self) {
            try await database.rows("SELECT left(a, 10) FROM read_parquet(\(path))").collect(limit: 1)
        }
        #expect(error?.code == .tooLarge, "\(String(describing: error))")
    }

    @Test(
        arguments: [
            ("SELECT", "Parser Error"), ("SELECT * FROM nowhere", "nowhere"), ("SELECT 'x'::INTEGER", "'x'"),
            ("SELECT \(1) + x", "x"), ("SELECT 1; SELECT 2", ""),
        ] as [(TableQuery, String)])
    func aStatementThatIsWrongSaysWhatIs(query: TableQuery, words: String) async throws {
        let error = await #expect(throws: TableError.self) { try await Self.open().run(query) }
        #expect(error?.code == .invalidParameterValue)
        #expect(error?.message.contains(words) == true || words.isEmpty, "\(error?.message ?? "")")
    }

    @Test func aMissingLibrarySaysWhatToInstall() async throws {
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        let engine = TableEngine(
            python: PythonInterpreter(executable: "/nowhere/python", environment: [:]), file: nil, threads: threads)
        let error = await #expect(throws: NativesError.self) {
            try await engine.open(TableSettings(memoryBytes: 1 << 26, files: .all))
        }
        #expect(error?.message.hasPrefix("DuckDB is not installed") == true)
        #expect(
            error?.hint
                == "Run 'pip install duckdb' with that Python (--python, MARTLET_PYTHON), or set DUCKDB_LIB to the file."
        )
        try await threads.shutdownGracefully()
    }
}

extension TableValue: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self = .integer(value) }
}
