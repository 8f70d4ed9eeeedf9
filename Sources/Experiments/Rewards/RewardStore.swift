package import Database
import Statistics
package import Wire

/// Rewards and covariates by unit, and their sums by arm, which the database adds up.
package struct RewardStore: Sendable {
    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// Adds rewards; one with an id that is there replaces it.
    package func add(_ rewards: [Reward]) async throws {
        guard !rewards.isEmpty else { return }
        // A statement must not touch a row twice: of those with one id the last counts.
        var seen: Set<[String]> = []
        let last = rewards.reversed().filter { seen.insert([$0.experiment, $0.metric, $0.id]).inserted }.reversed()
        let rows = last.map { reward -> [SQLValue] in
            [
                .text(reward.experiment), .text(reward.metric), .text(reward.id), .text(reward.unit),
                .text(reward.variant), .double(reward.value), reward.time.sqlValue,
            ]
        }
        try await database.write { transaction in
            try transaction.insert(
                into: "rewards (experiment, metric, id, unit, variant, value, time)", rows: rows,
                "ON CONFLICT (experiment, metric, id) DO UPDATE SET value = excluded.value, time = excluded.time")
        }
    }

    /// Adds values from before the experiment; a later one replaces an earlier one.
    package func add(_ covariates: [Covariate], to id: ExperimentID) async throws {
        let last = Dictionary(covariates.map { ($0.unit, $0.value) }, uniquingKeysWith: { _, last in last })
        let rows = last.map { unit, value -> [SQLValue] in [.text(id.text), .text(unit), .double(value)] }
        try await database.write { transaction in
            try transaction.insert(
                into: "covariates (experiment, unit, value)", rows: rows,
                "ON CONFLICT (experiment, unit) DO UPDATE SET value = excluded.value")
        }
    }

    /// Up to `limit` rewards that came after `sequence`, in the order in which they came. A reward that is sent again keeps
    /// its place.
    static func rewards(
        of id: ExperimentID, metric: String, after sequence: Int64, limit: Int, in reader: Reader
    ) throws -> [(sequence: Int64, variant: String, value: Double)] {
        let rows = try reader.rows(
            """
            SELECT sequence, variant, value FROM rewards
            WHERE experiment = \(id.text) AND metric = \(metric) AND sequence > \(sequence)
            ORDER BY sequence LIMIT \(limit)
            """)
        return try rows.map { (try $0.get(0), try $0.get(1), try $0.get(2)) }
    }

    /// Up to `limit` predictions of a rollout after that of `unit`, whose time for rewards is over, with what they earned in
    /// it: 0 when no reward came.
    static func tries(
        of id: ExperimentID, metric: String, after unit: String, _ window: RewardWindow, limit: Int, in reader: Reader
    ) throws -> [(unit: String, variant: String, value: Double)] {
        let rows = try reader.rows(
            """
            SELECT e.unit, e.variant, COALESCE(SUM(r.value), CAST(0 AS DOUBLE PRECISION)) FROM exposures e
            LEFT JOIN rewards r ON r.experiment = e.experiment AND r.metric = \(metric) AND r.unit = e.unit
                AND r.time <= e.time + \(window.milliseconds)
            WHERE e.experiment = \(id.text) AND e.unit > \(unit) AND e.time <= \(window.end)
            GROUP BY e.unit, e.variant ORDER BY e.unit LIMIT \(limit)
            """)
        return try rows.map { (try $0.get(0), try $0.get(1), try $0.get(2)) }
    }

    /// How the units of each arm did that met it from `start` on and before `end`. Rewards from before a unit met its arm do
    /// not count.
    package func sums(
        of id: ExperimentID, metric: String, kind: ExperimentSpec.Metric.Kind, from start: Timestamp,
        to end: Timestamp?
    ) async throws -> [String: ArmSums] {
        let total: SQL = "COALESCE(SUM(r.value), CAST(0 AS DOUBLE PRECISION))"
        let value: SQL =
            switch kind {
            case .binary: "CASE WHEN \(total) > 0 THEN CAST(1 AS DOUBLE PRECISION) ELSE CAST(0 AS DOUBLE PRECISION) END"
            case .continuous: total
            }
        let before: SQL = end.map { "AND e.time < \($0)" } ?? ""
        let statement: SQL = """
            SELECT u.variant, COUNT(*), CAST(SUM(u.crossed) AS BIGINT), CAST(SUM(u.rewards) AS BIGINT), SUM(u.y), SUM(u.y * u.y), COUNT(u.x),
                SUM(u.x), SUM(u.x * u.x), SUM(u.x * u.y),
                SUM(CASE WHEN u.x IS NULL THEN CAST(0 AS DOUBLE PRECISION) ELSE u.y END)
            FROM (
                SELECT e.variant AS variant, MAX(e.crossed) AS crossed, COUNT(r.value) AS rewards, \(value) AS y,
                    MAX(c.value) AS x
                FROM exposures e
                LEFT JOIN rewards r ON r.experiment = e.experiment AND r.metric = \(metric) AND r.unit = e.unit
                    AND r.time >= e.time
                LEFT JOIN covariates c ON c.experiment = e.experiment AND c.unit = e.unit
                WHERE e.experiment = \(id.text) AND e.time >= \(start) \(before)
                GROUP BY e.unit, e.variant
            ) u GROUP BY u.variant
            """
        return try await database.read { reader in
            let rows = try reader.rows(statement)
            return Dictionary(
                try rows.map { row in (try row.get(0, as: String.self), try ArmSums(row)) },
                uniquingKeysWith: { first, _ in first })
        }
    }
}

extension ArmSums {
    fileprivate init(_ row: Row) throws {
        self.init(
            units: try row.get(1), crossed: try row.get(2), rewards: try row.get(3), y: try row.get(4),
            yy: try row.get(5), known: try row.get(6), x: try row.get(7) ?? 0, xx: try row.get(8) ?? 0,
            xy: try row.get(9) ?? 0, knownY: try row.get(10))
    }
}
