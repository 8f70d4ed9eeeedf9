package import Database
import Wire

/// What became of the requests that were copied to shadows: sums over all of them, and the newest rows one by one.
package struct ShadowStore: Sendable {
    private let database: Database

    /// So many rows of a pair of versions are kept.
    static let keptPairs = 10_000

    package init(database: Database) {
        self.database = database
    }

    /// - Parameter dropped: how many requests were left out meanwhile; they are told with the first versions.
    func add(_ pairs: [ShadowPair], dropped: Int, of endpoint: String) async throws {
        // The versions change rarely: nearly always there is one group.
        let groups = Dictionary(grouping: pairs) { [$0.primaryVersion, $0.shadowVersion] }
        try await database.write { transaction in
            for (index, (versions, pairs)) in groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
                .enumerated()
            {
                try Self.count(pairs, versions, dropped: index == 0 ? dropped : 0, endpoint, transaction)
                try transaction.insert(
                    into: """
                        shadow_pairs (endpoint, primary_version, shadow_version, prediction, time, primary_output,
                            shadow_output, primary_us, shadow_us, problem, agrees, difference)
                        """, rows: pairs.map { $0.sqlValues(of: endpoint) })
                try Self.trim(endpoint, versions, transaction)
            }
        }
    }

    private static func count(
        _ pairs: [ShadowPair], _ versions: [String], dropped: Int, _ endpoint: String, _ transaction: Transaction
    ) throws {
        let requests = Set(pairs.map(\.request)).count
        let comparisons = pairs.compactMap(\.comparison)
        let differences = comparisons.compactMap(\.difference)
        let times = pairs.map(\.time)
        guard let earliest = times.min(), let latest = times.max() else { return }
        try transaction.execute(
            """
            INSERT INTO shadow_totals (endpoint, primary_version, shadow_version, requests, row_count, agreeing, failed,
                dropped, numeric_rows, difference_sum, difference_max, first_time, last_time)
            VALUES (\(endpoint), \(versions[0]), \(versions[1]), \(requests), \(pairs.count),
                \(comparisons.count(where: \.agrees)), \(pairs.count - comparisons.count), \(dropped),
                \(differences.count), \(differences.reduce(0, +)), \(differences.max() ?? 0), \(earliest), \(latest))
            ON CONFLICT (endpoint, primary_version, shadow_version) DO UPDATE SET
                requests = shadow_totals.requests + excluded.requests,
                row_count = shadow_totals.row_count + excluded.row_count,
                agreeing = shadow_totals.agreeing + excluded.agreeing,
                failed = shadow_totals.failed + excluded.failed,
                dropped = shadow_totals.dropped + excluded.dropped,
                numeric_rows = shadow_totals.numeric_rows + excluded.numeric_rows,
                difference_sum = shadow_totals.difference_sum + excluded.difference_sum,
                difference_max = CASE WHEN shadow_totals.difference_max > excluded.difference_max
                    THEN shadow_totals.difference_max ELSE excluded.difference_max END,
                last_time = excluded.last_time
            """)
    }

    private static func trim(_ endpoint: String, _ versions: [String], _ transaction: Transaction) throws {
        let same: SQL = """
            endpoint = \(endpoint) AND primary_version = \(versions[0]) AND shadow_version = \(versions[1])
            """
        let oldest = try transaction.value(
            "SELECT id FROM shadow_pairs WHERE \(same) ORDER BY id DESC LIMIT 1 OFFSET \(keptPairs)", as: Int64.self)
        guard let oldest else { return }
        try transaction.execute("DELETE FROM shadow_pairs WHERE \(same) AND id <= \(oldest)")
    }

    // MARK: Reading

    /// The sums for each pair of versions, those compared last first.
    func totals(of endpoint: String) async throws -> [ShadowTotals] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT primary_version, shadow_version, requests, row_count, agreeing, failed, dropped, numeric_rows,
                    difference_sum, difference_max, first_time, last_time
                FROM shadow_totals WHERE endpoint = \(endpoint) ORDER BY last_time DESC, shadow_version
                """)
        }
    }

    /// The newest rows of a pair of versions, newest first.
    func newest(_ totals: ShadowTotals, of endpoint: String, limit: Int = keptPairs) async throws -> [ShadowPair] {
        try await pairs(totals, endpoint, order: "id DESC", limit)
    }

    /// The rows that differ most: those without an answer, then by difference.
    func worst(_ totals: ShadowTotals, of endpoint: String, limit: Int) async throws -> [ShadowPair] {
        try await pairs(
            totals, endpoint, condition: " AND agrees = 0",
            order: "CASE WHEN problem IS NULL THEN 1 ELSE 0 END, COALESCE(difference, 0) DESC, id DESC", limit)
    }

    private func pairs(
        _ totals: ShadowTotals, _ endpoint: String, condition: SQL = "", order: SQL, _ limit: Int
    ) async throws -> [ShadowPair] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT prediction, time, primary_version, shadow_version, primary_output, shadow_output, primary_us,
                    shadow_us, problem
                FROM shadow_pairs
                WHERE endpoint = \(endpoint) AND primary_version = \(totals.primaryVersion)
                    AND shadow_version = \(totals.shadowVersion)\(condition)
                ORDER BY \(order) LIMIT \(limit)
                """)
        }
    }
}

extension ShadowPair: RowDecodable {
    package init(row: Row) throws {
        self.init(
            prediction: try row.get(0), time: try row.get(1), primaryVersion: try row.get(2),
            shadowVersion: try row.get(3), primary: try row.get(4), shadow: try row.get(5),
            primaryLatencyUs: try row.get(6), shadowLatencyUs: try row.get(7), problem: try row.get(8))
    }
}

extension ShadowTotals: RowDecodable {
    package init(row: Row) throws {
        self.init(
            primaryVersion: try row.get(0), shadowVersion: try row.get(1), requests: try row.get(2),
            rows: try row.get(3), agreeing: try row.get(4), failed: try row.get(5), dropped: try row.get(6),
            numericRows: try row.get(7), differenceSum: try row.get(8), largestDifference: try row.get(9),
            start: try row.get(10), end: try row.get(11))
    }
}

extension ShadowPair {
    fileprivate func sqlValues(of endpoint: String) -> [SQLValue] {
        let comparison = comparison
        return [
            endpoint.sqlValue, primaryVersion.sqlValue, shadowVersion.sqlValue, prediction.sqlValue, time.sqlValue,
            primary.sqlValue, shadow.sqlValue, primaryLatencyUs.sqlValue, shadowLatencyUs.sqlValue, problem.sqlValue,
            (comparison?.agrees ?? false).sqlValue, (comparison?.difference).sqlValue,
        ]
    }
}
