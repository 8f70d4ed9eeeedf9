import NIOPosix
import Synchronization
import Wire

/// Appends rows to a table of a `TableDatabase`, much faster than INSERT does.
///
/// open → closed, when the rows are in the table. For one writer at a time.
package final class TableAppender: Sendable {
    private struct State {
        var appender: DuckDBLibrary.Handle
        var isOpen = true
    }

    private let home: OpenDatabase
    private let connection: DuckDBLibrary.Handle
    private let state: Mutex<State>

    /// Blocks.
    init(to table: String, of home: OpenDatabase) throws {
        connection = try home.connect()
        var appender: DuckDBLibrary.Handle = 0
        guard home.library.createAppender(connection, nil, table, &appender) == DuckDBLibrary.success else {
            let error = Self.error(of: appender, home.library)
            _ = home.library.destroyAppender(&appender)
            home.disconnect(connection)
            throw error
        }
        self.home = home
        state = Mutex(State(appender: appender))
    }

    deinit {
        let appender = state.withLock(\.appender)
        home.threads.submit { [home, connection] _ in
            var appender = appender
            _ = home.library.destroyAppender(&appender)
            home.disconnect(connection)
        }
    }

    /// Appends rows, given as columns in the order of the table's. Columns must have the types BOOLEAN, BIGINT, DOUBLE and
    /// VARCHAR for `bools`, `integers`, `doubles` and `texts`; other values are not taken.
    /// - Throws: `TableError`.
    package func append(_ vectors: [TableVector], rowCount: Int) async throws {
        try await home.threads.runIfActive { [self] in
            let limit = Int(home.library.vectorSize())
            for start in stride(from: 0, to: rowCount, by: limit) {
                try append(vectors, rows: start..<min(rowCount, start + limit))
            }
        }
    }

    /// Puts what was appended into the table.
    /// - Throws: `TableError`.
    package func close() async throws {
        try await home.threads.runIfActive { [self] in
            try state.withLock { state in
                guard state.isOpen else { return }
                state.isOpen = false
                try check(home.library.closeAppender(state.appender), state)
            }
        }
    }

    private func append(_ vectors: [TableVector], rows: Range<Int>) throws {
        let library = home.library
        var types = try vectors.map { library.createType(try $0.values.storedType) }
        defer { for index in types.indices { library.destroyType(&types[index]) } }
        var chunk = library.createChunk(&types, UInt64(types.count))
        defer { library.destroyChunk(&chunk) }
        for (index, vector) in vectors.enumerated() {
            library.fill(library.chunkVector(chunk, UInt64(index)), with: vector, rows)
        }
        library.setChunkSize(chunk, UInt64(rows.count))
        try append(chunk: chunk)
    }

    /// Appends a chunk as DuckDB holds it, which is copied. Blocks.
    func append(chunk: DuckDBLibrary.Handle) throws {
        try state.withLock { state in
            guard state.isOpen else {
                throw TableError(.invalidParameterValue, "Rows were appended after the appender was closed.")
            }
            try check(home.library.appendChunk(state.appender, chunk), state)
        }
    }

    private func check(_ outcome: DuckDBLibrary.State, _ state: State) throws {
        guard outcome == DuckDBLibrary.success else { throw Self.error(of: state.appender, home.library) }
    }

    private static func error(of appender: DuckDBLibrary.Handle, _ library: DuckDBLibrary) -> TableError {
        TableError(duckDB: library.words(library.appenderError(appender)))
    }
}

extension TableVector.Values {
    /// The number that `duckdb_type` has for it.
    fileprivate var storedType: UInt32 {
        get throws {
            switch self {
            case .bools: 1
            case .integers: 5
            case .doubles: 11
            case .texts: 17
            case .others: throw TableError(.invalidParameterValue, "Only simple values are appended.")
            }
        }
    }
}

extension DuckDBLibrary {
    /// Writes some rows of a column into a vector that has room for them.
    fileprivate func fill(_ handle: Handle, with vector: TableVector, _ rows: Range<Int>) {
        switch vector.values {
        case .bools(let values): copy(values, rows, to: handle)
        case .integers(let values): copy(values, rows, to: handle)
        case .doubles(let values): copy(values, rows, to: handle)
        case .texts(let values):
            for row in rows {
                var text = values[row]
                text.withUTF8 { assignText(handle, UInt64(row - rows.lowerBound), $0.baseAddress, UInt64($0.count)) }
            }
        case .others: break
        }
        guard let validity = vector.validity else { return }
        makeValidityWritable(handle)
        guard let bits = vectorValidity(handle).map(UnsafeMutablePointer.init(mutating:)) else { return }
        for row in rows where !validity[row] {
            let place = row - rows.lowerBound
            bits[place / 64] &= ~(1 << UInt64(place % 64))
        }
    }

    private func copy<Value: BitwiseCopyable>(_ values: [Value], _ rows: Range<Int>, to handle: Handle) {
        guard let target = vectorData(handle).map(UnsafeMutableRawPointer.init(mutating:)) else { return }
        values[rows].withUnsafeBytes {
            target.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(target), byteCount: $0.count)
        }
    }
}
