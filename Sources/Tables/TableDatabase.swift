import NIOPosix
import Synchronization
import Wire

/// A connection to a database of DuckDB in memory, which closes when nobody holds on to it any more.
///
/// One statement runs at a time; the next one ends the rows of the one before. A cancelled task interrupts the statement
/// that it waits for.
package final class TableDatabase: Sendable {
    typealias Handle = DuckDBLibrary.Handle

    private let library: DuckDBLibrary
    private let home: OpenDatabase
    private let connection: Handle
    /// The statement whose rows are being read. Held during each call: a connection is used by one thread at a time.
    private let current = Mutex<OpenStatement?>(nil)
    private let threads: NIOThreadPool

    /// Blocks.
    private init(to home: OpenDatabase) throws {
        connection = try home.connect()
        library = home.library
        threads = home.threads
        self.home = home
    }

    deinit {
        threads.submit { [home, connection] _ in home.disconnect(connection) }
    }

    static func open(
        _ settings: TableSettings, _ library: DuckDBLibrary, place: TablePlace, threads: NIOThreadPool
    ) async throws -> TableDatabase {
        let opened = try await threads.runIfActive {
            try TableDatabase(to: OpenDatabase(settings, library, place: place, threads: threads))
        }
        for limit in settings.limits { try await opened.run(limit) }
        return opened
    }

    /// Another connection to the same database, for what goes on at the same time.
    package func another() async throws -> TableDatabase {
        try await threads.runIfActive { [home] in try TableDatabase(to: home) }
    }

    /// Appends rows to a table, on a connection of its own. They are in the table once the appender has been closed.
    /// - Throws: `TableError` when there is no such table.
    package func appender(to table: String) async throws -> TableAppender {
        try await threads.runIfActive { [home] in try TableAppender(to: table, of: home) }
    }

    /// Runs a statement whose rows do not count, such as COPY.
    /// - Throws: `TableError` with DuckDB's words, `CancellationError`.
    package func run(_ query: TableQuery) async throws {
        try await perform { [library, connection] current, mark in
            current?.close()
            current = nil
            let statement = try OpenStatement(query, library, on: connection, mark)
            defer { statement.close() }
            while try statement.next() != nil { try mark.check() }
        }
    }

    /// Runs a statement up to its first rows; the others are computed as they are asked for.
    /// - Throws: `TableError` with DuckDB's words, `CancellationError`.
    package func rows(_ query: TableQuery) async throws -> TableRows {
        let statement = try await perform { [library, connection] current, mark in
            current?.close()
            current = nil
            let statement = try OpenStatement(query, library, on: connection, mark)
            current = statement
            return statement
        }
        return TableRows(statement, of: self)
    }

    func next(
        of statement: OpenStatement, reading places: [Int]? = nil, appendingTo appender: TableAppender? = nil
    ) async throws -> TableChunk? {
        try await perform { _, _ in try statement.next(reading: places, appendingTo: appender) }
    }

    func scan<State: Sendable>(
        _ statement: OpenStatement, into initial: State,
        _ body: @escaping @Sendable (inout State, borrowing TableCells) throws -> Void
    ) async throws -> State {
        try await perform { _, mark in
            try statement.visitAll(into: initial, { try mark.check() }, body)
        }
    }

    /// Closes a statement, without waiting for it.
    func close(_ statement: OpenStatement) {
        threads.submit { [self] _ in
            current.withLock { current in
                statement.close()
                if current === statement { current = nil }
            }
        }
    }

    /// Runs `body` on a thread of its own, alone on the connection. DuckDB forgets an interruption when a statement
    /// starts, so `body` has a look at the mark once it has started one.
    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (inout OpenStatement?, CancellationMark) throws -> Value
    ) async throws -> Value {
        let mark = CancellationMark()
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            let outcome = try await threads.runIfActive { [self] in
                current.withLock { current in
                    Result {
                        try mark.begin()
                        defer { mark.end() }
                        return try body(&current, mark)
                    }
                }
            }
            // What an interrupted statement gives is not to be told from its end.
            try Task.checkCancellation()
            return try outcome.get()
        } onCancel: {
            mark.cancel { library.interrupt(connection) }
        }
    }
}
