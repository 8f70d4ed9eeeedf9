import NIOCore

/// Runs tasks on one event loop, so that a request is read, answered and written without a change of threads.
final class EventLoopExecutor: TaskExecutor {
    let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Starts a task; where the language can, at once, up to where it first waits.
    func start(_ operation: sending @escaping () async -> Void) {
        if #available(macOS 26, *) {
            Task.immediate(executorPreference: self, operation: operation)
        } else {
            Task(executorPreference: self, operation: operation)
        }
    }
}
