import Wire

/// The rows of a statement, some at a time, each computed when it is asked for. For one reader.
package final class TableRows: AsyncSequence, Sendable {
    package typealias Element = TableChunk

    private let database: TableDatabase
    private let statement: OpenStatement

    init(_ statement: OpenStatement, of database: TableDatabase) {
        self.statement = statement
        self.database = database
    }

    deinit {
        database.close(statement)
    }

    package var columns: [TableColumn] { statement.columns }

    /// The next rows; nil after the last.
    /// - Throws: `TableError` with DuckDB's words, or that names a column whose values are not read; `CancellationError`.
    package func next() async throws -> TableChunk? {
        try refuseUnreadable(columns)
        return try await database.next(of: statement)
    }

    /// The next rows; nil after the last. Of them only some columns are read, while a table keeps all, as they are.
    /// - Parameters:
    ///   - places: the columns that the chunk has, by their place in `columns`.
    ///   - appender: of a table with the columns of these rows, in the same database.
    /// - Throws: as `next`.
    package func next(reading places: [Int], appendingTo appender: TableAppender) async throws -> TableChunk? {
        try refuseUnreadable(places.map { columns[$0] })
        return try await database.next(of: statement, reading: places, appendingTo: appender)
    }

    /// Reads all rows that are left without copying a cell: `body` is handed what DuckDB holds, some rows at a time and in
    /// order, on one thread that may block.
    /// - Parameter initial: what `body` changes, and what comes back after the last row.
    /// - Throws: as `next`, and what `body` throws.
    package func scan<State: Sendable>(
        into initial: State, _ body: @escaping @Sendable (inout State, borrowing TableCells) throws -> Void
    ) async throws -> State {
        try await database.scan(statement, into: initial, body)
    }

    /// All rows.
    /// - Parameter limit: how many may come before this gives up.
    /// - Throws: `TableError` also when there are more than `limit` rows.
    package func collect(limit: Int) async throws -> [[TableValue]] {
        var rows: [[TableValue]] = []
        for try await chunk in self {
            guard rows.count + chunk.rowCount <= limit else {
                throw TableError(.tooLarge, "There are more than \(limit) rows.")
            }
            rows += (0..<chunk.rowCount).map(chunk.row)
        }
        return rows
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(rows: self)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let rows: TableRows

        package mutating func next() async throws -> TableChunk? {
            try await rows.next()
        }
    }

    private func refuseUnreadable(_ columns: [TableColumn]) throws {
        guard let column = columns.first(where: { !$0.type.isRead }) else { return }
        throw TableError(
            .invalidParameterValue, "Values of \(column.type.name) in column '\(column.name)' are not read.",
            hint: "Select CAST(\"\(column.name)\" AS VARCHAR).")
    }
}
