import Synchronization

/// What a call and the cancellation of the task that waits for it know of each other.
///
/// waiting → running → ended; cancelled in any of them. Only a call that runs is interrupted: the connection may be
/// another's turn.
final class CancellationMark: Sendable {
    private struct State {
        var isRunning = false
        var isCancelled = false
    }

    private let state = Mutex(State())

    func begin() throws {
        try state.withLock { state in
            if state.isCancelled { throw CancellationError() }
            state.isRunning = true
        }
    }

    func end() {
        state.withLock { $0.isRunning = false }
    }

    func cancel(interrupt: () -> Void) {
        state.withLock { state in
            state.isCancelled = true
            if state.isRunning { interrupt() }
        }
    }

    func check() throws {
        if state.withLock({ $0.isCancelled }) { throw CancellationError() }
    }
}
