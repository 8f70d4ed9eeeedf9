import Wire

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

    /// Opens the database that `location` names, creating it when it is new.
    package static func open(_ location: DatabaseLocation) throws -> Database {
        switch location {
        case .sqlite(let path): Database(engine: try SQLiteEngine(path: path))
        }
    }

    /// Runs `body` on a snapshot that no writer disturbs and that disturbs no writer.
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

    /// How many transactions wait for the writer now.
    package var waitingWrites: Int { engine.waitingWrites }

    /// How many may wait; beyond it `write` refuses with 503.
    package static let maximumWaitingWrites = 4096

    /// Waits for running work and closes the files. Later calls fail.
    package func close() throws {
        try engine.close()
    }
}

/// Where metadata lives.
package enum DatabaseLocation: Sendable, Hashable {
    /// A file in a local folder.
    case sqlite(path: String)

    /// Reads `sqlite:PATH`, `sqlite:///PATH` or a plain path.
    /// - Throws: `DatabaseError` for a scheme that no engine serves.
    package init(url: String) throws {
        if url.hasPrefix("sqlite:") {
            var path = url.dropFirst("sqlite:".count)
            if path.hasPrefix("///") { path = path.dropFirst(2) }
            self = .sqlite(path: String(path))
        } else if let scheme = url.firstRange(of: "://").map({ url[..<$0.lowerBound] }) {
            throw DatabaseError(
                .invalidParameterValue, "No database engine here serves '\(scheme)://' URLs.",
                hint: "Use --database sqlite:PATH, or leave it out for a file in the data folder.")
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
    var waitingWrites: Int { get }
    /// How messages name the place.
    var place: String { get }
}
