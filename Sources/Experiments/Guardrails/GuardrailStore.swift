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
    package func merge(
        _ counted: [GuardrailTest], of candidate: String, in id: ExperimentID, _ transaction: Transaction
    ) throws -> [GuardrailTest] {
        let kept = try Self.kept(of: id, candidate, in: transaction)
        var merged = GuardrailTest.merge(counted, into: kept.map(\.test))
        try transaction.execute(
            "DELETE FROM guardrail_tests WHERE experiment = \(id.text) AND variant = \(candidate)")
        for index in merged.indices {
            var last = kept.first { $0.test.guardrail == merged[index].guardrail }?.lastReward ?? 0
            if id.kind == .rollout { try Self.addRewards(to: &merged[index], of: id, after: &last, in: transaction) }
            try transaction.execute(
                """
                INSERT INTO guardrail_tests (experiment, variant, position, state, last_reward)
                VALUES (\(id.text), \(candidate), \(index), \(merged[index].json.text), \(last))
                """)
        }
        return merged
    }

    /// So many rewards are counted at once; more wait for the next look.
    private static let rewardsAtOnce = 10_000

    private static func addRewards(
        to test: inout GuardrailTest, of id: ExperimentID, after last: inout Int64, in transaction: Transaction
    ) throws {
        guard let metric = test.guardrail.reward else { return }
        let rewards = try RewardStore.rewards(
            of: id, metric: metric, after: last, limit: rewardsAtOnce, in: transaction)
        for reward in rewards {
            if let arm = GuardrailTest.Arm(rawValue: reward.variant) {
                test.add(reward: reward.value, named: metric, to: arm)
            }
            last = reward.sequence
        }
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

    /// Lets go of the evidence about a rollout that is over, and of the rewards that it was made of.
    package func forget(_ id: ExperimentID, _ transaction: Transaction) throws {
        try transaction.execute("DELETE FROM guardrail_tests WHERE experiment = \(id.text)")
        try transaction.execute("DELETE FROM rewards WHERE experiment = \(id.text)")
    }

    private static func kept(
        of id: ExperimentID, _ candidate: String, in reader: Reader
    ) throws -> [(test: GuardrailTest, lastReward: Int64)] {
        let rows = try reader.rows(
            """
            SELECT state, last_reward FROM guardrail_tests
            WHERE experiment = \(id.text) AND variant = \(candidate) ORDER BY position
            """)
        return try rows.map { row in
            (try GuardrailTest(json: JSON.parse(try row.get(0, as: String.self))), try row.get(1))
        }
    }
}
