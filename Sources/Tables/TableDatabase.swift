import NIOPosix
import Synchronization
package import Wire

/// A database of DuckDB in memory, with one connection. It closes when nobody holds on to it any more.
///
/// One statement runs at a time; the next one ends the rows of the one before. A cancelled task interrupts the statement
/// that it waits for.
package final class TableDatabase: Sendable {
    typealias Handle = DuckDBLibrary.Handle

    let library: DuckDBLibrary
    private let database: Handle
    private let connection: Handle
    /// The statement whose rows are being read. Held during each call: a connection is used by one thread at a time.
    private let current = Mutex<OpenStatement?>(nil)
    private let place: TablePlace
    private let threads: NIOThreadPool

    private init(
        _ library: DuckDBLibrary, database: Handle, connection: Handle, place: TablePlace, threads: NIOThreadPool
    ) {
        self.library = library
        self.database = database
        self.connection = connection
        self.place = place
        self.threads = threads
    }

    deinit {
        // Waits for DuckDB's own threads.
        threads.submit { [library, database, connection, place] _ in
            Self.close(library, database, connection)
            withExtendedLifetime(place) {}
        }
    }

    static func open(
        _ settings: TableSettings, _ library: DuckDBLibrary, place: TablePlace, threads: NIOThreadPool
    ) async throws -> TableDatabase {
        let opened = try await threads.runIfActive {
            let (database, connection) = try Self.open(settings, library)
            return TableDatabase(library, database: database, connection: connection, place: place, threads: threads)
        }
        for limit in settings.limits { try await opened.run(limit) }
        return opened
    }

    private static func open(
        _ settings: TableSettings, _ library: DuckDBLibrary
    ) throws -> (database: Handle, connection: Handle) {
        var config: Handle = 0
        defer { library.destroyConfig(&config) }
        guard library.createConfig(&config) == DuckDBLibrary.success else { throw TableError(duckDB: "no memory") }
        for (name, value) in settings.options {
            guard library.setConfig(config, name, value) == DuckDBLibrary.success else {
                throw TableError(.invalidParameterValue, "DuckDB does not take '\(value)' for \(name).")
            }
        }
        var database: Handle = 0
        var connection: Handle = 0
        var message: UnsafeMutablePointer<CChar>?
        guard library.openDatabase(nil, &database, config, &message) == DuckDBLibrary.success else {
            throw TableError(duckDB: library.take(message))
        }
        guard library.connect(database, &connection) == DuckDBLibrary.success else {
            library.close(&database)
            throw TableError(duckDB: "no connection")
        }
        return (database, connection)
    }

    private static func close(_ library: DuckDBLibrary, _ database: Handle, _ connection: Handle) {
        var (database, connection) = (database, connection)
        library.disconnect(&connection)
        library.close(&database)
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

    func next(of statement: OpenStatement) async throws -> TableChunk? {
        try await perform { _, _ in try statement.next() }
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

/// What a call and the cancellation of the task that waits for it know of each other.
///
/// waiting → running → ended; cancelled in any of them. Only a call that runs is interrupted: the connection may be
/// another's turn.
final class CancellationMark: Sendable {
    private struct State {
        var isRunning = false
        var isCancelled = false
    }

    private let state = Mutex(State())

    func begin() throws {
        try state.withLock { state in
            if state.isCancelled { throw CancellationError() }
            state.isRunning = true
        }
    }

    func end() {
        state.withLock { $0.isRunning = false }
    }

    func cancel(interrupt: () -> Void) {
        state.withLock { state in
            state.isCancelled = true
            if state.isRunning { interrupt() }
        }
    }

    func check() throws {
        if state.withLock({ $0.isCancelled }) { throw CancellationError() }
    }
}
