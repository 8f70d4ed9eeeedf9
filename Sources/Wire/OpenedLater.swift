import Synchronization

/// A thing that is handed out before it is there, for two that need each other. It is held by whoever runs it, not by this:
/// each of the two would keep the other for ever.
package final class OpenedLater<Value: AnyObject & Sendable>: Sendable {
    private struct Weak: Sendable {
        weak let value: Value?
    }

    private let opened = Mutex(Weak(value: nil))

    package init() {}

    package func set(_ value: Value) {
        opened.withLock { $0 = Weak(value: value) }
    }

    /// - Throws: `NotRunning` before `set`, and once nobody runs it any more.
    package func value() throws -> Value {
        guard let value = opened.withLock({ $0.value }) else {
            throw NotRunning()
        }
        return value
    }
}

/// What is asked for is not there yet, or not any more.
private struct NotRunning: Problem {
    let code = ProblemCode.unavailable
    let message = "The server is starting or about to end."
    let hint: String? = "Try again in a moment."
}
