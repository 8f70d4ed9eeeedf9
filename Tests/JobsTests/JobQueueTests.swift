import Database
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Jobs

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct JobQueueTests {
    let home: TestDatabase
    let database: Database
    let now = TestClock()
    let queue: JobQueue

    init() async throws {
        home = try await TestDatabase()
        database = try home.open()
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

    @Test func aJobThatIsPostponedHasNotBeenTried() async throws {
        let id = try await enqueue()
        let job = try #require(try await queue.take(kinds: ["greet"]))
        try await queue.postpone(job, for: .seconds(5))
        #expect(try await queue.take(kinds: ["greet"]) == nil)
        #expect(try await queue.job(id: id)?.attempts == 0)
        now.advance(by: 5000)
        #expect(try await queue.take(kinds: ["greet"])?.attempts == 1)
    }

    /// Alone on its database, a server that starts knows that nobody is left who holds a lease. Where others may be, it
    /// waits until the lease runs out.
    @Test func leasesOfServersThatMayLiveAreNotTaken() async throws {
        _ = try await enqueue()
        _ = try #require(try await queue.take(kinds: ["greet"]))
        let database = try home.open()
        let starting = JobQueue(database: database, clock: now.clock, entropy: .system)
        try await starting.releaseAbandoned()
        let isShared = TestEngine.current == .postgres
        #expect(try await (starting.take(kinds: ["greet"]) == nil) == isShared)
        now.advance(by: 30_000)
        #expect(try await starting.take(kinds: ["greet"]) != nil)
        try database.close()
    }

    @Test func aWorkerNoticesWhatAnotherServerEnqueues() async throws {
        guard TestEngine.current == .postgres else { return }
        let database = try home.open()
        let elsewhere = JobQueue(database: database, clock: now.clock, entropy: .system)
        let ids = try await run { done in
            var ids: [String] = []
            for number in 0..<5 {
                let payload: JSON = ["number": .integer(Int64(number))]
                ids.append(try await database.write { try elsewhere.enqueue("greet", payload, in: $0) })
                for await _ in done.prefix(1) {}
            }
            return ids
        } handler: { _ in
            "hello"
        }
        for id in ids { #expect(try await queue.job(id: id)?.state == .done) }
        try database.close()
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

    @Test func aWorkerOutlivesADatabaseThatFails() async throws {
        let id = try await enqueue()
        try await rename("jobs", to: "away")
        let looks = now.looks()
        try await run { [self] attempts in
            // The second look comes after the first has failed.
            for await _ in looks.prefix(2) {}
            try await rename("away", to: "jobs")
            for await _ in attempts.prefix(1) {}
        } handler: { _ in
            "hello"
        }
        #expect(try await queue.job(id: id)?.state == .done)
    }

    @Test func workThatIsDoneIsNotDoneAgainWhenItsEndCannotBeStoredAtOnce() async throws {
        let id = try await enqueue()
        let looks = now.looks()
        try await run { [self] attempts in
            // The lease, the end that cannot be stored, and the same again.
            for await _ in looks.prefix(3) {}
            try await rename("away", to: "jobs")
            for await _ in looks where try await queue.job(id: id)?.state != .running { break }
        } handler: { [self] _ in
            try await rename("jobs", to: "away")
            return "hello"
        }
        let job = try #require(try await queue.job(id: id))
        #expect(job.state == .done)
        #expect(job.attempts == 1)
    }

    @Test func aLeaseThatCannotBeRenewedDoesNotBreakOffTheWork() async throws {
        let id = try await enqueue()
        let looks = now.looks()
        try await run(renewal: .milliseconds(1)) { attempts in
            for await _ in attempts.prefix(1) {}
        } handler: { [self] _ in
            try await rename("jobs", to: "away")
            // The lease, and renewals of which the second comes after the first has failed.
            for await _ in looks.prefix(4) {}
            try await rename("away", to: "jobs")
            return "hello"
        }
        #expect(try await queue.job(id: id)?.state == .done)
    }

    @Test func aJobThatNobodyHereDoesWakesNobody() async throws {
        _ = try await enqueue("sing")
        #expect(try await queue.timeUntilNext(kinds: ["greet"]) == nil)
        #expect(try await queue.timeUntilNext(kinds: ["greet", "sing"]) == .zero)
    }

    @Test func aFailureIsKeptWhateverItSays() async throws {
        let id = try await enqueue()
        let job = try #require(try await queue.take(kinds: ["greet"]))
        try await queue.fail(job, because: "a\0b", retryAfter: nil)
        #expect(try await queue.job(id: id)?.failure == "a\u{FFFD}b")
    }

    /// While it has another name, whatever touches the table fails.
    private func rename(_ table: SQL, to name: SQL) async throws {
        try await database.write { try $0.execute("ALTER TABLE \(table) RENAME TO \(name)") }
    }

    /// Runs a worker while `body` runs; `body` gets a value for every attempt whose outcome has been stored.
    private func run<Value: Sendable>(
        renewal: Duration = JobQueue.lease / 3, _ body: @escaping @Sendable (AsyncStream<Void>) async throws -> Value,
        handler: @escaping @Sendable (Job) async throws -> JSON
    ) async throws -> Value {
        let (attempts, attempt) = AsyncStream.makeStream(of: Void.self)
        let handler = JobHandler(kind: "greet", maximumAttempts: 2) { job in
            defer { attempt.yield() }
            return try await handler(job)
        }
        let worker = JobWorker(queue: queue, handlers: [handler], logger: LiveServer.quiet, renewal: renewal)
        let group = ServiceGroup(services: [worker], logger: LiveServer.quiet)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [now] in
                defer {
                    // A worker that died is waited for by nobody.
                    attempt.finish()
                    now.stop()
                }
                try await group.run()
            }
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
    private let listener = Mutex<AsyncStream<Void>.Continuation?>(nil)

    /// A value for each look at the clock from now on.
    func looks() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        listener.withLock { $0 = continuation }
        return stream
    }

    /// Ends `looks`.
    func stop() {
        listener.withLock { $0 }?.finish()
    }

    var clock: WallClock {
        WallClock { [self] in
            listener.withLock { $0 }?.yield()
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
