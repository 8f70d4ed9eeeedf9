import Synchronization

/// Wakes whoever waits for something to have happened; what it was, they look up themselves.
package final class Signal: Sendable {
    private struct Listeners {
        var continuations: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextKey = 0
        var count = 0
    }

    private let listeners = Mutex(Listeners())

    package init() {}

    /// How often it woke. Who looks at something from time to time sees by it that it has to look now.
    package var count: Int { listeners.withLock { $0.count } }

    /// An element for each wake-up from now on; those that come while the listener is busy count as one. The stream ends
    /// with the task that iterates it.
    package func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let key = listeners.withLock { listeners in
            listeners.nextKey += 1
            listeners.continuations[listeners.nextKey] = continuation
            return listeners.nextKey
        }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { _ = $0.continuations.removeValue(forKey: key) }
        }
        return stream
    }

    package func notify() {
        let continuations = listeners.withLock { listeners in
            listeners.count += 1
            return Array(listeners.continuations.values)
        }
        for continuation in continuations { continuation.yield() }
    }
}
