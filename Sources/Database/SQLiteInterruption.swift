import GRDB
import GRDBSQLite
import Synchronization

/// Ends a read that nobody waits for any more.
final class SQLiteInterruption: Sendable {
    private struct State: @unchecked Sendable {
        /// The connection that reads now. SQLite lets any thread interrupt it, as long as it is open.
        var connection: SQLiteConnection?
        var isInterrupted = false
    }

    private let state = Mutex(State())

    /// - Throws: what `body` throws; `CancellationError` once it is interrupted.
    func during<Value>(_ db: GRDB.Database, _ body: () throws -> Value) throws -> Value {
        let isInterrupted = state.withLock { state in
            state.connection = db.sqliteConnection
            return state.isInterrupted
        }
        defer { state.withLock { $0.connection = nil } }
        if isInterrupted { throw CancellationError() }
        do {
            return try body()
        } catch {
            throw state.withLock(\.isInterrupted) ? CancellationError() : error
        }
    }

    func interrupt() {
        state.withLock { state in
            state.isInterrupted = true
            if let connection = state.connection { sqlite3_interrupt(connection) }
        }
    }
}
