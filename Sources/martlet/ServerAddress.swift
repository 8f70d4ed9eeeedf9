import Synchronization
import Wire

/// Where the server listens, for what it starts itself; known only once the port is bound.
final class ServerAddress: Sendable {
    private let current = Mutex<String?>(nil)
    private let known = Signal()

    func set(_ url: String) {
        current.withLock { $0 = url }
        known.notify()
    }

    /// Such as `http://127.0.0.1:8080`. Waits for the server to listen.
    /// - Throws: `CancellationError` when the server ends before.
    func url() async throws -> String {
        while true {
            let changes = known.subscribe()
            if let url = current.withLock(\.self) { return url }
            for await _ in changes { break }
            try Task.checkCancellation()
        }
    }
}
