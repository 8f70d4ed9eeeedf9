import Wire

/// Rows of the dataset that a model version was trained on, a few thousand at most.
struct ReferenceRows: Sendable {
    /// With the truth and what a model said of it; empty when the dataset does not hold both.
    var labelled: [PerformanceBasis.Row] = []
    /// As requests have them.
    var inputs: [JSON] = []

    /// Rows in `inputs`.
    static let limit = 2_000
}

/// The rows of references, read once in a while: a dataset is large, and many windows ask for it.
actor ReferenceTables {
    private struct Key: Hashable {
        let model: String
        let version: Int
        let reference: ReferenceChoice
        let endpoint: String
        let rule: PerformanceRule
    }

    private var kept: [Key: (rows: ReferenceRows, until: Timestamp)] = [:]
    /// Of different versions.
    private static let maximumKept = 20
    /// A dataset may be logged later, or the name given to another model.
    private static let lifetime = Duration.seconds(600)

    /// Those of a version; none when it has no dataset that can be read.
    func rows(
        of model: String, _ version: Int, _ monitor: Monitor, from source: ReferenceSource, now: Timestamp
    ) async throws -> ReferenceRows {
        let key = Key(
            model: model, version: version, reference: monitor.reference, endpoint: monitor.endpoint,
            rule: monitor.performance)
        if let found = kept[key], now < found.until { return found.rows }
        var rows = ReferenceRows()
        do {
            let table = try await source.rows(
                monitor.reference, endpoint: monitor.endpoint, model: model, version: version
            ).table
            rows.labelled = table.labelledRows(by: monitor.performance)
            rows.inputs = table.inputs(limit: ReferenceRows.limit)
        } catch let problem as any Problem where problem.code.status < 500 {
            // Without a dataset there is nothing to compare rows with.
        }
        if kept.count >= Self.maximumKept, let oldest = kept.min(by: { $0.value.until < $1.value.until })?.key {
            kept[oldest] = nil
        }
        kept[key] = (rows, now + Self.lifetime)
        return rows
    }
}
