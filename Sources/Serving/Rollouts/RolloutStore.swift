package import Database
package import Events
import Experiments
package import Wire

/// The rollouts of all endpoints. What a rollout becomes is written together with the event that tells of it, so that
/// every server that follows the events does the same.
package struct RolloutStore: Sendable {
    let database: Database
    let events: EventLog
    let guardrails: GuardrailStore
    let clock: WallClock

    package init(database: Database, events: EventLog, clock: WallClock) {
        self.database = database
        self.events = events
        guardrails = GuardrailStore(database: database)
        self.clock = clock
    }

    /// Who acts when nobody asked.
    static let itself = "rollout"

    // MARK: Reading

    /// The rollouts of an endpoint, or of one of its variants, newest first; those under way as they stand now.
    package func history(of endpoint: String, variant: String? = nil, limit: Int = 50) async throws -> [Rollout] {
        let condition: SQL = variant.map { " AND variant = \($0)" } ?? ""
        let now = clock.now
        return try await database.read { reader in
            let rollouts: [Rollout] = try reader.rows(
                """
                SELECT \(Rollout.columns) FROM rollouts WHERE endpoint = \(endpoint)\(condition)
                ORDER BY id DESC LIMIT \(limit)
                """)
            return try rollouts.map { rollout in
                guard rollout.state == .running else { return rollout }
                let standing = try standing(of: rollout, in: reader)
                var rollout = rollout
                rollout.evidence = standing.evidence
                rollout.progress = standing.progress(now: now)
                return rollout
            }
        }
    }

    /// What came last to each endpoint, and whatever else is under way there, newest first, by the endpoint's name; what is
    /// under way as it stands now.
    package func newest() async throws -> [String: [Rollout]] {
        let now = clock.now
        return try await database.read { reader in
            let rollouts: [Rollout] = try reader.rows(
                """
                SELECT \(Rollout.columns) FROM rollouts
                WHERE id IN (SELECT MAX(id) FROM rollouts GROUP BY endpoint)
                    OR state = \(Rollout.State.running.rawValue)
                ORDER BY id DESC
                """)
            let known = try rollouts.map { rollout in
                guard rollout.state == .running else { return rollout }
                var rollout = rollout
                rollout.progress = try standing(of: rollout, in: reader).progress(now: now)
                return rollout
            }
            return Dictionary(grouping: known, by: \.endpoint)
        }
    }

    // MARK: Versions that come

    /// Notes that a version answers for a variant from now on, without steps.
    /// - Parameter known: the newest rollout of which whoever decided this knew. When another server has noted the version
    ///   since, or somebody has taken it back, that counts.
    func record(
        _ version: String, instead former: String?, in variant: VariantName, after known: Int64?
    ) async throws {
        let now = clock.now
        try await database.write { transaction in
            let newer = try transaction.value(
                """
                SELECT COUNT(*) FROM rollouts
                WHERE endpoint = \(variant.endpoint) AND variant = \(variant.name) AND to_version = \(version)
                    AND state <> \(Rollout.State.superseded.rawValue) AND id > \(known ?? 0)
                """, as: Int.self)
            guard newer ?? 0 == 0 else { return }
            let rollout = Rollout(
                id: 0, endpoint: variant.endpoint, variant: variant.name, from: former, to: version, state: .promoted,
                start: now, stepStart: now, end: now, reason: "It took over at once.")
            try insert(rollout, in: transaction)
        }
    }

    /// Begins to try a version out in steps; when another server has begun already that is left as it is.
    func begin(_ version: String, beside stable: String, in variant: VariantName, plan: RolloutPlan) async throws {
        let now = clock.now
        try await database.write { transaction in
            let running = try Self.running(variant, in: transaction)
            guard running?.to != version, try Self.answered(variant, in: transaction) != version else { return }
            if var running {
                running.state = .superseded
                running.reason = "\(version) was wanted before it was through."
                try save(running, "superseded", by: Self.itself, at: now, in: transaction)
            }
            let rollout = Rollout(
                id: 0, endpoint: variant.endpoint, variant: variant.name, from: stable, to: version, state: .running,
                plan: plan, start: now, stepStart: now, reason: "Its first share is \(plan.steps.first ?? 0) %.")
            try insert(rollout, in: transaction)
        }
    }

    /// Notes that nobody wants the versions any more that are being tried out in these variants.
    func abandon(_ variants: [VariantName]) async throws {
        let now = clock.now
        try await database.write { transaction in
            for variant in variants {
                guard var running = try Self.running(variant, in: transaction) else { continue }
                running.state = .superseded
                running.reason = "It was no longer wanted."
                try save(running, "superseded", by: Self.itself, at: now, in: transaction)
            }
        }
    }

    /// Closes the history of an endpoint that was deleted: one of the same name begins its own.
    func close(_ endpoint: String) async throws {
        let now = clock.now
        try await database.write { transaction in
            let running: [Rollout] = try transaction.rows(
                """
                SELECT \(Rollout.columns) FROM rollouts
                WHERE endpoint = \(endpoint) AND state = \(Rollout.State.running.rawValue)
                """)
            for rollout in running { try guardrails.forget(rollout.evidenceID, transaction) }
            try transaction.execute(
                """
                UPDATE rollouts SET state = \(Rollout.State.superseded.rawValue), end_time = COALESCE(end_time, \(now))
                WHERE endpoint = \(endpoint) AND start_time <= \(now)
                """)
        }
    }

    // MARK: What people ask for

    /// Promotes the version that is being tried out.
    /// - Parameter expected: the rollout that the asker saw; nil for whichever it is.
    /// - Throws: `ServingError` 409 when none is, or another one than expected.
    package func promote(
        _ endpoint: String, variant: String?, expected: Int64? = nil, by actor: String
    ) async throws -> Rollout {
        try await change(endpoint, variant, expected, by: actor, "promoted", as: "being rolled out") { rollout in
            guard rollout.state == .running else { return false }
            rollout.state = .promoted
            rollout.reason = "\(actor) promoted it."
            return true
        }
    }

    /// Takes back the version that is being tried out, or the one that took over last.
    /// - Parameter expected: the rollout that the asker saw; nil for whichever it is.
    /// - Throws: `ServingError` 409 when there is no version to return to, or it would be that of another one than expected.
    package func rollBack(
        _ endpoint: String, variant: String?, expected: Int64? = nil, by actor: String, reason: String?
    ) async throws -> Rollout {
        try await change(endpoint, variant, expected, by: actor, "rolled_back", as: "to be rolled back") { rollout in
            guard rollout.from != nil, [.running, .promoted].contains(rollout.state) else { return false }
            rollout.state = .rolledBack
            rollout.reason = reason ?? "\(actor) rolled it back."
            return true
        }
    }

    /// Lets a version that was rolled back be tried again.
    /// - Parameter expected: the rollout that the asker saw; nil for whichever it is.
    /// - Throws: `ServingError` 409 when none was, or another one than expected.
    package func retry(
        _ endpoint: String, variant: String?, expected: Int64? = nil, by actor: String
    ) async throws -> Rollout {
        try await change(endpoint, variant, expected, by: actor, "retried", as: "rolled back") { rollout in
            guard rollout.state == .rolledBack else { return false }
            rollout.state = .superseded
            rollout.reason += " \(actor) wants it tried again."
            return true
        }
    }

    /// Changes the newest rollout of an endpoint that `body` is able to change. One that has been superseded is history.
    private func change(
        _ endpoint: String, _ variant: String?, _ expected: Int64?, by actor: String, _ kind: String, as words: String,
        _ body: @escaping @Sendable (inout Rollout) -> Bool
    ) async throws -> Rollout {
        let now = clock.now
        let condition: SQL = variant.map { " AND variant = \($0)" } ?? ""
        return try await database.write { transaction in
            let rollouts: [Rollout] = try transaction.rows(
                """
                SELECT \(Rollout.columns) FROM rollouts
                WHERE endpoint = \(endpoint)\(condition) AND state <> \(Rollout.State.superseded.rawValue)
                ORDER BY id DESC LIMIT 50
                """)
            let changed = rollouts.lazy.compactMap { rollout in
                var rollout = rollout
                return body(&rollout) ? rollout : nil
            }.first
            guard var rollout = changed else {
                throw ServingError(
                    .conflict, "No version of the endpoint '\(endpoint)' is \(words).",
                    hint: "martlet endpoints rollouts \(endpoint)")
            }
            guard expected == nil || expected == rollout.id else {
                throw ServingError(
                    .conflict,
                    "The endpoint '\(endpoint)' has moved on since you saw it: now it would be about \(rollout.to). Nothing was changed.",
                    hint: "martlet endpoints rollouts \(endpoint)")
            }
            rollout.stepStart = now
            try save(rollout, kind, by: actor, at: now, in: transaction)
            return rollout
        }
    }
}

/// Names a variant of an endpoint.
struct VariantName: Sendable, Hashable {
    let endpoint: String
    let name: String
}
