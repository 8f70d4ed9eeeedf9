package import Wire

/// The one SQL surface. Stores hold a `Database` and never learn which engine is behind it.
///
///     let name = try await database.read { try $0.value("SELECT name FROM runs WHERE run_id = \(id)", as: String.self) }
///     try await database.write { try $0.execute("UPDATE runs SET name = \(name) WHERE run_id = \(id)") }
///
/// Closures run on the engine's own threads and are synchronous by type: nothing awaits inside a transaction.
package final class Database: Sendable {
    let engine: any Engine

    init(engine: any Engine) {
        self.engine = engine
    }

    /// Opens the database that `location` names, creating the file when it is new. A server is only spoken to once there is
    /// something to read or write.
    /// - Throws: `DatabaseError` for a file that cannot be opened; `NativesError` when the engine's library is missing.
    package static func open(_ location: DatabaseLocation) throws -> Database {
        switch location {
        case .sqlite(let path): Database(engine: try SQLiteEngine(path: path))
        case .postgres(let location): Database(engine: try PostgresEngine(location))
        }
    }

    /// Runs `body` on a snapshot that no writer disturbs and that disturbs no writer.
    /// - Throws: what `body` throws; `DatabaseError` when too many reads are waiting.
    package func read<Value: Sendable>(_ body: @escaping @Sendable (Reader) throws -> Value) async throws -> Value {
        try await engine.read(body)
    }

    /// Runs `body` as one transaction and returns once it is durable. When `body` throws, nothing of it stays.
    ///
    /// Concurrent transactions are committed together, each isolated by a savepoint, so that many writers share the
    /// price of one durable commit.
    /// - Throws: what `body` throws; `DatabaseError` when the disk is full or too many writes are waiting.
    @discardableResult
    package func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value
    {
        try await engine.write(body)
    }

    /// Wakes for what a `Transaction` announces, here or in another server on the database. It may wake for nothing.
    package func signal(of topic: Topic) -> Signal {
        engine.signal(of: topic)
    }

    /// Whether other servers may use the database too.
    package var isShared: Bool { engine.isShared }

    /// How many transactions wait for the writer now.
    package var waitingWrites: Int { engine.waitingWrites }

    /// How many may wait; beyond it `write` refuses with 503.
    package static let maximumWaitingWrites = 4096
    /// So many reads run side by side.
    static let maximumReaders = 6
    /// How many more may wait; beyond it `read` refuses with 503.
    static let maximumWaitingReads = 4096

    /// Waits for running work and closes the files. Later calls fail.
    package func close() throws {
        try engine.close()
    }
}

/// Where metadata lives.
package enum DatabaseLocation: Sendable, Hashable {
    /// A file in a local folder.
    case sqlite(path: String)
    /// A database of a PostgreSQL server.
    case postgres(PostgresLocation)

    /// How messages name it; without a password.
    package var place: String {
        switch self {
        case .sqlite(let path): path
        case .postgres(let location): location.place
        }
    }

    /// Reads `sqlite:PATH`, `sqlite:///PATH`, a plain path, `postgres://…` or `postgresql://…`.
    /// - Throws: `DatabaseError` for a scheme that no engine serves.
    package init(url: String) throws {
        if url.hasPrefix("sqlite:") {
            var path = url.dropFirst("sqlite:".count)
            if path.hasPrefix("///") { path = path.dropFirst(2) }
            self = .sqlite(path: String(path))
        } else if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            self = .postgres(PostgresLocation(url: url))
        } else if let scheme = url.firstRange(of: "://").map({ url[..<$0.lowerBound] }) {
            throw DatabaseError(
                .invalidParameterValue, "No database engine here serves '\(scheme)://' URLs.",
                hint:
                    "Use --database postgres://USER@HOST/NAME or sqlite:PATH, or leave it out for a file in the data folder."
            )
        } else {
            self = .sqlite(path: url)
        }
    }
}

/// A database engine: how transactions run. It says nothing about what is in them.
protocol Engine: Sendable {
    func read<Value: Sendable>(_ body: @escaping @Sendable (Reader) throws -> Value) async throws -> Value
    func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value
    func close() throws
    func signal(of topic: Topic) -> Signal
    var dialect: Dialect { get }
    var isShared: Bool { get }
    var waitingWrites: Int { get }
    /// How messages name the place.
    var place: String { get }
}
