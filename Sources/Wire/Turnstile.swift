import Synchronization

/// Lets in a bounded number at a time; the others wait in the order in which they came.
package final class Turnstile: Sendable {
    /// What `enter` throws when no more may wait.
    package struct Crowded: Error {
        package let waiting: Int
    }

    private struct State {
        var free: Int
        var waiting: [(id: Int, continuation: CheckedContinuation<Void, any Error>)] = []
        var nextID = 0
    }

    private let places: Int
    private let queueLimit: Int
    private let state: Mutex<State>

    /// - Parameter queueLimit: how many may wait; for callers that something else keeps from coming in any number, there
    ///   need be no limit.
    package init(places: Int, queueLimit: Int = .max) {
        self.places = places
        self.queueLimit = queueLimit
        state = Mutex(State(free: places))
    }

    /// Enters when that takes no wait; `true` must be followed by one `leave`.
    package func enterIfFree() -> Bool {
        state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
    }

    /// Whether at most half of the places are free.
    package var isCrowded: Bool {
        state.withLock { $0.free * 2 <= places }
    }

    /// How many wait.
    package var waiting: Int {
        state.withLock { $0.waiting.count }
    }

    /// Every return must be followed by one `leave`.
    /// - Throws: `CancellationError` when the task is cancelled before its turn, `Crowded` when too many wait.
    package func enter() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard state.free == 0 else {
                        state.free -= 1
                        return .success(())
                    }
                    guard state.waiting.count < queueLimit else {
                        return .failure(Crowded(waiting: state.waiting.count))
                    }
                    state.waiting.append((id: id, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    package func leave() {
        let next = state.withLock { state in
            if state.waiting.isEmpty {
                state.free += 1
                return nil as CheckedContinuation<Void, any Error>?
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }
}
