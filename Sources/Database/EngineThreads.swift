import DequeModule
import Dispatch
import Foundation
import Synchronization

/// Threads that take work from one bounded queue, each with a tool of its own, such as a connection. What engines are called for
/// blocks, which the cooperative pool's threads must not; and a connection that never leaves its thread needs no lock.
///
/// A thread starts when there is work and none is idle, until there are enough. All end with `close`.
final class EngineThreads<Tool>: Sendable {
    typealias Work = @Sendable (Tool) -> Void

    enum Admission {
        case accepted
        case refused(waiting: Int)
        case closed
    }

    private struct State {
        var waiting: Deque<Work> = []
        var threads = 0
        var idle = 0
        var isClosed = false
    }

    private let maximum: Int
    private let queueLimit: Int
    private let makeTool: @Sendable () -> Tool
    private let state = Mutex(State())
    /// Counts what waits, and once closed a wake-up for each thread.
    private let wakeUps = DispatchSemaphore(value: 0)
    private let running = DispatchGroup()

    init(maximum: Int, queueLimit: Int, makeTool: @escaping @Sendable () -> Tool) {
        self.maximum = maximum
        self.queueLimit = queueLimit
        self.makeTool = makeTool
    }

    /// What `work` comes to, which says it to the continuation.
    /// - Throws: `DatabaseError` when too much is waiting.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable (Tool, CheckedContinuation<Value, any Error>) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            switch submit({ work($0, continuation) }) {
            case .accepted: break
            case .refused(let waiting): continuation.resume(throwing: DatabaseError.overloaded(waiting: waiting))
            case .closed: continuation.resume(throwing: DatabaseError.closed)
            }
        }
    }

    func submit(_ work: @escaping Work) -> Admission {
        let (admission, needsThread) = state.withLock { state -> (Admission, Bool) in
            guard !state.isClosed else { return (.closed, false) }
            guard state.waiting.count < queueLimit else { return (.refused(waiting: state.waiting.count), false) }
            state.waiting.append(work)
            let needsThread = state.idle < state.waiting.count && state.threads < maximum
            if needsThread {
                state.threads += 1
                running.enter()
            }
            return (.accepted, needsThread)
        }
        guard case .accepted = admission else { return admission }
        if needsThread { Thread.detachNewThread { [self] in takeWork() } }
        wakeUps.signal()
        return .accepted
    }

    private func takeWork() {
        do {
            let tool = makeTool()
            while let work = next() { work(tool) }
        }
        running.leave()
    }

    /// Waits for work; nil once there will be none.
    private func next() -> Work? {
        state.withLock { $0.idle += 1 }
        wakeUps.wait()
        return state.withLock { state in
            state.idle -= 1
            return state.waiting.popFirst()
        }
    }

    /// Takes no more work. What waits is done first.
    func close() {
        let threads = state.withLock { state -> Int in
            guard !state.isClosed else { return 0 }
            state.isClosed = true
            return state.threads
        }
        for _ in 0..<threads { wakeUps.signal() }
    }

    /// Closes, and waits until all threads have ended.
    func closeAndWait() {
        close()
        running.wait()
    }
}
