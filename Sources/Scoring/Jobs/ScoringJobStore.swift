package import Database
package import Events
package import Jobs
package import Wire

/// The batches that the server scores. What changes about one is an event.
package struct ScoringJobStore: Sendable {
    private let database: Database
    private let events: EventLog
    private let jobs: JobQueue
    private let clock: WallClock
    private let entropy: Entropy

    /// The kind of job that does them.
    static let jobKind = "batch-scoring"
    /// Who acts in events when a batch ends.
    private static let actor = "batch-scoring"

    package init(database: Database, events: EventLog, jobs: JobQueue, clock: WallClock, entropy: Entropy) {
        self.database = database
        self.events = events
        self.jobs = jobs
        self.clock = clock
        self.entropy = entropy
    }

    /// Adds a batch, and the job that it owes.
    func create(_ request: ScoringRequest, by actor: String) async throws -> ScoringJob {
        let now = clock.now
        let id = "b-" + entropy.sortableID(at: now)
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO batches (batch_id, request, state, row_count, failed_count, created_by, created_at)
                VALUES (\(id), \(request.json), \(ScoringJob.State.queued.rawValue), 0, 0, \(actor), \(now))
                """)
            try jobs.enqueue(Self.jobKind, ["batch_id": .string(id)], in: transaction)
            try events.append(
                Change(
                    by: actor, "batch.created", of: ScoringJob.subject(id),
                    [
                        "model": .string(request.model), "input": .string(request.input),
                        "output": .string(request.output),
                    ]),
                in: transaction)
        }
        return try await batch(id)
    }

    /// - Throws: `ScoringError` 404 when there is none of this id.
    func batch(_ id: String) async throws -> ScoringJob {
        let batch = try await database.read { reader in
            try reader.row(
                "SELECT \(ScoringJob.columns) FROM batches WHERE batch_id = \(id)", as: ScoringJob.self)
        }
        guard let batch else {
            throw ScoringError(
                .doesNotExist, "There is no batch '\(id)'.", hint: "'martlet batches list' shows those there are.")
        }
        return batch
    }

    /// Batches, newest first.
    func batches(state: ScoringJob.State?, limit: Int, offset: Int) async throws -> Page<ScoringJob> {
        let filter: SQL = state.map { " WHERE state = \($0.rawValue)" } ?? ""
        let rows = try await database.read { reader in
            try reader.rows(
                """
                SELECT \(ScoringJob.columns) FROM batches\(filter) ORDER BY created_at DESC, batch_id DESC
                LIMIT \(limit + 1) OFFSET \(offset)
                """, as: ScoringJob.self)
        }
        return Page(rows: rows, limit: limit, offset: offset)
    }

    /// Ends a batch that has not ended; whoever scores it notices with its next step.
    func cancel(_ id: String, by actor: String) async throws -> ScoringJob {
        let now = clock.now
        let isCanceled = try await database.write { transaction in
            let changed = try transaction.execute(
                """
                UPDATE batches SET state = \(ScoringJob.State.canceled.rawValue), ended_at = \(now)
                WHERE batch_id = \(id) AND \(Self.isOpen)
                """)
            guard changed > 0 else { return false }
            try events.append(Change(by: actor, "batch.canceled", of: ScoringJob.subject(id)), in: transaction)
            return true
        }
        let batch = try await batch(id)
        guard isCanceled || batch.state == .canceled else {
            throw ScoringError(.conflict, "The batch '\(id)' has ended already: it is \(batch.state.rawValue).")
        }
        return batch
    }

    // MARK: What the job does

    /// Begins a batch, or goes on with it.
    /// - Returns: nil when it has ended.
    func begin(_ id: String) async throws -> ScoringJob? {
        let now = clock.now
        return try await database.write { transaction in
            try transaction.row(
                """
                UPDATE batches SET state = \(ScoringJob.State.running.rawValue), started_at = COALESCE(started_at, \(now))
                WHERE batch_id = \(id) AND \(Self.isOpen) RETURNING \(ScoringJob.columns)
                """, as: ScoringJob.self)
        }
    }

    /// Writes down which version answers: it stays the same when the batch goes on.
    func pin(_ id: String, to version: String) async throws {
        try await database.write { transaction in
            try transaction.execute("UPDATE batches SET version = \(version) WHERE batch_id = \(id)")
        }
    }

    /// Writes down how far a batch is.
    /// - Returns: whether it is still wanted.
    func record(_ progress: ScoringProgress, of id: String) async throws -> Bool {
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE batches SET row_count = \(progress.rows), failed_count = \(progress.failed),
                    total_count = \(progress.isEstimate ? nil : progress.total)
                WHERE batch_id = \(id) AND state = \(ScoringJob.State.running.rawValue)
                """) > 0
        }
    }

    func finish(_ id: String, _ summary: ScoringSummary) async throws {
        let now = clock.now
        try await database.write { transaction in
            let changed = try transaction.execute(
                """
                UPDATE batches SET state = \(ScoringJob.State.done.rawValue), row_count = \(summary.rows),
                    failed_count = \(summary.failed), total_count = \(summary.rows), ended_at = \(now)
                WHERE batch_id = \(id) AND state = \(ScoringJob.State.running.rawValue)
                """)
            guard changed > 0 else { return }
            try events.append(
                Change(by: Self.actor, "batch.done", of: ScoringJob.subject(id), summary.json), in: transaction)
        }
    }

    func fail(_ id: String, because problem: any Problem) async throws {
        let now = clock.now
        // No text column holds U+0000, and what a model says may.
        let message = problem.description.replacing("\0", with: "\u{FFFD}")
        try await database.write { transaction in
            let changed = try transaction.execute(
                """
                UPDATE batches SET state = \(ScoringJob.State.failed.rawValue), message = \(message), ended_at = \(now)
                WHERE batch_id = \(id) AND \(Self.isOpen)
                """)
            guard changed > 0 else { return }
            try events.append(
                Change(by: Self.actor, "batch.failed", of: ScoringJob.subject(id), ["message": .string(message)]),
                in: transaction)
        }
    }

    private static let isOpen: SQL = "state IN ('queued', 'running')"
}

extension ScoringJob: RowDecodable {
    static let columns: SQL =
        """
        batch_id, request, state, version, row_count, failed_count, total_count, message, created_by, created_at, \
        started_at, ended_at
        """

    package init(row: Row) throws {
        id = try row.get(0)
        request = try ScoringRequest(Fields(try row.get(1, as: JSON.self)))
        state = State(rawValue: try row.get(2)) ?? .failed
        version = try row.get(3)
        rows = try row.get(4)
        failed = try row.get(5)
        total = try row.get(6)
        message = try row.get(7)
        createdBy = try row.get(8)
        createdAt = try row.get(9)
        startedAt = try row.get(10)
        endedAt = try row.get(11)
    }
}
