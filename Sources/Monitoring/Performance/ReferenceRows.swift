import OrderedCollections
import Statistics
import Wire

/// Rows of the dataset that a model version was trained on, a few thousand at most.
struct ReferenceRows: Sendable {
    /// With the truth and what a model said of it; empty when the dataset does not hold both, nil when nobody asked.
    var labelled: [PerformanceBasis.Row]?
    /// What goes into the model, to be compared with what comes.
    var inputs = GrowthReference(columns: [])

    /// Rows in `inputs`.
    static let limit = 2_000

    /// About how many bytes they take.
    var sizeBytes: Int {
        let cells = (labelled?.count ?? 0) * (2 + (labelled?.first?.inputs.objectValue?.count ?? 0))
        return inputs.sizeBytes + 64 * cells
    }
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
    private var keptBytes = 0
    /// Of all that are kept. Where there are more the first ones stay: were they to make room for the others, each of many
    /// monitors that are looked at in turn would find its own gone.
    private static let maximumBytes = 96 << 20
    /// A dataset may be logged later, or the name given to another model.
    private static let lifetime = Duration.seconds(600)

    /// Those of a version; none when it has no dataset that can be read.
    /// - Parameter withLabels: whether those with the truth are needed too, which take much more room.
    func rows(
        of model: String, _ version: Int, _ monitor: Monitor, withLabels: Bool, from source: ReferenceSource,
        now: Timestamp
    ) async throws -> ReferenceRows {
        let key = Key(
            model: model, version: version, reference: monitor.reference, endpoint: monitor.endpoint,
            rule: monitor.performance)
        if let found = kept[key], now < found.until, found.rows.labelled != nil || !withLabels {
            if !withLabels, found.rows.labelled != nil { keep(found.rows, key, until: found.until, now: now) }
            return found.rows
        }
        var rows = ReferenceRows(labelled: [])
        do {
            let table = try await source.rows(
                monitor.reference, endpoint: monitor.endpoint, model: model, version: version
            ).table
            if withLabels { rows.labelled = table.labelledRows(by: monitor.performance) }
            rows.inputs = table.inputs(limit: ReferenceRows.limit)
        } catch let problem as any Problem where problem.code.status < 500 {
            // Without a dataset there is nothing to compare rows with.
        }
        keep(rows, key, withLabels: withLabels, until: now + Self.lifetime, now: now)
        return rows
    }

    private func keep(
        _ rows: ReferenceRows, _ key: Key, withLabels: Bool = false, until: Timestamp, now: Timestamp
    ) {
        var rows = rows
        if !withLabels { rows.labelled = nil }
        drop(key)
        if keptBytes + rows.sizeBytes > Self.maximumBytes {
            for (old, one) in kept where one.until <= now { drop(old) }
        }
        guard keptBytes + rows.sizeBytes <= Self.maximumBytes else { return }
        keptBytes += rows.sizeBytes
        kept[key] = (rows, until)
    }

    private func drop(_ key: Key) {
        if let former = kept.removeValue(forKey: key) { keptBytes -= former.rows.sizeBytes }
    }
}
