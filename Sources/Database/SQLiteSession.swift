import GRDB
import GRDBSQLite
import Wire

/// Runs portable SQL on a GRDB connection, with its statements prepared once and kept.
///
/// Values are bound and read through SQLite's own functions: most of the time that a small statement takes would go into
/// boxing them otherwise.
struct SQLiteSession: Session {
    let db: GRDB.Database
    let place: String

    func run(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        let (text, values) = sql.rendered(for: .sqlite)
        try withStatement(text, isKept: sql.isKept) { statement in
            try statement.bind(values)
            try statement.forEachRow(body)
        }
    }

    /// One prepared statement for all owners: each finds its rows by the index, and none has to be told from the others.
    func run(_ rows: OwnedRows, of owners: [SQLValue], _ body: (Int, Row) throws -> Void) throws {
        let (text, _) = rows.sql(of: .null).rendered(for: .sqlite)
        try withStatement(text) { statement in
            for (place, owner) in owners.enumerated() {
                try statement.bind(owner, at: 1)
                try statement.forEachRow { try body(place, $0) }
                sqlite3_reset(statement.handle)
            }
        }
    }

    func execute(_ sql: SQL) throws -> Int {
        let (text, values) = sql.rendered(for: .sqlite)
        return try withStatement(text) { statement in
            try statement.bind(values)
            return try statement.execute()
        }
    }

    /// One prepared statement for all rows: within a transaction nothing is faster.
    func insert(into table: SQL, width: Int, rows: [[SQLValue]], _ tail: SQL) throws -> Int {
        let (head, _) = table.rendered(for: .sqlite)
        let (end, _) = tail.rendered(for: .sqlite)
        var text = "INSERT INTO "
        text += head
        text += " VALUES (?"
        for _ in 1..<width { text += ", ?" }
        text += ") "
        text += end
        return try execute(text, each: rows)
    }

    /// One prepared statement for all rows, as for inserting.
    func update(_ table: SQL, set columns: [SQL], by key: SQL, rows: [[SQLValue]]) throws -> Int {
        let changes = columns.map { "\($0) = \(SQLValue.null)" as SQL }.joined(separator: ", ")
        let (text, _) = ("UPDATE \(table) SET \(changes) WHERE \(key) = \(SQLValue.null)" as SQL).rendered(for: .sqlite)
        return try execute(text, each: rows)
    }

    /// - Returns: how many rows changed.
    private func execute(_ text: String, each rows: [[SQLValue]]) throws -> Int {
        try withStatement(text) { statement in
            var changed = 0
            for row in rows {
                try statement.bind(row)
                changed += try statement.execute()
            }
            return changed
        }
    }

    private func withStatement<Value>(
        _ text: String, isKept: Bool = true, _ body: (BoundStatement) throws -> Value
    ) throws -> Value {
        try SQLiteEngine.translating(place) {
            let owner = isKept ? try db.cachedStatement(sql: text) : try db.makeStatement(sql: text)
            return try withExtendedLifetime(owner) {
                let statement = BoundStatement(handle: owner.sqliteStatement)
                defer { statement.clear() }
                return try body(statement)
            }
        }
    }
}

/// A prepared statement while it is used.
private struct BoundStatement {
    let handle: OpaquePointer

    /// Tells SQLite to copy what it is handed.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// Binds the values of all places.
    /// - Throws: `DatabaseError` for values that the engine would silently turn into others.
    func bind(_ values: [SQLValue]) throws {
        for (index, value) in values.enumerated() { try bind(value, at: CInt(index + 1)) }
    }

    /// Binds the value of one place; the first is 1.
    /// - Throws: `DatabaseError` for values that the engine would silently turn into others.
    func bind(_ value: SQLValue, at place: CInt) throws {
        switch value {
        case .null: try check(sqlite3_bind_null(handle, place))
        case .integer(let integer): try check(sqlite3_bind_int64(handle, place, integer))
        case .double(let double):
            guard !double.isNaN else { throw DatabaseError.unstorableNaN }
            try check(sqlite3_bind_double(handle, place, double))
        case .text(let text): try bind(text, at: place)
        case .bytes(let bytes):
            // An empty array has no address, and no address would mean NULL.
            let code =
                bytes.isEmpty
                ? sqlite3_bind_zeroblob(handle, place, 0)
                : sqlite3_bind_blob64(handle, place, bytes, UInt64(bytes.count), Self.transient)
            try check(code)
        }
    }

    private func bind(_ text: String, at place: CInt) throws {
        var text = text
        let code = text.withUTF8 { bytes in
            if bytes.contains(0) { return nil as CInt? }
            guard let start = bytes.baseAddress else { return sqlite3_bind_text(handle, place, "", 0, Self.transient) }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                sqlite3_bind_text(handle, place, $0, CInt(bytes.count), Self.transient)
            }
        }
        guard let code else { throw DatabaseError.unstorable(text: text) }
        try check(code)
    }

    /// - Returns: whether there is a row.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        // The task that asked was cancelled.
        case SQLITE_INTERRUPT: throw CancellationError()
        default: throw failure()
        }
    }

    /// Runs to the end, and is ready to be bound again.
    /// - Returns: how many rows changed.
    func execute() throws -> Int {
        while try step() {}
        let changed = Int(sqlite3_changes64(sqlite3_db_handle(handle)))
        sqlite3_reset(handle)
        return changed
    }

    /// Runs to the end. The row is filled anew each time, so that those which nobody keeps cost one allocation in all.
    func forEachRow(_ body: (Row) throws -> Void) throws {
        var row = Row(values: Array(repeating: .null, count: Int(sqlite3_column_count(handle))))
        while try step() {
            for column in row.values.indices { row.values[column] = value(of: CInt(column)) }
            try body(row)
        }
    }

    private func value(of column: CInt) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: .double(sqlite3_column_double(handle, column))
        case SQLITE_TEXT: .text(text(of: column))
        case SQLITE_BLOB: .bytes(bytes(of: column))
        default: .null
        }
    }

    private func text(of column: CInt) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private func bytes(of column: CInt) -> [UInt8] {
        let count = Int(sqlite3_column_bytes(handle, column))
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    func clear() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private func check(_ code: CInt) throws {
        guard code == SQLITE_OK else { throw failure() }
    }

    private func failure() -> GRDB.DatabaseError {
        let connection = sqlite3_db_handle(handle)
        return GRDB.DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: sqlite3_errmsg(connection).map { String(cString: $0) })
    }
}

extension SQLiteEngine {
    /// Runs `body` and turns SQLite's errors into ours; errors of other kinds pass through.
    static func translating<Value>(_ place: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as GRDB.DatabaseError {
            throw translated(error, place)
        }
    }

    private static func translated(_ error: GRDB.DatabaseError, _ place: String) -> DatabaseError {
        let text = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL: return .full(place)
        case .SQLITE_CONSTRAINT: return DatabaseError(.constraintViolation, "The change breaks a rule: \(text)")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return DatabaseError(
                .unavailable, "\(place) is locked by another process.",
                hint: "One server at a time may use a data folder; end the other, or use another --data.",
                retryAfterSeconds: 5)
        case .SQLITE_CANTOPEN:
            return DatabaseError(
                .invalidParameterValue, "\(place) cannot be opened: \(text).",
                hint: "Check that the folder exists and is writable, or name another with --data.")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            return DatabaseError(
                .invalidParameterValue, "\(place) is not a database of Martlet, or it is damaged: \(text).",
                hint: "Restore it from a backup, or name another folder with --data.")
        case .SQLITE_READONLY:
            return DatabaseError(
                .invalidParameterValue, "\(place) cannot be written to: \(text).",
                hint: "Check the permissions of the file and its folder.")
        default: return DatabaseError(.internalError, "\(text) (\(place))")
        }
    }
}
