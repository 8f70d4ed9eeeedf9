import Crypto
package import Database
package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension EvaluationDatasetStore {
    /// Adds records; one whose inputs are there already is joined with the record that has them.
    /// - Returns: how many were new, and how many were there.
    /// - Throws: `TraceError` when there is no such dataset.
    package func upsert(
        _ records: [NewEvaluationRecord], into id: String, by actor: String
    ) async throws -> (inserted: Int, updated: Int) {
        let now = clock.now
        return try await database.write { transaction in
            let dataset = try Self.dataset(id, in: transaction)
            var updated = 0
            for new in records {
                let digest = Self.digest(ofInputs: new.inputs)
                let known = try transaction.row(
                    """
                    SELECT \(EvaluationRecord.columns) FROM evaluation_records
                    WHERE dataset_id = \(id) AND digest = \(digest)
                    """, as: EvaluationRecord.self)
                if var record = known {
                    record.merge(new, at: now)
                    try Self.save(record, digest: digest, in: transaction)
                    updated += 1
                } else {
                    let record = EvaluationRecord(new, id: "dr-" + entropy.hexID(), dataset: id, now: now)
                    try Self.save(record, digest: digest, in: transaction)
                }
            }
            let user = records.compactMap(\.user).last
            let schema = EvaluationSchema.extended(dataset.schema, by: records)
            try transaction.execute(
                """
                UPDATE evaluation_datasets SET last_update_time = \(now), last_updated_by = \(user), schema = \(schema)
                WHERE dataset_id = \(id)
                """)
            let counts: JSON = [
                "inserted": .integer(Int64(records.count - updated)), "updated": .integer(Int64(updated)),
            ]
            try append("evaluation-dataset.filled", id, counts, by: actor, in: transaction)
            return (records.count - updated, updated)
        }
    }

    /// Oldest first.
    /// - Throws: `TraceError` when there is no such dataset.
    package func records(of id: String, limit: Int, offset: Int) async throws -> Page<EvaluationRecord> {
        try await database.read { reader in
            _ = try Self.dataset(id, in: reader)
            let rows = try reader.rows(
                """
                SELECT \(EvaluationRecord.columns) FROM evaluation_records WHERE dataset_id = \(id)
                ORDER BY position LIMIT \(limit + 1) OFFSET \(offset)
                """, as: EvaluationRecord.self)
            return Page(rows: rows, limit: limit, offset: offset)
        }
    }

    /// - Returns: how many there were.
    /// - Throws: `TraceError` when there is no such dataset.
    package func delete(records: [String], from id: String, by actor: String) async throws -> Int {
        try await database.write { transaction in
            _ = try Self.dataset(id, in: transaction)
            var deleted = 0
            var rest = records[...]
            while !rest.isEmpty {
                deleted += try transaction.execute(
                    """
                    DELETE FROM evaluation_records
                    WHERE dataset_id = \(id) AND record_id IN \(list: rest.prefix(512))
                    """)
                rest = rest.dropFirst(512)
            }
            guard deleted > 0 else { return 0 }
            let data: JSON = ["deleted": .integer(Int64(deleted))]
            try append("evaluation-dataset.emptied", id, data, by: actor, in: transaction)
            return deleted
        }
    }

    /// By which records with the same inputs are known: SHA-256 of them.
    static func digest(ofInputs inputs: JSON) -> String {
        SHA256.hash(data: Data(inputs.canonicalText.utf8)).hexadecimal
    }

    static func save(_ record: EvaluationRecord, digest: String, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO evaluation_records (record_id, dataset_id, digest, inputs, outputs, expectations, tags, source,
                created_time, last_update_time, created_by, last_updated_by)
            VALUES (\(record.id), \(record.datasetID), \(digest), \(record.inputs), \(record.outputs),
                \(record.expectations), \(record.tags), \(record.source), \(record.created), \(record.lastUpdated),
                \(record.createdBy), \(record.lastUpdatedBy))
            ON CONFLICT (record_id) DO UPDATE SET outputs = excluded.outputs, expectations = excluded.expectations,
                tags = excluded.tags, last_update_time = excluded.last_update_time,
                last_updated_by = excluded.last_updated_by
            """)
    }
}

extension EvaluationRecord {
    fileprivate init(_ new: NewEvaluationRecord, id: String, dataset: String, now: Timestamp) {
        self.init(
            id: id, datasetID: dataset, inputs: new.inputs, outputs: new.outputs, expectations: new.expectations,
            tags: new.tags, source: new.source, created: now, lastUpdated: now, createdBy: new.user,
            lastUpdatedBy: new.user)
    }
}

extension EvaluationRecord: RowDecodable {
    static let columns: SQL = """
        record_id, dataset_id, inputs, outputs, expectations, tags, source, created_time, last_update_time, created_by,
        last_updated_by
        """

    package init(row: Row) throws {
        id = try row.get(0)
        datasetID = try row.get(1)
        inputs = try row.get(2)
        outputs = try row.get(3)
        expectations = try row.get(4)
        tags = try row.get(5)
        source = try row.get(6)
        created = try row.get(7)
        lastUpdated = try row.get(8)
        createdBy = try row.get(9)
        lastUpdatedBy = try row.get(10)
    }
}
