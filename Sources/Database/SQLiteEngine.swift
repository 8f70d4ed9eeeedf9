import GRDB
import Synchronization
import Wire

/// SQLite through GRDB: write-ahead log, readers beside one writer, each commit on disk before it is answered.
final class SQLiteEngine: Engine {
    let place: String
    private let pool: DatabasePool
    private let queue = Mutex(WriteQueue())

    /// The most transactions that share one commit, so that none waits long for the others.
    private static let maximumGroup = 256

    /// - Parameter path: the database file; its folder must exist.
    init(path: String) throws {
        place = path
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 6
        configuration.prepareDatabase { db in
            // FULL: a commit is on disk when it returns, also when the power fails.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "PRAGMA cache_size = -16000")
            try db.execute(sql: "PRAGMA case_sensitive_like = ON")
        }
        pool = try SQLiteEngine.translating(path) { try DatabasePool(path: path, configuration: configuration) }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Reader) throws -> Value) async throws -> Value {
        let place = place
        return try await pool.read { db in
            try SQLiteEngine.translating(place) { try body(Reader(session: SQLiteSession(db: db, place: place))) }
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(PendingWrite(body: body, continuation: continuation))
        }
    }

    func close() throws {
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA optimize") }
        try pool.close()
    }

    var waitingWrites: Int { queue.withLock(\.count) }

    /// Adds a job and, when no drain is under way, starts one on the writer's thread.
    private func enqueue(_ job: PendingWrite) {
        let admission = queue.withLock { $0.admit(job, limit: Database.maximumWaitingWrites) }
        switch admission {
        case .refused(let waiting): job.fail(DatabaseError.overloaded(waiting: waiting))
        case .waiting: break
        case .startDrain:
            pool.asyncWriteWithoutTransaction { [self] db in
                while let group = queue.withLock({ $0.nextGroup(limit: Self.maximumGroup) }) {
                    commit(group, in: db)
                }
            }
        }
    }

    /// Runs the group's bodies, each in a savepoint, commits once, then answers all.
    private func commit(_ group: [PendingWrite], in db: GRDB.Database) {
        var outcomes: [any WriteOutcome] = []
        do {
            try SQLiteEngine.translating(place) {
                try db.execute(sql: "BEGIN IMMEDIATE")
                for job in group { outcomes.append(try run(job, in: db)) }
                try db.execute(sql: "COMMIT")
            }
            for outcome in outcomes { outcome.answer() }
        } catch {
            if db.isInsideTransaction { try? db.execute(sql: "ROLLBACK") }
            for job in group { job.fail(error) }
        }
    }

    /// A body that throws is rolled back alone.
    /// - Throws: when the transaction as a whole is lost, as on a full disk.
    private func run(_ job: PendingWrite, in db: GRDB.Database) throws -> any WriteOutcome {
        try db.execute(sql: "SAVEPOINT job")
        let outcome = job.run(Transaction(session: SQLiteSession(db: db, place: place)))
        if let error = outcome.error {
            guard db.isInsideTransaction else { throw error }
            try db.execute(sql: "ROLLBACK TO job")
        }
        try db.execute(sql: "RELEASE job")
        return outcome
    }
}
