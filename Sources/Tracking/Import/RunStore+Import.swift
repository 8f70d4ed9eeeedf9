import Database
import Events
import Wire

extension RunStore {
    /// Brings in runs of another server under their ids, in one transaction. What a run here lacks is added; what it says
    /// otherwise stays. Doing it again changes nothing.
    /// - Throws: `TrackingError` for an experiment that is not here.
    package func adopt(_ runs: [ImportedRun], by actor: String) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try runs.map { try adopt($0, by: actor, in: transaction) }
        }
    }

    private func adopt(_ wanted: ImportedRun, by actor: String, in transaction: Transaction) throws -> ImportOutcome {
        let run = wanted.run
        let experiment = try ExperimentStore.experiment(run.info.experimentID, in: transaction)
        let isElsewhere = ArtifactLocation.isElsewhere(run.info.artifactURI)
        let uri =
            isElsewhere
            ? run.info.artifactURI : ArtifactLocation.ofRun(run.info.id, in: experiment.artifactLocation)
        let added = try transaction.execute(
            """
            INSERT INTO runs (run_id, experiment_id, run_name, user_id, status, start_time, end_time, artifact_uri,
                lifecycle_stage, deleted_at)
            VALUES (\(run.info.id), \(run.info.experimentID), \(run.info.name), \(run.info.userID),
                \(run.info.status), \(run.info.startTime), \(run.info.endTime), \(uri), \(run.info.stage), \(run.info.stage == .deleted ? wanted.deletedAt : nil))
            ON CONFLICT (run_id) DO NOTHING
            """)
        try addWhatIsMissing(run, in: transaction)
        let here = try Self.run(run.info.id, in: transaction)
        if added > 0 {
            let moment = try events.append(
                Change(
                    by: actor, "run.imported", of: Self.subject(run.info.id),
                    ["experiment_id": .string(run.info.experimentID.text), "name": .string(run.info.name)]),
                in: transaction)
            if run.info.stage == .deleted, wanted.deletedAt == nil {
                try transaction.execute("UPDATE runs SET deleted_at = \(moment) WHERE run_id = \(run.info.id)")
            }
            return ImportOutcome(id: run.info.id, effect: .created, artifactURI: here.info.artifactURI)
        }
        try follow(run, from: here.info, by: actor, in: transaction)
        let now = try Self.run(run.info.id, in: transaction)
        return ImportOutcome(
            id: run.info.id, differences: now.differences(from: run), artifactURI: here.info.artifactURI)
    }

    private func addWhatIsMissing(_ run: Run, in transaction: Transaction) throws {
        let id = run.info.id.sqlValue
        for (table, pairs) in [
            ("params (run_id, key, value)", run.params.map { ($0.key, $0.value) }),
            ("run_tags (run_id, key, value)", run.tags.map { ($0.key, $0.value) }),
        ] as [(SQL, [(String, String)])] {
            try transaction.insert(
                into: table, rows: pairs.map { [id, $0.sqlValue, $1.sqlValue] }, "ON CONFLICT DO NOTHING")
        }
        try keys.note(run.params.lazy.map(\.key), .param, in: run.info.experimentID, in: transaction)
        try keys.note(run.tags.lazy.map(\.key), .tag, in: run.info.experimentID, in: transaction)
        for input in run.datasetInputs { try DatasetStore.add(input, to: run.info, in: transaction) }
        try transaction.insert(
            into: "model_inputs (run_id, model_id, position)",
            rows: run.modelInputs.enumerated().map { [id, $1.sqlValue, $0.sqlValue] }, "ON CONFLICT DO NOTHING")
        try transaction.insert(
            into: "model_outputs (run_id, model_id, step, position)",
            rows: run.modelOutputs.enumerated().map { [id, $1.modelID.sqlValue, $1.step.sqlValue, $0.sqlValue] },
            "ON CONFLICT DO NOTHING")
    }

    /// A run that was brought in while it went on, and has ended since.
    private func follow(_ run: Run, from here: RunInfo, by actor: String, in transaction: Transaction) throws {
        let isOpen = here.status == .running || here.status == .scheduled
        guard isOpen, here.endTime == nil, run.info.status != here.status, here.startTime == run.info.startTime else {
            return
        }
        try transaction.execute(
            "UPDATE runs SET status = \(run.info.status), end_time = \(run.info.endTime) WHERE run_id = \(here.id)")
        let data: JSON = .compact([
            "status": .string(run.info.status.rawValue), "end_time": run.info.endTime?.json,
        ])
        try events.append(Change(by: actor, "run.updated", of: Self.subject(here.id), data), in: transaction)
    }

    /// Brings in points, in one transaction; those that are there already are not added again.
    /// - Throws: `TrackingError` for a run that is not here.
    package func adopt(_ records: [ImportedPoints]) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try records.map { record in
                let run = try Self.info(record.runID, in: transaction)
                let logged = try MetricStore.log(record.points, to: run, in: transaction)
                try keys.note(logged.newKeys, .metric, in: run.experimentID, in: transaction)
                return ImportOutcome(
                    id: "\(record.runID)/\(record.key)", effect: logged.added > 0 ? .created : .present,
                    added: logged.added)
            }
        }
    }
}

extension Run {
    /// What this run says otherwise than the same run elsewhere.
    fileprivate func differences(from other: Run) -> [String] {
        let facts: [(String, String, String)] = [
            ("its experiment", info.experimentID.text, other.info.experimentID.text),
            ("its name", info.name, other.info.name), ("its user", info.userID, other.info.userID),
            ("its status", info.status.rawValue, other.info.status.rawValue),
            ("its start", "\(info.startTime.milliseconds)", "\(other.info.startTime.milliseconds)"),
            ("its end", info.endTime.text, other.info.endTime.text),
            ("its stage", info.stage.rawValue, other.info.stage.rawValue),
        ]
        let params = self.params.map { Tag(key: $0.key, value: $0.value) }
        let otherParams = other.params.map { Tag(key: $0.key, value: $0.value) }
        return facts.compactMap { ImportOutcome.difference($0, here: $1, there: $2) }
            + tags.differences(from: other.tags) + params.differences(from: otherParams)
    }
}

extension Timestamp? {
    fileprivate var text: String { map { "\($0.milliseconds)" } ?? "none" }
}
