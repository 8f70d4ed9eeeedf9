import Synchronization

/// The ids of the worker processes of a model that run now, for whoever asks the system what they take.
final class RunningProcesses: Sendable {
    private let running = Mutex<Set<Int32>>([])

    var ids: [Int32] { running.withLock { $0.sorted() } }

    func began(_ id: Int32) {
        running.withLock { _ = $0.insert(id) }
    }

    func ended(_ id: Int32) {
        running.withLock { _ = $0.remove(id) }
    }
}
