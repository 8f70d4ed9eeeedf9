package import Database
import Events
import Experiments
import Wire

/// How rollouts are written and read, and what the event log is told of them.
extension RolloutStore {
    /// Writes a new rollout down, and what its guardrails will be tested by.
    func insert(_ rollout: Rollout, in transaction: Transaction) throws {
        let id = try transaction.value(
            """
            INSERT INTO rollouts (endpoint, variant, from_version, to_version, state, steps, plan, step, requests,
                step_requests, start_time, step_time, end_time, reason, evidence)
            VALUES (\(rollout.endpoint), \(rollout.variant), \(rollout.from), \(rollout.to),
                \(rollout.state.rawValue), \(rollout.steps), \(rollout.plan.json), \(rollout.step),
                \(rollout.requests), \(rollout.stepRequests), \(rollout.start), \(rollout.stepStart), \(rollout.end),
                \(rollout.reason), \(rollout.evidence))
            RETURNING id
            """, as: Int64.self)
        let kind = rollout.state == .running ? "started" : "promoted"
        try tell(rollout, kind, id: id ?? 0, by: Self.itself, in: transaction)
        guard let id, rollout.state == .running, let begun = try Self.rollout(id, in: transaction) else { return }
        _ = try merge(begun.noTests, of: begun, in: transaction)
    }

    /// Writes down what a rollout has become, with what its guardrails have found; one that is over needs no more of them.
    func save(
        _ rollout: Rollout, _ kind: String, by actor: String, at now: Timestamp, in transaction: Transaction
    ) throws {
        var rollout = rollout
        let standing = try standing(of: rollout, in: transaction)
        if !standing.tests.isEmpty { rollout.evidence = standing.evidence }
        let end = rollout.state == .running ? nil : rollout.end ?? now
        try transaction.execute(
            """
            UPDATE rollouts SET state = \(rollout.state.rawValue), steps = \(rollout.steps),
                plan = \(rollout.plan.json), step = \(rollout.step), step_requests = \(rollout.stepRequests),
                step_time = \(rollout.stepStart), end_time = \(end), reason = \(rollout.reason),
                evidence = \(rollout.evidence)
            WHERE id = \(rollout.id)
            """)
        if rollout.state != .running { try guardrails.forget(rollout.evidenceID, transaction) }
        try tell(rollout, kind, id: rollout.id, by: actor, in: transaction)
    }

    func tell(
        _ rollout: Rollout, _ kind: String, id: Int64, by actor: String, in transaction: Transaction
    ) throws {
        try events.append(
            Change(
                by: actor, "rollout.\(kind)", of: "endpoints/\(rollout.endpoint)",
                .compact([
                    "rollout": .integer(id), "variant": .string(rollout.variant), "from": rollout.from.map(JSON.string),
                    "to": .string(rollout.to), "percent": .integer(Int64(rollout.percent)),
                    "reason": .string(rollout.reason),
                    "guardrails": rollout.evidence.unlessNull,
                ])), in: transaction)
    }

    static func running(_ variant: VariantName, in transaction: Transaction) throws -> Rollout? {
        try transaction.row(
            """
            SELECT \(Rollout.columns) FROM rollouts
            WHERE endpoint = \(variant.endpoint) AND variant = \(variant.name)
                AND state = \(Rollout.State.running.rawValue)
            """)
    }

    /// The version that came to answer last.
    static func answered(_ variant: VariantName, in transaction: Transaction) throws -> String? {
        try transaction.value(
            """
            SELECT to_version FROM rollouts
            WHERE endpoint = \(variant.endpoint) AND variant = \(variant.name)
                AND state = \(Rollout.State.promoted.rawValue)
            ORDER BY id DESC LIMIT 1
            """)
    }

    static func rollout(_ id: Int64, in transaction: Transaction) throws -> Rollout? {
        try transaction.row("SELECT \(Rollout.columns) FROM rollouts WHERE id = \(id)")
    }
}

extension Rollout: RowDecodable {
    static let columns: SQL = """
        id, endpoint, variant, from_version, to_version, state, steps, plan, step, requests, step_requests, start_time,
        step_time, end_time, reason, evidence
        """

    package init(row: Row) throws {
        let steps = try row.get(6, as: JSON.self).arrayValue ?? []
        let former = RolloutPlan(steps: steps.compactMap { $0.integerValue.flatMap { Int(exactly: $0) } })
        let plan: JSON? = try row.get(7)
        self.init(
            id: try row.get(0), endpoint: try row.get(1), variant: try row.get(2), from: try row.get(3),
            to: try row.get(4), state: State(rawValue: try row.get(5)) ?? .superseded,
            plan: try plan.map(RolloutPlan.init(json:)) ?? former, step: try row.get(8), stepRequests: try row.get(10),
            requests: try row.get(9), start: try row.get(11), stepStart: try row.get(12), end: try row.get(13),
            reason: try row.get(14), evidence: try row.get(15))
    }

    fileprivate var steps: JSON { .array(plan.steps.map { .integer(Int64($0)) }) }
}
