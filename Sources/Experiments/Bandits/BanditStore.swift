package import Database
package import Wire

/// What the arms of bandits were tried for and earned, over all servers and across restarts: the tries are exposures, and
/// their rewards are joined by the request's id.
package struct BanditStore: Sendable {
    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// What each arm earned until now; arms that were never tried are missing.
    package func earned(by id: ExperimentID, _ spec: BanditSpec) async throws -> [BanditArm] {
        try await database.read { reader in
            var arms: [String: BanditArm] = [:]
            for arm in try reader.rows(Self.folded(id), as: BanditArm.self) { arms[arm.name] = arm }
            for arm in try reader.rows(Self.tries(id, spec, before: nil), as: BanditArm.self) {
                arms[arm.name, default: BanditArm(arm.name)] += arm
            }
            return arms.values.sorted { $0.name < $1.name }
        }
    }

    /// Adds up the tries from before `moment` and forgets them one by one, so that what is read often stays small. `moment`
    /// must lie at least the window and an hour back: rewards of these tries find them no more, and a prediction that is told
    /// of again would count twice.
    package func fold(_ id: ExperimentID, _ spec: BanditSpec, before moment: Timestamp) async throws {
        try await database.write { transaction in
            for arm in try transaction.rows(Self.tries(id, spec, before: moment), as: BanditArm.self) {
                try transaction.execute(
                    """
                    INSERT INTO bandit_arms (experiment, variant, tries, rewards, sum, sum_of_squares)
                    VALUES (\(id.text), \(arm.name), \(arm.tries), \(arm.rewardCount), \(arm.sum), \(arm.sumOfSquares))
                    ON CONFLICT (experiment, variant) DO UPDATE SET tries = bandit_arms.tries + excluded.tries,
                        rewards = bandit_arms.rewards + excluded.rewards, sum = bandit_arms.sum + excluded.sum,
                        sum_of_squares = bandit_arms.sum_of_squares + excluded.sum_of_squares
                    """)
            }
            try transaction.execute(
                """
                DELETE FROM rewards WHERE experiment = \(id.text) AND unit IN
                    (SELECT unit FROM exposures WHERE experiment = \(id.text) AND time < \(moment))
                """)
            try transaction.execute("DELETE FROM exposures WHERE experiment = \(id.text) AND time < \(moment)")
        }
    }

    private static func folded(_ id: ExperimentID) -> SQL {
        "SELECT variant, tries, rewards, sum, sum_of_squares FROM bandit_arms WHERE experiment = \(id.text)"
    }

    /// A try earns the sum of its rewards; in a binary bandit at least 0 and at most 1.
    private static func tries(_ id: ExperimentID, _ spec: BanditSpec, before moment: Timestamp?) -> SQL {
        let total: SQL = "COALESCE(SUM(r.value), CAST(0 AS DOUBLE PRECISION))"
        let value: SQL =
            switch spec.reward {
            case .binary:
                """
                CASE WHEN \(total) > 1 THEN CAST(1 AS DOUBLE PRECISION)
                    WHEN \(total) < 0 THEN CAST(0 AS DOUBLE PRECISION) ELSE \(total) END
                """
            case .gaussian: total
            }
        let before: SQL = moment.map { "AND e.time < \($0)" } ?? ""
        return """
            SELECT t.variant, COUNT(*), SUM(CASE WHEN t.rewards > 0 THEN 1 ELSE 0 END), SUM(t.y), SUM(t.y * t.y)
            FROM (
                SELECT e.variant AS variant, COUNT(r.value) AS rewards, \(value) AS y
                FROM exposures e
                LEFT JOIN rewards r ON r.experiment = e.experiment AND r.metric = \(spec.metric) AND r.unit = e.unit
                WHERE e.experiment = \(id.text) \(before)
                GROUP BY e.unit, e.variant
            ) t GROUP BY t.variant
            """
    }
}

extension BanditArm: RowDecodable {
    package init(row: Row) throws {
        self.init(
            try row.get(0), tries: try row.get(1), rewardCount: try row.get(2), sum: try row.get(3),
            sumOfSquares: try row.get(4))
    }
}
