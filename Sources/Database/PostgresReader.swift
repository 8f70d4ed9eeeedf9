/// Reads on one thread's connection.
struct PostgresReader {
    let link: PostgresLink

    /// A reader that hangs must not keep old rows from being cleaned up for ever.
    static let settings = "SET client_min_messages = warning; SET idle_in_transaction_session_timeout = '10min'"

    func read<Value: Sendable>(
        _ body: @Sendable (Reader) throws -> Value, _ continuation: CheckedContinuation<Value, any Error>
    ) {
        let connection: PostgresConnection
        do {
            connection = try link.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        } catch {
            return continuation.resume(throwing: error)
        }
        let result = Result { try body(Reader(session: PostgresSession(connection: connection))) }
        continuation.resume(with: result)
        // Whoever asked need not wait for it. Where it fails the connection is lost, which the next one to use it sees.
        try? connection.command("ROLLBACK")
    }
}
