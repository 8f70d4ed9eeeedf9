/// The connection of one thread: made when it is first needed, and anew after it was lost.
final class PostgresLink {
    private let library: LibPQ
    private let location: PostgresLocation
    private let settings: String
    private var connection: PostgresConnection?
    private var backoff = Backoff()

    /// - Parameter settings: statements that each new connection begins with.
    init(_ library: LibPQ, _ location: PostgresLocation, settings: String) {
        self.library = library
        self.location = location
        self.settings = settings
    }

    /// A connection within a new transaction.
    ///
    /// One that was idle may have died unnoticed. Nothing has been done on it yet, so beginning on another is safe; later
    /// in a transaction nothing is tried twice.
    /// - Parameter statement: begins the transaction.
    func begin(_ statement: String) throws -> PostgresConnection {
        if let connection, !connection.isLost {
            do {
                try connection.command(statement)
                return connection
            } catch  where connection.isLost {
                self.connection = nil
            }
        }
        let fresh = try connected()
        try fresh.command(statement)
        return fresh
    }

    /// - Throws: at once, without trying, when the last attempt failed a moment ago.
    private func connected() throws -> PostgresConnection {
        connection = nil
        let now = ContinuousClock.now
        if let error = backoff.error(at: now) { throw error }
        do {
            let fresh = try PostgresConnection(library, location, settings: settings)
            backoff = Backoff()
            connection = fresh
            return fresh
        } catch let error as DatabaseError {
            backoff.failed(with: error, at: now)
            throw error
        }
    }
}

/// When to try again what has failed; a pure value. The pauses grow, so that a server that comes back is not met by a
/// crowd, and stay short, so that it is not kept waiting.
struct Backoff {
    private var failure: (error: DatabaseError, until: ContinuousClock.Instant)?
    private(set) var pause = Duration.milliseconds(50)

    private static let longest = Duration.seconds(2)

    /// Why there must be no attempt yet.
    func error(at now: ContinuousClock.Instant) -> DatabaseError? {
        failure.flatMap { now < $0.until ? $0.error : nil }
    }

    mutating func failed(with error: DatabaseError, at now: ContinuousClock.Instant) {
        failure = (error, now + pause)
        pause = min(pause * 2, Self.longest)
    }
}
