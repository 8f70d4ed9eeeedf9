import GRDB
import Synchronization
import Wire

/// SQLite through GRDB: write-ahead log, readers beside one writer, each commit on disk before it is answered.
final class SQLiteEngine: Engine {
    let place: String
    let dialect = Dialect.sqlite
    let isShared = false
    private let pool: DatabasePool
    private let readers: EngineThreads<DatabasePool>
    private let bulletin = Bulletin()
    private let writes: GroupCommit

    /// - Parameter path: the database file; its folder must exist.
    init(path: String) throws {
        place = path
        writes = GroupCommit(bulletin: bulletin)
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = Database.maximumReaders
        configuration.prepareDatabase { db in
            // FULL: a commit is on disk when it returns, also when the power fails.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // In KiB. What readers do not keep themselves the system's page cache has.
            try db.execute(sql: "PRAGMA cache_size = -\(db.configuration.readonly ? 2000 : 16000)")
            try db.execute(sql: "PRAGMA case_sensitive_like = ON")
            db.add(function: Self.matching())
        }
        let pool = try SQLiteEngine.translating(path) { try DatabasePool(path: path, configuration: configuration) }
        self.pool = pool
        readers = EngineThreads(maximum: Database.maximumReaders, queueLimit: Database.maximumWaitingReads) { pool }
    }

    /// What REGEXP calls, with the pattern and the text. A statement asks with one pattern for every row.
    private static func matching() -> DatabaseFunction {
        let latest = Mutex<(text: String, program: PatternProgram?)>(("", nil))
        return DatabaseFunction("regexp", argumentCount: 2, pure: true) { values in
            guard let pattern = String.fromDatabaseValue(values[0]), let text = String.fromDatabaseValue(values[1])
            else { return nil }
            let program = latest.withLock { latest in
                if latest.program == nil || latest.text != pattern {
                    latest = (pattern, (try? Pattern(pattern)).map { PatternProgram($0) })
                }
                return latest.program
            }
            return program?.isIn(text) ?? false
        }
    }

    deinit {
        readers.close()
    }

    /// On threads of our own: GRDB's asynchronous reads change threads four times each.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Reader) throws -> Value) async throws -> Value {
        let (place, interruption) = (place, SQLiteInterruption())
        return try await withTaskCancellationHandler {
            try await readers.run { pool, continuation in
                let result = Result {
                    try SQLiteEngine.translating(place) {
                        // Not GRDB's own transaction, whose statements are prepared anew for each.
                        try pool.unsafeRead { db in
                            let session = SQLiteSession(db: db, place: place)
                            return try session.onSnapshot {
                                try interruption.during(db) { try body(Reader(session: session)) }
                            }
                        }
                    }
                }
                continuation.resume(with: result)
            }
        } onCancel: {
            interruption.interrupt()
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        try await writes.write(body) {
            pool.asyncWriteWithoutTransaction { [writes, place] db in
                writes.drain(on: SQLiteSession(db: db, place: place))
            }
        }
    }

    func signal(of topic: Topic) -> Signal { bulletin.signal(of: topic) }

    func close() throws {
        readers.closeAndWait()
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA optimize") }
        try pool.close()
    }

    var waitingWrites: Int { writes.waiting }
}

extension SQLiteSession: WriterSession {
    var isInTransaction: Bool { db.isInsideTransaction }

    func begin() throws { try run("BEGIN IMMEDIATE") }
    /// Nobody else is there to be told.
    func commit(announcing topics: Set<Topic>) throws { try run("COMMIT") }

    func setSavepoint() throws { try run("SAVEPOINT write") }
    func rollBackToSavepoint() throws { try run("ROLLBACK TO write") }
    func releaseSavepoint() throws { try run("RELEASE write") }

    func rollBack() {
        if isInTransaction { try? run("ROLLBACK") }
    }

    /// AUTOINCREMENT sees the numbers that rows bring.
    func resumeIdentity(of table: String, column: String) {}

    private func run(_ statement: SQL) throws {
        _ = try execute(statement)
    }

    /// Runs `body` in a transaction that nothing is written in.
    fileprivate func onSnapshot<Value>(_ body: () throws -> Value) throws -> Value {
        try run("BEGIN")
        // Nothing can be lost, whichever way it ends.
        defer { rollBack() }
        return try body()
    }
}
