package import Database
package import Wire

/// The durable queue.
package struct JobQueue: Sendable {
    private let database: Database
    private let clock: WallClock
    private let entropy: Entropy
    let arrivals: Signal

    private static let topic = Topic("jobs")

    /// How long a worker holds a job without a sign of life before another may take it.
    package static let lease = Duration.seconds(30)

    package init(database: Database, clock: WallClock, entropy: Entropy) {
        self.database = database
        self.clock = clock
        self.entropy = entropy
        arrivals = database.signal(of: Self.topic)
    }

    /// Adds a job as part of `transaction`, so that it is owed exactly when the change that asks for it is made.
    /// - Returns: the job's id.
    @discardableResult
    package func enqueue(
        _ kind: String, _ payload: JSON, after delay: Duration = .zero, in transaction: Transaction
    ) throws -> String {
        let id = "j-" + entropy.hexID()
        let now = clock.now
        try transaction.execute(
            """
            INSERT INTO jobs (job_id, kind, payload, state, attempts, due_at, created_at)
            VALUES (\(id), \(kind), \(payload), \(Job.State.queued.rawValue), 0, \(now + delay), \(now))
            """)
        transaction.announce(Self.topic)
        return id
    }

    package func job(id: String) async throws -> Job? {
        try await database.read { try $0.row("SELECT \(Job.columns) FROM jobs WHERE job_id = \(id)") }
    }

    /// Those of some jobs that there are, in no order.
    package func jobs(ids: [String]) async throws -> [Job] {
        guard !ids.isEmpty else { return [] }
        return try await database.read { try $0.rows("SELECT \(Job.columns) FROM jobs WHERE job_id IN \(list: ids)") }
    }

    /// Forgets some jobs, as far as they are over.
    /// - Returns: the ids of those that are not.
    @discardableResult
    package func forget(_ ids: [String], in transaction: Transaction) throws -> [String] {
        let over: [Job.State] = [.done, .failed]
        var left: [String] = []
        var rest = ids[...]
        // Engines limit how many values a statement binds.
        while !rest.isEmpty {
            let portion = rest.prefix(512)
            try transaction.execute(
                "DELETE FROM jobs WHERE job_id IN \(list: portion) AND state IN \(list: over.map(\.rawValue))")
            left += try transaction.values("SELECT job_id FROM jobs WHERE job_id IN \(list: portion)", as: String.self)
            rest = rest.dropFirst(512)
        }
        return left
    }

    /// Takes the lease of the job that has been due longest, if there is one.
    func take(kinds: [String]) async throws -> Job? {
        let now = clock.now
        return try await database.write { transaction in
            let due: SQL = """
                kind IN \(list: kinds) AND ((state = \(Job.State.queued.rawValue) AND due_at <= \(now))
                    OR (state = \(Job.State.running.rawValue) AND lease_until <= \(now)))
                """
            return try transaction.row(
                """
                UPDATE jobs SET state = \(Job.State.running.rawValue), attempts = attempts + 1,
                    lease_until = \(now + Self.lease)
                WHERE job_id = (SELECT job_id FROM jobs WHERE \(due) ORDER BY due_at, job_id LIMIT 1) AND \(due)
                RETURNING \(Job.columns)
                """)
        }
    }

    /// Holds on to a job that takes longer than a lease.
    func renew(_ job: Job) async throws {
        let until = clock.now + Self.lease
        try await database.write { transaction in
            try transaction.execute("UPDATE jobs SET lease_until = \(until) WHERE \(Self.isHeld(job))")
        }
    }

    func finish(_ job: Job, result: JSON) async throws {
        try await end(job, as: .done, result: result, failure: nil)
    }

    /// Records a failed attempt: queued again after `delay`, or failed for good when there is none.
    func fail(_ job: Job, because failure: String, retryAfter delay: Duration?) async throws {
        // No text column holds U+0000, and what a program says may.
        let failure = failure.replacing("\0", with: "\u{FFFD}")
        guard let delay else { return try await end(job, as: .failed, result: nil, failure: failure) }
        let due = clock.now + delay
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE jobs SET state = \(Job.State.queued.rawValue), due_at = \(due), failure = \(failure),
                    lease_until = NULL
                WHERE \(Self.isHeld(job))
                """)
        }
    }

    /// Queues a job again that it was not time for. The attempt does not count.
    func postpone(_ job: Job, for delay: Duration) async throws {
        let due = clock.now + delay
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE jobs SET state = \(Job.State.queued.rawValue), due_at = \(due), attempts = attempts - 1,
                    lease_until = NULL
                WHERE \(Self.isHeld(job))
                """)
        }
    }

    /// Gives back every lease: at the start of the only server of a database, whoever held one is gone. Where there may be
    /// other servers nothing happens; what a dead one held is taken once its lease has run out.
    package func releaseAbandoned() async throws {
        guard !database.isShared else { return }
        try await database.write { transaction in
            try transaction.execute(
                "UPDATE jobs SET lease_until = 0 WHERE state = \(Job.State.running.rawValue)")
        }
    }

    /// How long until the next job of some kinds is due or the next lease ends; nil when nothing waits.
    func timeUntilNext(kinds: [String]) async throws -> Duration? {
        let moment: Timestamp? = try await database.read { reader in
            try reader.value(
                """
                SELECT MIN(CASE WHEN state = \(Job.State.queued.rawValue) THEN due_at ELSE lease_until END) FROM jobs
                WHERE kind IN \(list: kinds)
                    AND state IN (\(Job.State.queued.rawValue), \(Job.State.running.rawValue))
                """, as: Timestamp?.self) ?? nil
        }
        return moment.map { .milliseconds(max(0, $0.milliseconds - clock.now.milliseconds)) }
    }

    private func end(_ job: Job, as state: Job.State, result: JSON?, failure: String?) async throws {
        let now = clock.now
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE jobs SET state = \(state.rawValue), ended_at = \(now), result = \(result), failure = \(failure),
                    lease_until = NULL
                WHERE \(Self.isHeld(job))
                """)
        }
    }

    /// A worker whose lease ran out has lost the job to another attempt and must not touch it.
    private static func isHeld(_ job: Job) -> SQL {
        "job_id = \(job.id) AND state = \(Job.State.running.rawValue) AND attempts = \(job.attempts)"
    }
}

extension Job: RowDecodable {
    static let columns: SQL =
        "job_id, kind, payload, state, attempts, due_at, created_at, ended_at, result, failure"

    package init(row: Row) throws {
        id = try row.get(0)
        kind = try row.get(1)
        payload = try row.get(2)
        state = State(rawValue: try row.get(3)) ?? .failed
        attempts = try row.get(4)
        dueAt = try row.get(5)
        createdAt = try row.get(6)
        endedAt = try row.get(7)
        result = try row.get(8)
        failure = try row.get(9)
    }
}
