import Database
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Jobs

@Suite(.timeLimit(.minutes(5))) struct JobQueueTests {
    let folder: TemporaryFolder
    let database: Database
    let now = TestClock()
    let queue: JobQueue

    init() async throws {
        folder = try TemporaryFolder()
        database = try Database.open(.sqlite(path: folder.path("test.db")))
        try await database.migrate(JobSchema.migrations)
        queue = JobQueue(database: database, clock: now.clock, entropy: .system)
    }

    private func enqueue(_ kind: String = "greet", after delay: Duration = .zero) async throws -> String {
        try await database.write { [queue] in try queue.enqueue(kind, ["to": "ann"], after: delay, in: $0) }
    }

    @Test func aJobIsTakenOnceAndOnlyWhenItIsDue() async throws {
        let id = try await enqueue(after: .seconds(5))
        #expect(try await queue.take(kinds: ["greet"]) == nil)
        now.advance(by: 5000)
        #expect(try await queue.take(kinds: ["other"]) == nil)
        let job = try #require(try await queue.take(kinds: ["greet"]))
        #expect(job.id == id)
        #expect(job.payload == ["to": "ann"])
        #expect(try await queue.take(kinds: ["greet"]) == nil)
    }

    @Test func manyTakersNeverShareAJob() async throws {
        for _ in 0..<20 { _ = try await enqueue() }
        let taken = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<40 { group.addTask { [queue] in try await queue.take(kinds: ["greet"])?.id } }
            var ids: [String] = []
            for try await id in group { if let id { ids.append(id) } }
            return ids
        }
        #expect(taken.count == 20)
        #expect(Set(taken).count == 20)
    }

    @Test func aJobWhoseWorkerDiedIsTakenAgainAndTheDeadWorkerCannotEndIt() async throws {
        let id = try await enqueue()
        let first = try #require(try await queue.take(kinds: ["greet"]))
        now.advance(by: 29_999)
        #expect(try await queue.take(kinds: ["greet"]) == nil)
        now.advance(by: 1)
        let second = try #require(try await queue.take(kinds: ["greet"]))
        #expect(second.attempts == 2)
        try await queue.finish(first, result: "late")
        #expect(try await queue.job(id: id)?.state == .running)
        try await queue.finish(second, result: "done")
        #expect(try await queue.job(id: id)?.result == "done")
    }

    @Test func aRolledBackTransactionOwesNoJob() async throws {
        struct Oops: Error {}
        await #expect(throws: Oops.self) {
            try await database.write { [queue] transaction in
                try queue.enqueue("greet", [:], in: transaction)
                throw Oops()
            }
        }
        #expect(try await queue.take(kinds: ["greet"]) == nil)
    }

    @Test func aWorkerDoesWhatArrivesAndKeepsTheResult() async throws {
        let ids = try await run { [self] done in
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await enqueue()) }
            for await _ in done.prefix(3) {}
            return ids
        } handler: { _ in
            "hello"
        }
        for id in ids { #expect(try await queue.job(id: id)?.state == .done) }
    }

    @Test func aFailureIsTriedAgainAndThenRecorded() async throws {
        struct Oops: Problem {
            var code: ProblemCode { .internalError }
            var message: String { "out of ink" }
        }
        let id = try await enqueue()
        // Each look at the clock is ten seconds later, so that the second attempt is due at once.
        now.passes(10_000)
        try await run { attempts in
            for await _ in attempts.prefix(2) {}
        } handler: { _ in
            throw Oops()
        }
        let job = try #require(try await queue.job(id: id))
        #expect(job.attempts == 2)
        #expect(job.state == .failed)
        #expect(job.failure == "out of ink")
    }

    /// Runs a worker while `body` runs; `body` gets a value for every attempt whose outcome has been stored.
    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (AsyncStream<Void>) async throws -> Value,
        handler: @escaping @Sendable (Job) async throws -> JSON
    ) async throws -> Value {
        let (attempts, attempt) = AsyncStream.makeStream(of: Void.self)
        let handler = JobHandler(kind: "greet", maximumAttempts: 2) { job in
            defer { attempt.yield() }
            return try await handler(job)
        }
        let worker = JobWorker(queue: queue, handlers: [handler], logger: LiveServer.quiet)
        let group = ServiceGroup(services: [worker], logger: LiveServer.quiet)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let value = try await body(attempts)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return value
        }
    }
}

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_000_000)
    private let step = Mutex<Int64>(0)

    var clock: WallClock {
        WallClock { [self] in
            advance(by: step.withLock { $0 })
            return Timestamp(milliseconds: milliseconds.withLock { $0 })
        }
    }

    /// From now on every look at the clock moves it by so many milliseconds.
    func passes(_ amount: Int64) {
        step.withLock { $0 = amount }
    }

    func advance(by amount: Int64) {
        milliseconds.withLock { $0 += amount }
    }
}
