import Database
import Tracking

extension TraceStore {
    /// How often two filters hold, alone and together.
    /// - Parameter base: what all traces that are looked at must satisfy.
    func correlation(
        of first: SearchFilter, with second: SearchFilter, within base: SearchFilter, in experiments: [ExperimentID]
    ) async throws -> FilterCorrelation {
        // What is said of a span in the base and in a filter is said of one span.
        let one = SearchFilter.all([base, first]).traceSQL
        let other = SearchFilter.all([base, second]).traceSQL
        let sql: SQL = """
            SELECT COUNT(*), COALESCE(SUM(one), 0), COALESCE(SUM(other), 0), COALESCE(SUM(one * other), 0) FROM (
                SELECT CASE WHEN \(one) THEN 1 ELSE 0 END AS one, CASE WHEN \(other) THEN 1 ELSE 0 END AS other
                FROM traces c WHERE c.experiment_id IN \(list: experiments) AND \(base.traceSQL)) AS marked
            """
        return try await database.read { reader in
            let counts = try reader.rows(sql.once).first
            return FilterCorrelation(
                first: try counts?.get(1) ?? 0, second: try counts?.get(2) ?? 0, both: try counts?.get(3) ?? 0,
                total: try counts?.get(0) ?? 0)
        }
    }
}
