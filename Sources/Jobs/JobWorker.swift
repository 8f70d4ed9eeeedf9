package import Logging
import ServiceLifecycle
import Wire

/// Does the jobs of the queue, one at a time per worker, until the server shuts down.
package struct JobWorker: Service {
    private let queue: JobQueue
    private let handlers: [String: JobHandler]
    private let logger: Logger

    package init(queue: JobQueue, handlers: [JobHandler], logger: Logger) {
        self.queue = queue
        self.handlers = Dictionary(handlers.map { ($0.kind, $0) }, uniquingKeysWith: { _, last in last })
        self.logger = logger
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Listens before it looks, so that no job slips in between.
                let arrivals = queue.arrivals.subscribe()
                if let job = try await queue.take(kinds: Array(handlers.keys)) {
                    try await perform(job)
                } else {
                    await wait(for: arrivals)
                }
            }
        }
    }

    /// Sleeps until a job arrives or the next one is due.
    private func wait(for arrivals: AsyncStream<Void>) async {
        let pause = min((try? await queue.timeUntilNext()) ?? .seconds(60), .seconds(60))
        await withTaskGroup { group in
            group.addTask { for await _ in arrivals { return } }
            group.addTask { try? await Task.sleep(for: pause) }
            await group.next()
            group.cancelAll()
        }
    }

    private func perform(_ job: Job) async throws {
        guard let handler = handlers[job.kind] else { return }
        do {
            let result = try await holding(job) { try await handler.run(job) }
            try await queue.finish(job, result: result)
        } catch is CancellationError {
            // The server is shutting down; the lease runs out and the job is taken again after the next start.
        } catch {
            let failure = (error as? any Problem)?.description ?? "\(error)"
            logger.warning("Job \(job.id) (\(job.kind)) failed: \(failure)")
            let isLast = job.attempts >= handler.maximumAttempts
            let delay = Duration.seconds(1 << min(job.attempts, 8))
            try await queue.fail(job, because: failure, retryAfter: isLast ? nil : delay)
        }
    }

    /// Runs `body` and renews the job's lease while it does.
    private func holding<Value: Sendable>(
        _ job: Job, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while true {
                    try await Task.sleep(for: JobQueue.lease / 3)
                    try await queue.renew(job)
                }
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}
