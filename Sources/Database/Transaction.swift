/// Reads within one consistent snapshot. It lives only inside the closure it is handed to.
///
/// A statement that fails takes the transaction with it: each that follows fails in the same way, and so does the
/// transaction, also when its body caught the error.
@usableFromInline
package class Reader {
    private let session: any Session
    /// The error of the statement that failed.
    private(set) var failure: DatabaseError?

    init(session: any Session) {
        self.session = session
    }

    fileprivate func perform<Value>(_ statement: (any Session) throws -> Value) throws -> Value {
        if let failure { throw failure }
        do {
            return try statement(session)
        } catch let error as DatabaseError {
            failure = error
            throw error
        }
    }

    /// Hands over each row as it comes, for results too large to hold.
    package func forEachRow(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        try perform { try $0.run(sql, body) }
    }

    @usableFromInline
    func forEachRow(_ rows: OwnedRows, ownedBy owners: [SQLValue], _ body: (Int, Row) throws -> Void) throws {
        guard !owners.isEmpty else { return }
        try perform { try $0.run(rows, of: owners, body) }
    }
}

/// Reads and writes that become visible and durable together, or not at all.
package final class Transaction: Reader {
    private var afterCommit: [@Sendable () -> Void] = []
    private(set) var topics: Set<Topic> = []

    /// Runs a statement that changes rows.
    /// - Returns: how many rows it changed.
    @discardableResult
    package func execute(_ sql: SQL) throws -> Int {
        try perform { try $0.execute(sql) }
    }

    /// Inserts many rows, in the way that is fastest for the engine.
    /// - Parameters:
    ///   - table: with its columns, such as `runs (run_id, name)`.
    ///   - rows: each with a value a column.
    ///   - tail: such as `ON CONFLICT DO NOTHING`.
    /// - Returns: how many rows changed.
    @discardableResult
    package func insert(into table: SQL, rows: [[SQLValue]], _ tail: SQL = "") throws -> Int {
        guard let width = rows.first?.count else { return 0 }
        return try perform { try $0.insert(into: table, width: width, rows: rows, tail) }
    }

    /// Changes many rows, in the way that is fastest for the engine.
    /// - Parameters:
    ///   - columns: what changes.
    ///   - key: a column that tells one row from the others.
    ///   - rows: each with a value a column, and that of the key at its end.
    /// - Returns: how many rows changed.
    @discardableResult
    package func update(_ table: SQL, set columns: [SQL], by key: SQL, rows: [[SQLValue]]) throws -> Int {
        guard !rows.isEmpty else { return 0 }
        return try perform { try $0.update(table, set: columns, by: key, rows: rows) }
    }

    /// Lets the engine count on after the greatest number in an identity column, once rows came with numbers of their own.
    package func resumeIdentity(of table: String, column: String) throws {
        try perform { try $0.resumeIdentity(of: table, column: column) }
    }

    /// Runs `action` once the transaction is durable; never when it is rolled back. It must not block.
    package func onCommit(_ action: @escaping @Sendable () -> Void) {
        afterCommit.append(action)
    }

    /// Wakes who waits for a topic, in every server on the database, once the transaction is durable.
    package func announce(_ topic: Topic) {
        topics.insert(topic)
    }

    func committed() {
        for action in afterCommit { action() }
    }
}

/// What an engine gives to a reader or a transaction.
protocol Session {
    func run(_ sql: SQL, _ body: (Row) throws -> Void) throws
    func run(_ rows: OwnedRows, of owners: [SQLValue], _ body: (Int, Row) throws -> Void) throws
    func execute(_ sql: SQL) throws -> Int
    func insert(into table: SQL, width: Int, rows: [[SQLValue]], _ tail: SQL) throws -> Int
    func update(_ table: SQL, set columns: [SQL], by key: SQL, rows: [[SQLValue]]) throws -> Int
    func resumeIdentity(of table: String, column: String) throws
}
