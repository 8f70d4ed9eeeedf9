import Foundation
import NIOPosix
import Natives
import Tables
import Wire

/// One place where tables are read: a database of DuckDB with a connection for each thread, and a folder for what does not fit
/// in memory.
struct TableWork: Sendable {
    private let database: TableDatabase
    private let connections: [TableDatabase]
    private let folder: String
    private let threads: Int

    /// What DuckDB may take of the memory, before it writes to the folder.
    private static let memoryBytes = 512 << 20

    /// - Parameters:
    ///   - folder: where temporary files go.
    ///   - threads: how many read at once.
    init(_ engine: TableEngine, folder: String, threads: Int) async throws {
        // Reading ahead takes room for whole row groups, anew for each, and that costs more than reading.
        let settings = TableSettings(
            memoryBytes: Self.memoryBytes, threads: threads, temporaryFolder: folder, files: .all, readsAhead: false)
        database = try await engine.open(settings)
        var connections = [database]
        while connections.count < threads { connections.append(try await database.another()) }
        // Rows that wait for whoever reads them are to be still in the processor's caches then.
        for connection in connections { try await connection.run("SET streaming_buffer_size = '256KiB'") }
        self.connections = connections
        self.folder = folder
        self.threads = threads
    }

    /// An engine of DuckDB for so many threads.
    static func engine(python: PythonInterpreter, file: String?, threads: Int) -> TableEngine {
        let pool = NIOThreadPool(numberOfThreads: threads + 1)
        pool.start()
        return TableEngine(python: python, file: file, threads: pool)
    }

    /// Opens a table.
    /// - Throws: `ProfilingError` or `TableError` that says what is wrong with which file.
    func open(_ files: DataFiles) async throws -> DataTable {
        // A text is taken apart by all of DuckDB's threads; afterwards each connection reads for itself, in order.
        try await database.run("SET threads = \(quoted: "\(threads)")")
        let table = try await DataTable.open(files, in: database, copyingTo: folder)
        try await database.run("SET threads = 1")
        return table
    }

    /// - Parameter heldBytes: what columns of a reference may take, all that are read at once together.
    func profiler(
        heldBytes: Int = 128 << 20, progress: @escaping @Sendable (Int, Int) -> Void
    ) -> TableProfiler {
        TableProfiler(connections, heldBytes: heldBytes, progress: progress)
    }

    /// The rows with each value of a column, by value; the missing ones are left out.
    func parts(of table: DataTable, by column: String) async throws -> [TablePart] {
        let cell: TableQuery = "\(name: column)::VARCHAR"
        let rows = try await database.rows(
            """
            SELECT \(cell), count(*) FROM \(table.source) WHERE \(name: column) IS NOT NULL GROUP BY ALL \
            ORDER BY count(*) DESC, \(cell) LIMIT \(Self.partLimit)
            """)
        return try await rows.collect(limit: Self.partLimit).compactMap { row in
            guard case .text(let value)? = row.first, case .integer(let count)? = row.last else { return nil }
            return TablePart(
                name: "\(column) = \(value)", condition: "\(cell) = \(value)", rowCount: Int(count))
        }
    }

    /// As many values of a column are counted.
    static let partLimit = 1000
}
