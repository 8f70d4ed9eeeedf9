import Crypto
package import Database
package import Events
package import Tracking
package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where evaluation datasets are kept.
package struct EvaluationDatasetStore: Sendable {
    let database: Database
    let events: EventLog
    let clock: WallClock
    let entropy: Entropy

    package init(database: Database, events: EventLog, clock: WallClock, entropy: Entropy) {
        self.database = database
        self.events = events
        self.clock = clock
        self.entropy = entropy
    }

    /// - Throws: `TrackingError` for an unknown experiment.
    package func create(
        name: String, tags: [Tag], experiments: [ExperimentID], by actor: String
    ) async throws -> EvaluationDataset {
        let id = "d-" + entropy.hexID()
        let now = clock.now
        let user = tags.last { $0.key == EvaluationDataset.userKey }?.value
        return try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO evaluation_datasets
                    (dataset_id, name, created_time, last_update_time, created_by, last_updated_by)
                VALUES (\(id), \(name), \(now), \(now), \(user), \(user))
                """)
            try Self.set(tags, of: id, in: transaction)
            try Self.add(experiments, to: id, in: transaction)
            try append("evaluation-dataset.created", id, ["name": .string(name)], by: actor, in: transaction)
            return try Self.dataset(id, in: transaction)
        }
    }

    /// - Throws: `TraceError` when there is none.
    package func dataset(_ id: String) async throws -> EvaluationDataset {
        try await database.read { try Self.dataset(id, in: $0) }
    }

    /// There may be none; then nothing changes.
    package func delete(_ id: String, by actor: String) async throws {
        try await database.write { transaction in
            let tables: [SQL] = [
                "evaluation_dataset_tags", "evaluation_dataset_experiments", "evaluation_records",
                "evaluation_datasets",
            ]
            let deleted = try tables.map { try transaction.execute("DELETE FROM \($0) WHERE dataset_id = \(id)") }
            guard deleted.last != 0 else { return }
            try append("evaluation-dataset.deleted", id, [:], by: actor, in: transaction)
        }
    }

    /// Newest first unless the query says otherwise.
    package func search(_ query: EvaluationDatasetQuery) async throws -> Page<EvaluationDataset> {
        try await database.read { reader in
            var conditions = [query.filter.sql { $0.datasetSQL }]
            if !query.experimentIDs.isEmpty {
                conditions.append(
                    """
                    EXISTS (SELECT 1 FROM evaluation_dataset_experiments x WHERE x.dataset_id = d.dataset_id
                        AND x.experiment_id IN \(list: query.experimentIDs))
                    """)
            }
            let items = query.orders.map { $0.sql(by: Self.attribute($0.field.key)) }
            let ordering = (items.isEmpty ? ["d.created_time DESC"] : items) + ["d.dataset_id DESC"]
            let rows = try reader.rows(
                """
                SELECT \(Self.columns) FROM evaluation_datasets d WHERE \(conditions.joined(separator: " AND "))
                ORDER BY \(ordering.joined(separator: ", ")) LIMIT \(query.limit + 1) OFFSET \(query.offset)
                """)
            let page = Page(rows: rows, limit: query.limit, offset: query.offset)
            return Page(elements: try Self.complete(page.elements, in: reader), next: page.next)
        }
    }

    /// - Throws: `TraceError` when there is no such dataset.
    package func set(_ tags: [Tag], of id: String, by actor: String) async throws {
        try await database.write { transaction in
            _ = try Self.dataset(id, in: transaction)
            try Self.set(tags, of: id, in: transaction)
            try append("evaluation-dataset.tagged", id, ["tags": tags.excerpt], by: actor, in: transaction)
        }
    }

    /// There may be no such tag or dataset; then nothing changes.
    package func deleteTag(_ key: String, of id: String, by actor: String) async throws {
        try await database.write { transaction in
            let deleted = try transaction.execute(
                "DELETE FROM evaluation_dataset_tags WHERE dataset_id = \(id) AND key = \(key)")
            guard deleted > 0 else { return }
            try append("evaluation-dataset.untagged", id, ["key": .string(key)], by: actor, in: transaction)
        }
    }

    /// - Throws: `TraceError` when there is no such dataset; `TrackingError` for an unknown experiment.
    package func add(
        _ experiments: [ExperimentID], to id: String, by actor: String
    ) async throws -> EvaluationDataset {
        try await change(id, "evaluation-dataset.added", experiments, by: actor) { transaction in
            try Self.add(experiments, to: id, in: transaction)
        }
    }

    /// - Throws: `TraceError` when there is no such dataset.
    package func remove(
        _ experiments: [ExperimentID], from id: String, by actor: String
    ) async throws -> EvaluationDataset {
        try await change(id, "evaluation-dataset.removed", experiments, by: actor) { transaction in
            try transaction.execute(
                """
                DELETE FROM evaluation_dataset_experiments
                WHERE dataset_id = \(id) AND experiment_id IN \(list: experiments)
                """)
        }
    }

    private func change(
        _ id: String, _ kind: String, _ experiments: [ExperimentID], by actor: String,
        _ body: @escaping @Sendable (Transaction) throws -> Void
    ) async throws -> EvaluationDataset {
        let now = clock.now
        return try await database.write { transaction in
            _ = try Self.dataset(id, in: transaction)
            try body(transaction)
            try transaction.execute(
                "UPDATE evaluation_datasets SET last_update_time = \(now) WHERE dataset_id = \(id)")
            try append(kind, id, ["experiments": .strings(experiments.map(\.text))], by: actor, in: transaction)
            return try Self.dataset(id, in: transaction)
        }
    }

    func append(
        _ kind: String, _ id: String, _ data: JSON, by actor: String, in transaction: Transaction
    ) throws {
        try events.append(Change(by: actor, kind, of: "evaluation-datasets/\(id)", data), in: transaction)
    }
}

// MARK: - Within a transaction

extension EvaluationDatasetStore {
    private static let columns: SQL = """
        d.dataset_id, d.name, d.schema, d.created_time, d.last_update_time, d.created_by, d.last_updated_by,
        (SELECT COUNT(*) FROM evaluation_records r WHERE r.dataset_id = d.dataset_id)
        """

    static func dataset(_ id: String, in reader: Reader) throws -> EvaluationDataset {
        guard let row = try reader.row("SELECT \(columns) FROM evaluation_datasets d WHERE dataset_id = \(id)") else {
            throw TraceError(.doesNotExist, "Evaluation dataset with id '\(id)' not found.")
        }
        return try complete([row], in: reader)[0]
    }

    private static func complete(_ rows: [Row], in reader: Reader) throws -> [EvaluationDataset] {
        let ids: [String] = try rows.map { try $0.get(0) }
        let tags = try reader.tags(of: ids, table: "evaluation_dataset_tags", owner: "dataset_id")
        var experiments: [String: [ExperimentID]] = [:]
        try reader.forEachRow(of: ids) { ids in
            """
            SELECT dataset_id, experiment_id FROM evaluation_dataset_experiments WHERE dataset_id IN \(list: ids)
            ORDER BY dataset_id, experiment_id
            """
        } _: { row in
            experiments[try row.get(0), default: []].append(try row.get(1))
        }
        return try zip(rows, tags).map { row, tags in
            let id: String = try row.get(0)
            let name: String = try row.get(1)
            let lastUpdated: Timestamp = try row.get(4)
            return EvaluationDataset(
                id: id, name: name, tags: tags, schema: try row.get(2), recordCount: try row.get(7),
                created: try row.get(3), lastUpdated: lastUpdated, createdBy: try row.get(5),
                lastUpdatedBy: try row.get(6), experiments: experiments[id] ?? [],
                digest: digest(name: name, at: lastUpdated))
        }
    }

    /// The first eight digits of SHA-256 over the name and the time of the last change.
    private static func digest(name: String, at time: Timestamp) -> String {
        String(SHA256.hash(data: Data("\(name):\(time.milliseconds)".utf8)).hexadecimal.prefix(8))
    }

    static func set(_ tags: [Tag], of id: String, in transaction: Transaction) throws {
        for tag in tags {
            try transaction.execute(
                """
                INSERT INTO evaluation_dataset_tags (dataset_id, key, value) VALUES (\(id), \(tag.key), \(tag.value))
                ON CONFLICT (dataset_id, key) DO UPDATE SET value = excluded.value
                """)
        }
    }

    static func add(_ experiments: [ExperimentID], to id: String, in transaction: Transaction) throws {
        for experiment in experiments {
            _ = try ExperimentStore.experiment(experiment, in: transaction)
            try transaction.execute(
                """
                INSERT INTO evaluation_dataset_experiments (dataset_id, experiment_id) VALUES (\(id), \(experiment))
                ON CONFLICT DO NOTHING
                """)
        }
    }

    /// The column of a canonical attribute name.
    fileprivate static func attribute(_ name: String) -> SQL {
        switch name {
        case "name": "d.name"
        case "created_by": "d.created_by"
        case "last_updated_by": "d.last_updated_by"
        case "last_update_time": "d.last_update_time"
        default: "d.created_time"
        }
    }
}

extension SearchFilter.Condition {
    /// The condition on a row `d` of `evaluation_datasets`.
    fileprivate var datasetSQL: SQL {
        let column = EvaluationDatasetStore.attribute(field.key)
        return switch field.entity {
        case .tag: sql(onTagIn: "evaluation_dataset_tags", where: "t.dataset_id = d.dataset_id")
        default:
            field.key.hasSuffix("_time")
                ? sql(onInteger: column) : sql(on: column, isNullable: field.key.hasSuffix("_by"))
        }
    }
}
