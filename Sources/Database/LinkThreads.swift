import DequeModule
import Dispatch
import Foundation
import Synchronization

/// Threads that take work from one bounded queue, each with a connection of its own. The calls of libpq block, which the
/// cooperative pool's threads must not; and a connection that never leaves its thread needs no lock.
///
/// A thread starts when there is work and none is idle, until there are enough. All end with `close`.
final class LinkThreads: Sendable {
    typealias Work = @Sendable (PostgresLink) -> Void

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
    private let makeLink: @Sendable () -> PostgresLink
    private let state = Mutex(State())
    /// Counts what waits, and once closed a wake-up for each thread.
    private let wakeUps = DispatchSemaphore(value: 0)
    private let running = DispatchGroup()

    init(maximum: Int, queueLimit: Int, makeLink: @escaping @Sendable () -> PostgresLink) {
        self.maximum = maximum
        self.queueLimit = queueLimit
        self.makeLink = makeLink
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
            let link = makeLink()
            while let work = next() { work(link) }
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
