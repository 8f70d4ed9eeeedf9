import Synchronization

/// What is being done, by name, so that nobody else begins it too.
package final class UnderWay: Sendable {
    private let names = Mutex<Set<String>>([])

    package init() {}

    /// - Returns: whether it was not under way.
    package func begin(_ name: String) -> Bool { names.withLock { $0.insert(name).inserted } }

    package func end(_ name: String) { names.withLock { _ = $0.remove(name) } }
}
