import Foundation
import GRDB
import Wire

/// Runs portable SQL on a GRDB connection, with its statements prepared once and kept.
struct SQLiteSession: Session {
    let db: GRDB.Database
    let place: String

    func run(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        try SQLiteEngine.translating(place) {
            let (text, values) = sql.rendered(for: .sqlite)
            let statement = try db.cachedStatement(sql: text)
            let cursor = try GRDB.Row.fetchCursor(statement, arguments: try Self.arguments(values))
            while let row = try cursor.next() {
                try body(Row(values: (0..<row.count).map { SQLValue(row[$0] as DatabaseValue) }))
            }
        }
    }

    func execute(_ sql: SQL) throws -> Int {
        try SQLiteEngine.translating(place) {
            let (text, values) = sql.rendered(for: .sqlite)
            let statement = try db.cachedStatement(sql: text)
            try statement.execute(arguments: try Self.arguments(values))
            return db.changesCount
        }
    }

    /// - Throws: `DatabaseError` for values that the engine would silently turn into others.
    private static func arguments(_ values: [SQLValue]) throws -> StatementArguments {
        for value in values {
            switch value {
            case .text(let text) where text.containsZero:
                throw DatabaseError(
                    .invalidParameterValue,
                    "The text '\(text.prefix(80).replacing("\0", with: "\\u0000"))' contains the character U+0000, which "
                        + "cannot be stored.")
            case .double(let double) where double.isNaN:
                throw DatabaseError(.invalidParameterValue, "NaN cannot be stored as a number.")
            default: break
            }
        }
        // As existentials: for a sequence of one type GRDB maps by a key path, which takes longer than the binding.
        return StatementArguments(values.map { $0.databaseValue as (any DatabaseValueConvertible)? })
    }
}

extension String {
    fileprivate var containsZero: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? utf8.contains(0)
    }
}

extension SQLValue {
    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .text(value)
        case .blob(let value): self = .bytes(Array(value))
        }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .double(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .bytes(let value): Data(value).databaseValue
        }
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
