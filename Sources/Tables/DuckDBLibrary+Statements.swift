import CDuckDB
import Wire

extension DuckDBLibrary {
    /// Prepares a statement and binds its values. The caller destroys `statement`, also after an error.
    func prepare(_ query: TableQuery, on connection: Handle, as statement: inout Handle) throws {
        guard prepare(connection, query.text, &statement) == Self.success else {
            throw TableError(duckDB: words(prepareError(statement)))
        }
        for (index, value) in query.values.enumerated() {
            guard bind(value, to: statement, at: UInt64(index + 1)) == Self.success else {
                throw TableError(duckDB: words(prepareError(statement)))
            }
        }
    }

    private func bind(_ value: TableValue, to statement: Handle, at index: UInt64) -> State {
        switch value {
        case .null: bindNull(statement, index)
        case .bool(let value): bindBool(statement, index, value)
        case .integer(let value): bindInt64(statement, index, value)
        case .double(let value): bindDouble(statement, index, value)
        case .text(let text), .number(let text), .interval(let text): bind(text, to: statement, at: index)
        case .bytes(let bytes):
            bytes.withUnsafeBytes { bindBytes(statement, index, $0.baseAddress, UInt64($0.count)) }
        case .date(let date): bindDate(statement, index, duckdb_date(days: date.daysSince1970))
        case .timestamp(let value) where value.unit == .microseconds:
            (value.isUTC ? bindTimestampUTC : bindTimestamp)(statement, index, duckdb_timestamp(micros: value.count))
        case .timestamp, .time, .nested: bind(value.json.stringValue ?? value.json.text, to: statement, at: index)
        }
    }

    private func bind(_ text: String, to statement: Handle, at index: UInt64) -> State {
        var text = text
        return text.withUTF8 { bindText(statement, index, $0.baseAddress, UInt64($0.count)) }
    }

    /// Starts a statement. The caller destroys `result`, also after an error.
    func execute(_ statement: Handle, _ mark: CancellationMark, into result: inout duckdb_result) throws {
        var pending: Handle = 0
        defer { destroyPending(&pending) }
        guard pendingStreaming(statement, &pending) == Self.success else {
            throw TableError(duckDB: words(pendingError(pending)))
        }
        // From here on an interruption is not forgotten.
        try mark.check()
        guard executePending(pending, &result) == Self.success else {
            throw TableError(duckDB: words(resultError(&result)))
        }
    }

    func columns(of result: inout duckdb_result) -> [TableColumn] {
        var columns: [TableColumn] = []
        for index in 0..<columnCount(&result) {
            let name = words(columnName(&result, index))
            columns.append(TableColumn(name: name, type: take(type: columnType(&result, index))))
        }
        return columns
    }

    /// The next rows; nil after the last.
    /// - Parameters:
    ///   - places: the columns that are read; nil for all.
    ///   - keep: is handed the chunk as DuckDB holds it, which lasts as long as the call.
    func chunk(
        of result: inout duckdb_result, _ columns: [TableColumn], reading places: [Int]? = nil,
        keep: (Handle) throws -> Void = { _ in }
    ) throws -> TableChunk? {
        var chunk = fetchChunk(result)
        guard chunk != 0 else {
            if let error = resultError(&result) { throw TableError(duckDB: String(cString: error)) }
            return nil
        }
        defer { destroyChunk(&chunk) }
        let count = Int(chunkSize(chunk))
        let vectors = (places ?? Array(columns.indices)).map { place in
            VectorReader(self, chunkVector(chunk, UInt64(place)), columns[place].type).vector(rows: count)
        }
        try keep(chunk)
        return TableChunk(rowCount: count, vectors: vectors)
    }

    /// Hands the next rows to `body` as DuckDB holds them.
    /// - Returns: whether there were any.
    func visit(
        _ result: inout duckdb_result, _ columns: [TableColumn], _ body: (borrowing TableCells) throws -> Void
    ) throws -> Bool {
        var chunk = fetchChunk(result)
        guard chunk != 0 else {
            if let error = resultError(&result) { throw TableError(duckDB: String(cString: error)) }
            return false
        }
        defer { destroyChunk(&chunk) }
        try body(TableCells(self, chunk, columns))
        return true
    }

    func words(_ text: Text?) -> String {
        text.map { String(cString: $0) } ?? ""
    }
}
