import Database

extension RunStore {
    /// Active runs whose name or id begins so, by an index: by name, then by id.
    /// - Parameter beginning: in small letters.
    package func names(
        beginningWith beginning: String, limit: Int
    ) async throws -> [(id: String, name: String, experiment: ExperimentID)] {
        // The first text after all that begin so: nothing is greater than the last scalar.
        let end = beginning + "\u{10FFFF}"
        let columns: SQL = "run_id, run_name, experiment_id"
        return try await database.read { reader in
            let named: [Row] = try reader.rows(
                """
                SELECT \(columns) FROM runs
                WHERE lifecycle_stage = 'active' AND LOWER(run_name) >= \(beginning) AND LOWER(run_name) < \(end)
                ORDER BY LOWER(run_name) LIMIT \(limit)
                """)
            let known: [Row] = try reader.rows(
                """
                SELECT \(columns) FROM runs
                WHERE run_id >= \(beginning) AND run_id < \(end) AND lifecycle_stage = 'active'
                ORDER BY run_id LIMIT \(limit)
                """)
            return try (named + known).prefix(limit).map { (try $0.get(0), try $0.get(1), try $0.get(2)) }
        }
    }
}
