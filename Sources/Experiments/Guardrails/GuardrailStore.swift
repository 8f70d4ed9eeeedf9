package import Database
import Wire

/// The evidence about guardrails of experiments and rollouts, added up over all servers and kept across restarts.
package struct GuardrailStore: Sendable {
    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// Adds what a server counted about a candidate since it last did, as `GuardrailTest.merge` does.
    /// - Parameter counted: in the order of the guardrails.
    /// - Returns: the tests with the evidence of all servers; let the counting ones learn from them.
    @discardableResult
    package func merge(
        _ counted: [GuardrailTest], of candidate: String, in id: ExperimentID
    ) async throws -> [GuardrailTest] {
        try await database.write { try merge(counted, of: candidate, in: id, $0) }
    }

    /// The same within a transaction. The guardrails of a rollout that are about rewards also count those that came since,
    /// each once, whichever server took them.
    /// - Parameter window: nil to count the rewards that are sent and nothing else. A rollout that is counted in the other way
    ///   than before is counted anew.
    package func merge(
        _ counted: [GuardrailTest], of candidate: String, in id: ExperimentID,
        rewardedWithin window: RewardWindow? = nil,
        _ transaction: Transaction
    ) throws -> [GuardrailTest] {
        let kept = try Self.kept(of: id, candidate, in: transaction).filter { kept in
            kept.test.guardrail.reward == nil || (kept.lastTry != nil) == (window != nil)
        }
        try transaction.execute(
            "DELETE FROM guardrail_tests WHERE experiment = \(id.text) AND variant = \(candidate)")
        let merged = GuardrailTest.merge(counted, into: kept.map(\.test))
        return try merged.enumerated().map { position, test in
            let former = kept.first { $0.test.guardrail == test.guardrail }
            var row = Kept(test: test, lastReward: former?.lastReward ?? 0)
            if id.kind == .rollout, let metric = test.guardrail.reward {
                row.lastTry = window.map { _ in former?.lastTry ?? "" }
                for reward in try Self.rewards(metric, of: id, after: &row, within: window, in: transaction) {
                    row.test.add(reward: reward.value, named: metric, to: reward.arm)
                }
            }
            try transaction.execute(
                """
                INSERT INTO guardrail_tests (experiment, variant, position, state, last_reward, last_try)
                VALUES (\(id.text), \(candidate), \(position), \(row.test.json.text), \(row.lastReward),
                    \(row.lastTry))
                """)
            return row.test
        }
    }

    /// A test as it is kept, and what it has counted last.
    private struct Kept {
        var test: GuardrailTest
        var lastReward: Int64
        var lastTry: String?
    }

    /// So many rewards are counted at once; more wait for the next look.
    private static let rewardsAtOnce = 10_000

    /// The rewards that `row` has not counted yet.
    private static func rewards(
        _ metric: String, of id: ExperimentID, after row: inout Kept, within window: RewardWindow?,
        in transaction: Transaction
    ) throws -> [(arm: GuardrailTest.Arm, value: Double)] {
        let found: [(variant: String, value: Double)]
        if let window, let last = row.lastTry {
            let tries = try RewardStore.tries(
                of: id, metric: metric, after: last, window, limit: rewardsAtOnce, in: transaction)
            row.lastTry = tries.last?.unit ?? last
            found = tries.map { ($0.variant, $0.value) }
        } else {
            let rewards = try RewardStore.rewards(
                of: id, metric: metric, after: row.lastReward, limit: rewardsAtOnce, in: transaction)
            row.lastReward = rewards.last?.sequence ?? row.lastReward
            found = rewards.map { ($0.variant, $0.value) }
        }
        return found.compactMap { reward in GuardrailTest.Arm(rawValue: reward.variant).map { ($0, reward.value) } }
    }

    /// The tests of each candidate, in the order of the guardrails.
    package func tests(of id: ExperimentID) async throws -> [String: [GuardrailTest]] {
        try await database.read { reader in
            var tests: [String: [GuardrailTest]] = [:]
            try reader.forEachRow(
                "SELECT variant, state FROM guardrail_tests WHERE experiment = \(id.text) ORDER BY variant, position"
            ) { row in
                let state = try JSON.parse(try row.get(1, as: String.self))
                tests[try row.get(0), default: []].append(try GuardrailTest(json: state))
            }
            return tests
        }
    }

    /// The tests of one candidate, in the order of the guardrails.
    package func tests(of id: ExperimentID, _ candidate: String, in reader: Reader) throws -> [GuardrailTest] {
        try Self.kept(of: id, candidate, in: reader).map(\.test)
    }

    /// The rewards that the guardrails of an experiment or a rollout under way are about, by name.
    func rewardMetrics(of id: ExperimentID) async throws -> Set<String> {
        Set(try await tests(of: id).values.joined().compactMap(\.guardrail.reward))
    }

    /// Lets go of the evidence about a rollout that is over, and of what it was made of.
    package func forget(_ id: ExperimentID, _ transaction: Transaction) throws {
        try transaction.execute("DELETE FROM guardrail_tests WHERE experiment = \(id.text)")
        try transaction.execute("DELETE FROM rewards WHERE experiment = \(id.text)")
        try transaction.execute("DELETE FROM exposures WHERE experiment = \(id.text)")
    }

    private static func kept(
        of id: ExperimentID, _ candidate: String, in reader: Reader
    ) throws -> [Kept] {
        let rows = try reader.rows(
            """
            SELECT state, last_reward, last_try FROM guardrail_tests
            WHERE experiment = \(id.text) AND variant = \(candidate) ORDER BY position
            """)
        return try rows.map { row in
            Kept(
                test: try GuardrailTest(json: JSON.parse(try row.get(0, as: String.self))), lastReward: try row.get(1),
                lastTry: try row.get(2))
        }
    }
}
