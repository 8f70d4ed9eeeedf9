package import Logging
import ServiceLifecycle
import Wire

/// Does the jobs of the queue, one at a time per worker, until the server shuts down.
package struct JobWorker: Service {
    private let queue: JobQueue
    private let handlers: [String: JobHandler]
    private let logger: Logger
    /// How often the lease of the job under way is renewed.
    private let renewal: Duration

    /// How long it leaves a database alone that failed, as one on a full disk does.
    private static let rest = Duration.seconds(1)

    package init(queue: JobQueue, handlers: [JobHandler], logger: Logger, renewal: Duration = JobQueue.lease / 3) {
        self.queue = queue
        self.handlers = Dictionary(handlers.map { ($0.kind, $0) }, uniquingKeysWith: { _, last in last })
        self.logger = logger
        self.renewal = renewal
    }

    package func run() async throws {
        let kinds = Array(handlers.keys)
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Listens before it looks, so that no job slips in between.
                let arrivals = queue.arrivals.subscribe()
                do {
                    if let job = try await queue.take(kinds: kinds) {
                        await perform(job)
                    } else {
                        await wait(for: arrivals, atMost: try await queue.timeUntilNext(kinds: kinds))
                    }
                } catch {
                    report(error, "No job can be taken for now")
                    try? await Task.sleep(for: Self.rest)
                }
            }
        }
    }

    private func report(_ error: any Error, _ what: String) {
        guard !(error is CancellationError) else { return }
        logger.warning("\(what): \((error as? any Problem)?.description ?? "\(error)")")
    }

    /// Sleeps until a job arrives or the next one is due.
    private func wait(for arrivals: AsyncStream<Void>, atMost time: Duration?) async {
        let pause = min(time ?? .seconds(60), .seconds(60))
        await withTaskGroup { group in
            group.addTask { for await _ in arrivals { return } }
            group.addTask { try? await Task.sleep(for: pause) }
            await group.next()
            group.cancelAll()
        }
    }

    private func perform(_ job: Job) async {
        guard let handler = handlers[job.kind] else { return }
        do {
            let result = try await holding(job) { try await handler.run(job) }
            await record(job) { try await queue.finish(job, result: result) }
        } catch is CancellationError {
            // The server is shutting down; the lease runs out and the job is taken again after the next start.
        } catch let postponed as PostponedJob {
            await record(job) { try await queue.postpone(job, for: postponed.delay) }
        } catch {
            let final = error as? FinalFailure
            let cause = final?.cause ?? error
            let failure = (cause as? any Problem)?.description ?? "\(cause)"
            logger.warning("Job \(job.id) (\(job.kind)) failed: \(failure)")
            let isLast = final != nil || job.attempts >= handler.maximumAttempts
            let delay = Duration.seconds(1 << min(job.attempts, 8))
            await record(job) { try await queue.fail(job, because: failure, retryAfter: isLast ? nil : delay) }
        }
    }

    /// Writes down how an attempt ended, as often as it takes: what is done but not known to be done is done again.
    private func record(_ job: Job, _ write: () async throws -> Void) async {
        repeat {
            do {
                return try await write()
            } catch {
                report(error, "The end of job \(job.id) cannot be stored for now")
                try? await Task.sleep(for: Self.rest)
            }
        } while !Task.isCancelled
        // The server shuts down; the lease runs out and the job is taken again after the next start.
    }

    /// Runs `body` and renews the job's lease while it does. Also when the server shuts down it is `body` that says how it
    /// ended: it may have done its work at that moment.
    private func holding<Value: Sendable>(
        _ job: Job, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while (try? await Task.sleep(for: renewal)) != nil {
                    // One that fails is no reason to break off the work; the next one may succeed.
                    do {
                        try await queue.renew(job)
                    } catch {
                        report(error, "The lease of job \(job.id) is not renewed for now")
                    }
                }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}
