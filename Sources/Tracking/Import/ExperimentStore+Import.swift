import Database
import Events
import Wire

extension ExperimentStore {
    /// Brings in experiments of another server, in one transaction. One whose name is here is that one, whatever its id;
    /// a new one keeps its id if that is free. Doing it again changes nothing.
    /// - Returns: an outcome each, with the id that it has here and the place of its files.
    package func adopt(_ experiments: [Experiment], by actor: String) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try experiments.map { try adopt($0, by: actor, in: transaction) }
        }
    }

    private func adopt(_ wanted: Experiment, by actor: String, in transaction: Transaction) throws -> ImportOutcome {
        let row = try transaction.row("SELECT \(Self.columns) FROM experiments e WHERE name = \(wanted.name)")
        guard let row else {
            let id = try insert(wanted, in: transaction)
            try add(wanted.tags, to: id, in: transaction)
            let location = try Self.experiment(id, in: transaction).artifactLocation
            try events.append(
                Change(
                    by: actor, "experiment.imported", of: id.subject,
                    ["name": .string(wanted.name), "id": .string(wanted.id.text)]), in: transaction)
            return ImportOutcome(
                id: wanted.id.text, effect: .created, localID: id.text, artifactURI: location)
        }
        var here = try Self.complete([row], in: transaction)[0]
        try add(wanted.tags, to: here.id, in: transaction)
        here = try Self.experiment(here.id, in: transaction)
        let stage = ImportOutcome.difference(
            "its stage", here: here.stage.rawValue, there: wanted.stage.rawValue)
        var outcome = ImportOutcome(
            id: wanted.id.text, differences: [stage].compactMap(\.self) + here.tags.differences(from: wanted.tags),
            artifactURI: here.artifactLocation)
        outcome.localID = here.id.text
        return outcome
    }

    /// - Returns: the id, which is another than the wanted one when that is taken.
    private func insert(_ wanted: Experiment, in transaction: Transaction) throws -> ExperimentID {
        let isTaken = try transaction.row("SELECT 1 FROM experiments WHERE experiment_id = \(wanted.id)") != nil
        let facts: SQL = """
            \(wanted.name), '', \(wanted.stage), \(wanted.creationTime), \(wanted.lastUpdateTime)
            """
        let columns: SQL = "name, artifact_location, lifecycle_stage, creation_time, last_update_time"
        let number = try transaction.value(
            isTaken
                ? "INSERT INTO experiments (\(columns)) VALUES (\(facts)) RETURNING experiment_id"
                : """
                INSERT INTO experiments (experiment_id, \(columns)) VALUES (\(wanted.id), \(facts))
                RETURNING experiment_id
                """, as: Int64.self)
        guard let number else { throw TrackingError(.internalError, "The new experiment got no id.") }
        if !isTaken { try transaction.resumeIdentity(of: "experiments", column: "experiment_id") }
        let id = ExperimentID(number)
        let location = ArtifactLocation.adopted(wanted.artifactLocation, of: wanted.id, as: id)
        try transaction.execute(
            "UPDATE experiments SET artifact_location = \(location) WHERE experiment_id = \(id)")
        return id
    }

    private func add(_ tags: [Tag], to id: ExperimentID, in transaction: Transaction) throws {
        try transaction.insert(
            into: "experiment_tags (experiment_id, key, value)",
            rows: tags.map { [id.sqlValue, $0.key.sqlValue, $0.value.sqlValue] }, "ON CONFLICT DO NOTHING")
    }
}

extension ArtifactLocation {
    /// The place here for the files of an experiment from elsewhere. A store that clients reach by themselves, such as a
    /// bucket, stays the place; what was in that server's hands comes into ours.
    static func adopted(_ location: String, of old: ExperimentID, as new: ExperimentID) -> String {
        if isElsewhere(location) { return location }
        let isChosen = location.hasPrefix("mlflow-artifacts:/") && !location.hasPrefix("mlflow-artifacts://")
        guard isChosen, location != ofExperiment(old), (try? checked(location, workingFolder: "")) != nil else {
            return ofExperiment(new)
        }
        return location
    }

    /// Whether files are in a store that is neither a server's nor a machine's own.
    package static func isElsewhere(_ uri: String) -> Bool {
        guard let match = uri.prefixMatch(of: /([A-Za-z][A-Za-z0-9+.\-]+):/) else { return false }
        return !["file", "mlflow-artifacts", "http", "https", "ftp", "runs", "models"].contains(match.1.lowercased())
    }
}

extension [Tag] {
    /// What these say otherwise than `others`, where both have a key.
    package func differences(from others: [Tag]) -> [String] {
        let here = Dictionary(map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
        return others.compactMap { other in
            here[other.key].flatMap {
                ImportOutcome.difference("tag '\(other.key)'", here: $0, there: other.value)
            }
        }
    }
}
