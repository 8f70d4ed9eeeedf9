import CDuckDB
import Synchronization
import Wire

/// A statement of DuckDB that has been started, with its result.
///
/// open → closed, after which it has no rows.
final class OpenStatement: Sendable {
    private struct State {
        var statement: DuckDBLibrary.Handle
        var result: duckdb_result
        var isOpen = true
    }

    let columns: [TableColumn]
    private let library: DuckDBLibrary
    private let state: Mutex<State>

    /// Prepares, binds and starts a statement. Blocks.
    /// - Throws: `TableError` with DuckDB's words; `CancellationError`.
    init(
        _ query: TableQuery, _ library: DuckDBLibrary, on connection: DuckDBLibrary.Handle, _ mark: CancellationMark
    ) throws {
        var statement: DuckDBLibrary.Handle = 0
        var result = duckdb_result()
        do {
            try library.prepare(query, on: connection, as: &statement)
            try library.execute(statement, mark, into: &result)
        } catch {
            library.destroyResult(&result)
            library.destroyPrepared(&statement)
            throw error
        }
        columns = library.columns(of: &result)
        self.library = library
        state = Mutex(State(statement: statement, result: result))
    }

    /// The next rows; nil after the last. Blocks.
    /// - Parameters:
    ///   - places: the columns that are read; nil for all.
    ///   - appender: gets all columns of the rows, as they are.
    func next(reading places: [Int]? = nil, appendingTo appender: TableAppender? = nil) throws -> TableChunk? {
        try state.withLock { state in
            guard state.isOpen else {
                throw TableError(.invalidParameterValue, "These rows ended when the next statement began.")
            }
            return try library.chunk(of: &state.result, columns, reading: places) { chunk in
                try appender?.append(chunk: chunk)
            }
        }
    }

    /// Hands all rows that are left to `body`, as DuckDB holds them, with what it changes. Blocks.
    /// - Parameter check: throws when nobody waits any more.
    func visitAll<State: Sendable>(
        into initial: State, _ check: @Sendable () throws -> Void,
        _ body: @Sendable (inout State, borrowing TableCells) throws -> Void
    ) throws -> State {
        try state.withLock { state in
            guard state.isOpen else {
                throw TableError(.invalidParameterValue, "These rows ended when the next statement began.")
            }
            var gathered = initial
            while try library.visit(&state.result, columns, { cells in try body(&gathered, cells) }) { try check() }
            return gathered
        }
    }

    func close() {
        state.withLock { state in
            guard state.isOpen else { return }
            state.isOpen = false
            library.destroyResult(&state.result)
            library.destroyPrepared(&state.statement)
        }
    }
}
