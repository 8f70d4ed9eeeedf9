import CDuckDB
import Wire

/// A statement of DuckDB that has been started, with its result.
///
/// open → closed, after which it has no rows. Unchecked, because pointers are not `Sendable`: every call is made by
/// whoever is alone on the connection.
final class OpenStatement: @unchecked Sendable {
    let columns: [TableColumn]
    private let library: DuckDBLibrary
    private var statement: DuckDBLibrary.Handle
    private var result: duckdb_result
    private var isOpen = true

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
        self.statement = statement
        self.result = result
    }

    /// The next rows; nil after the last. Blocks.
    func next() throws -> TableChunk? {
        guard isOpen else {
            throw TableError(.invalidParameterValue, "These rows ended when the next statement began.")
        }
        return try library.chunk(of: &result, columns)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        library.destroyResult(&result)
        library.destroyPrepared(&statement)
    }
}
