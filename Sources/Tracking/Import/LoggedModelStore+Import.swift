import Database
import Events
import Wire

extension LoggedModelStore {
    /// Brings in logged models of another server under their ids, in one transaction. What a model here lacks is added;
    /// what it says otherwise stays. Doing it again changes nothing.
    /// - Throws: `TrackingError` for an experiment that is not here.
    package func adopt(_ models: [LoggedModel], by actor: String) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try models.map { try adopt($0, by: actor, in: transaction) }
        }
    }

    private func adopt(_ wanted: LoggedModel, by actor: String, in transaction: Transaction) throws -> ImportOutcome {
        let experiment = try ExperimentStore.experiment(wanted.experimentID, in: transaction)
        let uri =
            ArtifactLocation.isElsewhere(wanted.artifactURI)
            ? wanted.artifactURI : ArtifactLocation.ofLoggedModel(wanted.id, in: experiment.artifactLocation)
        let added = try transaction.execute(
            """
            INSERT INTO logged_models (model_id, experiment_id, name, creation_timestamp_ms,
                last_updated_timestamp_ms, artifact_uri, status, lifecycle_stage, model_type, source_run_id)
            VALUES (\(wanted.id), \(wanted.experimentID), \(wanted.name), \(wanted.creationTime),
                \(wanted.lastUpdateTime), \(uri), \(wanted.status), \(wanted.stage), \(wanted.modelType),
                \(wanted.sourceRunID))
            ON CONFLICT (model_id) DO NOTHING
            """)
        try addWhatIsMissing(wanted, in: transaction)
        let here = try Self.model(wanted.id, in: transaction)
        guard added > 0 else {
            return ImportOutcome(
                id: wanted.id, differences: here.differences(from: wanted), artifactURI: here.artifactURI)
        }
        try events.append(
            Change(
                by: actor, "logged-model.imported", of: Self.subject(wanted.id),
                ["experiment_id": .string(wanted.experimentID.text), "name": .string(wanted.name)]), in: transaction)
        return ImportOutcome(id: wanted.id, effect: .created, artifactURI: here.artifactURI)
    }

    private func addWhatIsMissing(_ model: LoggedModel, in transaction: Transaction) throws {
        let id = model.id.sqlValue
        for (table, pairs) in [
            ("logged_model_params (model_id, key, value)", model.params.map { ($0.key, $0.value) }),
            ("logged_model_tags (model_id, key, value)", model.tags.map { ($0.key, $0.value) }),
        ] as [(SQL, [(String, String)])] {
            try transaction.insert(
                into: table, rows: pairs.map { [id, $0.sqlValue, $1.sqlValue] }, "ON CONFLICT DO NOTHING")
        }
        try transaction.insert(
            into: """
                logged_model_metrics (model_id, key, timestamp, step, value, is_nan, run_id, dataset_name,
                    dataset_digest)
                """,
            rows: model.metrics.map { metric in
                [
                    id, metric.key.sqlValue, metric.timestamp.sqlValue, metric.step.sqlValue,
                    metric.point.storedValue.sqlValue, metric.value.isNaN.sqlValue, (metric.runID ?? "").sqlValue,
                    (metric.dataset?.name ?? "").sqlValue, (metric.dataset?.digest ?? "").sqlValue,
                ]
            }, "ON CONFLICT DO NOTHING")
    }
}

extension LoggedModel {
    /// What this model says otherwise than the same model elsewhere.
    fileprivate func differences(from other: LoggedModel) -> [String] {
        let facts: [(String, String, String)] = [
            ("its experiment", experimentID.text, other.experimentID.text), ("its name", name, other.name),
            ("its status", status.rawValue, other.status.rawValue),
            ("its stage", stage.rawValue, other.stage.rawValue),
            ("its run", sourceRunID, other.sourceRunID), ("its type", modelType, other.modelType),
            ("its creation", "\(creationTime.milliseconds)", "\(other.creationTime.milliseconds)"),
        ]
        let params = self.params.map { Tag(key: $0.key, value: $0.value) }
        let otherParams = other.params.map { Tag(key: $0.key, value: $0.value) }
        return facts.compactMap { ImportOutcome.difference($0, here: $1, there: $2) }
            + tags.differences(from: other.tags) + params.differences(from: otherParams)
    }
}
