import Synchronization
import Wire

/// The connection that writes.
///
/// Each transaction first takes a lock that all servers on the database share. It is held until the commit is visible, so
/// whatever a transaction reads is what the one before it left, on whichever server that was. Hence READ COMMITTED: the
/// snapshot of a stricter level would be taken before the lock is.
final class PostgresWriter: WriterSession {
    private let link: PostgresLink
    private let location: PostgresLocation
    private let pid: WriterPID
    private var current: PostgresConnection?

    /// The name of the lock; any number, but for ever the same.
    private static let lock: Int64 = 0x6d61_7274_6c65_7401

    /// Nobody waits for the lock without end, and a server that hangs while it has the lock loses it.
    static let settings = """
        SET client_min_messages = warning; SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'
        """

    init(link: PostgresLink, location: PostgresLocation, pid: WriterPID) {
        self.link = link
        self.location = location
        self.pid = pid
    }

    func begin() throws {
        current = nil
        let connection = try link.begin(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock(\(Self.lock))")
        pid.value.store(connection.serverPID, ordering: .relaxed)
        current = connection
    }

    func commit(announcing topics: Set<Topic>) throws {
        let connection = try connection()
        for topic in topics.sorted(by: { $0.name < $1.name }) {
            let parameters = try PostgresParameters([.text(PostgresListener.channel), .text(topic.name)])
            try connection.query("SELECT pg_notify($1, $2)", parameters) { _ in }
        }
        do {
            try connection.command("COMMIT")
        } catch  where connection.isLost {
            throw location.lostDuringCommit((error as? DatabaseError)?.message ?? "\(error)")
        }
    }

    func rollBack() {
        if let current, current.isInTransaction { try? current.command("ROLLBACK") }
    }

    func setSavepoint() throws { try connection().command("SAVEPOINT write") }
    func rollBackToSavepoint() throws { try connection().command("ROLLBACK TO write") }
    func releaseSavepoint() throws { try connection().command("RELEASE write") }

    var isInTransaction: Bool { current?.isInTransaction ?? false }

    func run(_ sql: SQL, _ body: (Row) throws -> Void) throws { try session().run(sql, body) }
    func execute(_ sql: SQL) throws -> Int { try session().execute(sql) }

    func run(_ rows: OwnedRows, of owners: [SQLValue], _ body: (Int, Row) throws -> Void) throws {
        try session().run(rows, of: owners, body)
    }

    func insert(into table: SQL, width: Int, rows: [[SQLValue]], _ tail: SQL) throws -> Int {
        try session().insert(into: table, width: width, rows: rows, tail)
    }

    func update(_ table: SQL, set columns: [SQL], by key: SQL, rows: [[SQLValue]]) throws -> Int {
        try session().update(table, set: columns, by: key, rows: rows)
    }

    func resumeIdentity(of table: String, column: String) throws {
        try session().resumeIdentity(of: table, column: column)
    }

    private func session() throws -> PostgresSession { PostgresSession(connection: try connection()) }

    private func connection() throws -> PostgresConnection {
        guard let current else { throw DatabaseError(.internalError, "The writer of \(location.place) has not begun.") }
        return current
    }
}

/// The number by which the server knows this server's writer; 0 before it has written.
final class WriterPID: Sendable {
    let value = Atomic<Int32>(0)
}
