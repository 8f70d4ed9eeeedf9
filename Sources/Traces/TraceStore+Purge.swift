package import Database
package import Tracking

// What goes when an experiment or a run is purged for good, in steps that each fit a transaction.

extension TraceStore {
    /// Some traces of an experiment that is being purged.
    package static func ids(of experiment: ExperimentID, limit: Int, in reader: Reader) throws -> [String] {
        try reader.values(
            "SELECT trace_id FROM traces WHERE experiment_id = \(experiment) ORDER BY trace_id LIMIT \(limit)")
    }

    /// Removes some traces with all that belongs to them: at most about `limit` rows.
    /// - Parameter ids: no more than a statement binds, which is some hundreds.
    /// - Returns: how many rows were removed; fewer than `limit` when nothing of the traces is left.
    package static func remove(_ ids: [String], limit: Int, in transaction: Transaction) throws -> Int {
        guard !ids.isEmpty else { return 0 }
        var removed = 0
        // The two tables that a single trace may fill go row by row.
        for (table, key) in [("span_attributes", "trace_id, span_id, position"), ("spans", "trace_id, span_id")]
            as [(SQL, SQL)]
        {
            let portion: SQL = "SELECT \(key) FROM \(table) WHERE trace_id IN \(list: ids) LIMIT \(limit - removed)"
            removed += try transaction.execute("DELETE FROM \(table) WHERE (\(key)) IN (\(portion))")
            guard removed < limit else { return removed }
        }
        for table in tables {
            removed += try transaction.execute("DELETE FROM \(table) WHERE trace_id IN \(list: ids)")
        }
        return min(removed, limit - 1)
    }

    /// Removes the links that traces have to a run that is purged.
    package static func unlink(run: String, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM trace_runs WHERE run_id = \(run)")
    }
}
