import Database
import Events
package import Tracking
import Wire

extension EvaluationDatasetStore {
    /// Brings in datasets of another server under their ids, in one transaction, without their records. Doing it again
    /// changes nothing.
    /// - Throws: `TrackingError` for an experiment that is not here.
    package func adopt(_ datasets: [EvaluationDataset], by actor: String) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try datasets.map { try adopt($0, by: actor, in: transaction) }
        }
    }

    private func adopt(
        _ wanted: EvaluationDataset, by actor: String, in transaction: Transaction
    ) throws -> ImportOutcome {
        let added = try transaction.execute(
            """
            INSERT INTO evaluation_datasets
                (dataset_id, name, schema, created_time, last_update_time, created_by, last_updated_by)
            VALUES (\(wanted.id), \(wanted.name), \(wanted.schema), \(wanted.created), \(wanted.lastUpdated),
                \(wanted.createdBy), \(wanted.lastUpdatedBy))
            ON CONFLICT (dataset_id) DO NOTHING
            """)
        try transaction.insert(
            into: "evaluation_dataset_tags (dataset_id, key, value)",
            rows: wanted.tags.map { [wanted.id.sqlValue, $0.key.sqlValue, $0.value.sqlValue] },
            "ON CONFLICT DO NOTHING")
        try Self.add(wanted.experiments, to: wanted.id, in: transaction)
        if added > 0 {
            try append(
                "evaluation-dataset.imported", wanted.id, ["name": .string(wanted.name)], by: actor, in: transaction)
            return ImportOutcome(id: wanted.id, effect: .created)
        }
        // It may have been filled further since it was brought in.
        try transaction.execute(
            """
            UPDATE evaluation_datasets SET last_update_time = \(wanted.lastUpdated), schema = \(wanted.schema),
                last_updated_by = \(wanted.lastUpdatedBy)
            WHERE dataset_id = \(wanted.id) AND last_update_time < \(wanted.lastUpdated)
            """)
        let here = try Self.dataset(wanted.id, in: transaction)
        let name = ImportOutcome.difference("its name", here: here.name, there: wanted.name)
        return ImportOutcome(
            id: wanted.id, differences: [name].compactMap(\.self) + here.tags.differences(from: wanted.tags))
    }

    /// Brings in records under their ids, in one transaction. What is there stays as it is.
    /// - Throws: `TraceError` for a dataset that is not here.
    package func adopt(_ records: [EvaluationRecord]) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try records.map { try Self.adopt($0, in: transaction) }
        }
    }

    private static func adopt(_ wanted: EvaluationRecord, in transaction: Transaction) throws -> ImportOutcome {
        _ = try dataset(wanted.datasetID, in: transaction)
        let digest = digest(ofInputs: wanted.inputs)
        let here = try transaction.row(
            """
            SELECT \(EvaluationRecord.columns) FROM evaluation_records
            WHERE record_id = \(wanted.id) OR dataset_id = \(wanted.datasetID) AND digest = \(digest)
            """, as: EvaluationRecord.self)
        guard let here else {
            try save(wanted, digest: digest, in: transaction)
            return ImportOutcome(id: wanted.id, effect: .created)
        }
        guard here.id == wanted.id else {
            return ImportOutcome(
                id: wanted.id, effect: .different, reason: "record \(here.id) here has the same inputs")
        }
        let facts: [(String, JSON?, JSON?)] = [
            ("its inputs", here.inputs, wanted.inputs), ("its outputs", here.outputs, wanted.outputs),
            ("what is expected", here.expectations, wanted.expectations), ("its tags", here.tags, wanted.tags),
        ]
        return ImportOutcome(
            id: wanted.id,
            differences: facts.compactMap {
                ImportOutcome.difference($0, here: ($1 ?? .null).canonicalText, there: ($2 ?? .null).canonicalText)
            })
    }
}
