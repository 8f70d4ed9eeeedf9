package import Database
import Synchronization
package import Wire

/// Which keys the runs of each experiment have logged, so that whoever looks for a column never looks through runs.
///
/// A key is noted when it is logged first, and stays until its experiment is purged. What was noted lately is remembered, so
/// that logging a key again writes nothing.
package final class KeyStore: Sendable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case metric, param, tag

        package var entity: SearchField.Entity {
            switch self {
            case .metric: .metric
            case .param: .param
            case .tag: .tag
            }
        }
    }

    private struct Key: Hashable {
        let experiment: ExperimentID
        let kind: Kind
        let key: String
    }

    private let database: Database
    private let known = Mutex<Set<Key>>([])

    /// About ten megabytes. Beyond it everything is forgotten, and noted again as it comes.
    private static let mostKnown = 50_000

    package init(database: Database) {
        self.database = database
    }

    /// Notes the keys of a kind that runs of an experiment have.
    func note(
        _ keys: some Sequence<String>, _ kind: Kind, in experiment: ExperimentID, in transaction: Transaction
    ) throws {
        let new = known.withLock { known in
            keys.map { Key(experiment: experiment, kind: kind, key: $0) }.filter { !known.contains($0) }
        }
        guard !new.isEmpty else { return }
        try transaction.insert(
            into: "experiment_keys (experiment_id, kind, key)",
            rows: new.map { [experiment.sqlValue, .text(kind.rawValue), .text($0.key)] }, "ON CONFLICT DO NOTHING")
        // Not before: a transaction that fails has noted nothing.
        transaction.onCommit { [self] in
            known.withLock { known in
                if known.count + new.count > Self.mostKnown { known.removeAll() }
                known.formUnion(new)
            }
        }
    }

    /// Columns of the keys in whose name all words stand: metrics, then params, then tags, by name.
    /// - Parameter words: large and small letters A to Z are the same.
    package func columns(
        of experiment: ExperimentID, containing words: [String], kinds: [Kind] = Kind.allCases, limit: Int,
        offset: Int = 0
    ) async throws -> Page<RunColumn> {
        try await database.read { reader in
            let rows = try Self.keys(of: experiment, containing: words, kinds, limit: limit + 1, offset, in: reader)
            return Page(rows: rows, limit: limit, offset: offset)
        }
    }

    static func keys(
        of experiment: ExperimentID, containing words: [String] = [], _ kinds: [Kind], limit: Int, _ offset: Int = 0,
        in reader: Reader
    ) throws -> [RunColumn] {
        let conditions = words.map { word -> SQL in
            let pattern = "%\(word.lowercasedASCII.patternText)%"
            return " AND LOWER(key) LIKE \(pattern) ESCAPE '\\'"
        }
        let select: SQL = """
            SELECT kind, key FROM experiment_keys
            WHERE experiment_id = \(experiment) AND kind IN \(list: kinds.map(\.rawValue))\(conditions.joined(separator: ""))
            ORDER BY kind, key LIMIT \(limit) OFFSET \(offset)
            """
        return try reader.rows(select.once).compactMap { row in
            let key: String = try row.get(1)
            return Kind(rawValue: try row.get(0)).map { RunColumn($0.entity, key) }
        }
    }

    /// Forgets the keys of an experiment that is purged. Its number is never given again.
    static func forget(_ experiment: ExperimentID, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM experiment_keys WHERE experiment_id = \(experiment)")
    }
}
