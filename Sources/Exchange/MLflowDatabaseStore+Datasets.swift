import Database
import Wire

// Evaluation datasets and webhooks of MLflow's SQL stores.

extension MLflowDatabaseStore {
    func evaluationDatasets(_ body: RecordBody) async throws {
        let datasets = try await records(
            "evaluation_datasets",
            """
            SELECT dataset_id, name, schema, created_time, last_update_time, created_by, last_updated_by
            FROM evaluation_datasets ORDER BY created_time, dataset_id
            """
        ) { row in
            .compact([
                "dataset_id": try row.text(0), "name": try row.text(1), "schema": try row.text(2),
                "created_time": try row.number(3), "last_update_time": try row.number(4),
                "created_by": try row.text(5), "last_updated_by": try row.text(6),
            ])
        }
        for dataset in datasets {
            let id = RecordKind.evaluationDatasets.id(of: dataset)
            let record = try await SourceRecord.reading(id) {
                let tags = try await pairs("evaluation_dataset_tags", "key, value", where: "dataset_id = \(id)")
                let members = (tags.arrayValue ?? []).map { ($0["key"]?.stringValue ?? "", $0["value"] ?? "") }
                let experiments = try await records(
                    "entity_associations",
                    """
                    SELECT destination_id FROM entity_associations WHERE source_type = 'evaluation_dataset'
                        AND destination_type = 'experiment' AND source_id = \(id) ORDER BY destination_id
                    """
                ) { try $0.text(0) ?? "" }
                return dataset.with("tags", .string(JSON.members(members).text)).with(
                    "experiment_ids", .array(experiments))
            }
            try await body(record)
        }
    }

    func evaluationRecords(of dataset: JSON, _ body: RecordBody) async throws {
        let id = RecordKind.evaluationDatasets.id(of: dataset)
        var place: (time: Int64, id: String) = (Int64.min, "")
        while true {
            let after = place
            let rows = try await read { reader in
                try reader.rows(
                    """
                    SELECT dataset_record_id, created_time, inputs, outputs, expectations, tags, source,
                        last_update_time, created_by, last_updated_by
                    FROM evaluation_dataset_records
                    WHERE dataset_id = \(id) AND (created_time, dataset_record_id) > (\(after.time), \(after.id))
                    ORDER BY created_time, dataset_record_id LIMIT \(Self.portion)
                    """)
            }
            for row in rows {
                let record: String = try row.get(0)
                place = (try row.get(1), record)
                try await body(
                    try await SourceRecord.reading(record) { try Self.evaluationRecord(row, of: id) })
            }
            guard rows.count == Self.portion else { return }
        }
    }

    private static func evaluationRecord(_ row: Row, of dataset: String) throws -> JSON {
        let outputs = try row.json(3)
        let source = try row.json(6)
        return .compact([
            "dataset_record_id": try row.text(0), "dataset_id": .string(dataset), "inputs": try row.json(2) ?? [:],
            // What outputs are, MLflow wraps into an object.
            "outputs": outputs?["mlflow_wrapped"] ?? outputs, "expectations": try row.json(4),
            "tags": try row.json(5), "source": source, "created_time": try row.number(1),
            "last_update_time": try row.number(7), "created_by": try row.text(8), "last_updated_by": try row.text(9),
        ])
    }

    // MARK: Webhooks

    func webhooks(_ body: RecordBody) async throws {
        let webhooks = try await records(
            "webhooks",
            """
            SELECT webhook_id, name, description, url, status, creation_timestamp, last_updated_timestamp
            FROM webhooks WHERE deleted_timestamp IS NULL ORDER BY creation_timestamp, webhook_id
            """
        ) { row in
            .compact([
                "webhook_id": try row.text(0), "name": try row.text(1), "description": try row.text(2),
                "url": try row.text(3), "status": try row.text(4), "creation_timestamp": try row.number(5),
                "last_updated_timestamp": try row.number(6),
            ])
        }
        for webhook in webhooks {
            let id = RecordKind.webhooks.id(of: webhook)
            let record = try await SourceRecord.reading(id) {
                let events = try await records(
                    "webhook_events",
                    "SELECT entity, action FROM webhook_events WHERE webhook_id = \(id) ORDER BY entity, action"
                ) { ["entity": try $0.text(0) ?? "", "action": try $0.text(1) ?? ""] }
                return webhook.with("events", .array(events))
            }
            try await body(record)
        }
    }
}

extension Row {
    /// A column of JSON; nil when it is null, in either way.
    fileprivate func json(_ index: Int) throws -> JSON? {
        guard let text = try text(index)?.stringValue else { return nil }
        return try JSON.parse(text).unlessNull
    }
}
