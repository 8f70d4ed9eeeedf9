import GRDB
import Wire

extension Database {
    /// Opens an SQLite file that another program wrote, to read it and nothing else.
    /// - Throws: `DatabaseError` when there is no such file, or it is no database.
    package static func openReadOnly(path: String) throws -> Database {
        Database(engine: try SQLiteFile(path: path))
    }
}

/// An SQLite file that is only read, through one connection, so that nothing of it changes: not even its journal mode.
private final class SQLiteFile: Engine {
    let place: String
    let dialect = Dialect.sqlite
    let isShared = false
    private let bulletin = Bulletin()
    private let queue: DatabaseQueue

    init(path: String) throws {
        place = path
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        queue = try SQLiteEngine.translating(path) { try DatabaseQueue(path: path, configuration: configuration) }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Reader) throws -> Value) async throws -> Value {
        let place = place
        return try await queue.read { db in
            try SQLiteEngine.translating(place) { try body(Reader(session: SQLiteSession(db: db, place: place))) }
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        throw DatabaseError(.invalidParameterValue, "\(place) was opened to be read only.")
    }

    func close() throws {
        try queue.close()
    }

    func signal(of topic: Topic) -> Signal { bulletin.signal(of: topic) }

    var waitingWrites: Int { 0 }
}
