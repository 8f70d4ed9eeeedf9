package import Database
package import Events
package import Wire

/// Where experiments are kept.
package struct ExperimentStore: Sendable {
    let database: Database
    let events: EventLog
    private let clock: WallClock
    private let workingFolder: String

    /// - Parameter workingFolder: what relative artifact locations are relative to.
    package init(database: Database, events: EventLog, clock: WallClock, workingFolder: String) {
        self.database = database
        self.events = events
        self.clock = clock
        self.workingFolder = workingFolder
    }

    /// - Throws: `FieldProblem` for a name, location or tag that breaks a rule; `TrackingError` when the name is taken,
    ///   also by a deleted experiment.
    package func create(
        name: String, artifactLocation: String? = nil, tags: [Tag] = [], by actor: String
    ) async throws -> ExperimentID {
        try Experiment.checkName(name, parameter: "name")
        let location = try artifactLocation.map { try ArtifactLocation.checked($0, workingFolder: workingFolder) }
        let tags = try tags.map(TagRule.experiment.checked)
        try tags.requireUniqueKeys()
        let now = clock.now
        return try await database.write { transaction in
            try Self.requireFree(name, in: transaction)
            let number = try transaction.value(
                """
                INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time)
                VALUES (\(name), \(location ?? ""), 'active', \(now), \(now)) RETURNING experiment_id
                """, as: Int64.self)
            guard let number else { throw TrackingError(.internalError, "The new experiment got no id.") }
            let id = ExperimentID(number)
            if location == nil {
                try transaction.execute(
                    """
                    UPDATE experiments SET artifact_location = \(ArtifactLocation.ofExperiment(id))
                    WHERE experiment_id = \(id)
                    """)
            }
            for tag in tags { try Self.set(tag, of: id, in: transaction) }
            try events.append(
                Change(by: actor, "experiment.created", of: id.subject, ["name": .string(name), "tags": tags.excerpt]),
                in: transaction)
            return id
        }
    }

    /// - Throws: `TrackingError` when there is none, deleted or not.
    package func experiment(_ id: ExperimentID) async throws -> Experiment {
        try await database.read { try Self.experiment(id, in: $0) }
    }

    /// - Throws: `TrackingError` when there is none, deleted or not.
    package func experiment(named name: String) async throws -> Experiment {
        try await database.read { reader in
            guard let row = try reader.row("SELECT \(Self.columns) FROM experiments e WHERE name = \(name)") else {
                throw TrackingError.unknownExperiment(named: name)
            }
            return try Self.complete([row], in: reader)[0]
        }
    }

    /// Puts an experiment and all its runs in the bin.
    /// - Throws: `TrackingError` when there is none that is active.
    package func delete(_ id: ExperimentID, by actor: String) async throws {
        try await move(id, from: .active, to: .deleted, as: "experiment.deleted", by: actor)
    }

    /// Takes an experiment and all its runs out of the bin, also runs that were deleted on their own.
    /// - Throws: `TrackingError` when there is none that is deleted.
    package func restore(_ id: ExperimentID, by actor: String) async throws {
        try await move(id, from: .deleted, to: .active, as: "experiment.restored", by: actor)
    }

    private func move(
        _ id: ExperimentID, from old: LifecycleStage, to new: LifecycleStage, as kind: String, by actor: String
    ) async throws {
        let now = clock.now
        try await database.write { transaction in
            let changed = try transaction.execute(
                """
                UPDATE experiments SET lifecycle_stage = \(new), last_update_time = \(now)
                WHERE experiment_id = \(id) AND lifecycle_stage = \(old)
                """)
            guard changed > 0 else {
                throw TrackingError(.doesNotExist, "No \(old.rawValue) Experiment with id=\(id.text) exists.")
            }
            let runs = try transaction.execute(
                """
                UPDATE runs SET lifecycle_stage = \(new), deleted_at = \(new == .deleted ? now : nil)
                WHERE experiment_id = \(id) AND lifecycle_stage = \(old)
                """)
            try events.append(
                Change(by: actor, kind, of: id.subject, ["runs": .integer(Int64(runs))]), in: transaction)
        }
    }

    /// - Throws: `TrackingError` for an experiment that is unknown or deleted, and for a name that is taken.
    package func rename(_ id: ExperimentID, to name: String, by actor: String) async throws {
        try Experiment.checkName(name, parameter: "new_name")
        let now = clock.now
        try await database.write { transaction in
            let experiment = try Self.active(id, in: transaction)
            guard experiment.name != name else { return }
            try Self.requireFree(name, in: transaction)
            try transaction.execute(
                "UPDATE experiments SET name = \(name), last_update_time = \(now) WHERE experiment_id = \(id)")
            try events.append(
                Change(
                    by: actor, "experiment.renamed", of: id.subject,
                    ["name": .string(name), "old_name": .string(experiment.name)]), in: transaction)
        }
    }

    /// Sets a tag, new or not.
    /// - Throws: `FieldProblem` for a tag that breaks a rule; `TrackingError` for an unknown or deleted experiment.
    package func set(_ tag: Tag, of id: ExperimentID, by actor: String) async throws {
        let tag = try TagRule.experiment.checked(tag)
        try await database.write { transaction in
            _ = try Self.active(id, in: transaction)
            try Self.set(tag, of: id, in: transaction)
            try events.append(
                Change(by: actor, "experiment.tagged", of: id.subject, ["tags": [tag].excerpt]), in: transaction)
        }
    }

    /// - Throws: `TrackingError` for an unknown or deleted experiment, and when it has no such tag.
    package func deleteTag(_ key: String, of id: ExperimentID, by actor: String) async throws {
        try await database.write { transaction in
            _ = try Self.active(id, in: transaction)
            let deleted = try transaction.execute(
                "DELETE FROM experiment_tags WHERE experiment_id = \(id) AND key = \(key)")
            guard deleted > 0 else { throw TrackingError.missingTag(key, on: "experiment \(id.text)") }
            try events.append(
                Change(by: actor, "experiment.untagged", of: id.subject, ["key": .string(key)]), in: transaction)
        }
    }

    private static func set(_ tag: Tag, of id: ExperimentID, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO experiment_tags (experiment_id, key, value) VALUES (\(id), \(tag.key), \(tag.value))
            ON CONFLICT (experiment_id, key) DO UPDATE SET value = excluded.value
            """)
    }

    private static func requireFree(_ name: String, in reader: Reader) throws {
        let stage = try reader.value("SELECT lifecycle_stage FROM experiments WHERE name = \(name)", as: String.self)
        guard let stage else { return }
        throw TrackingError.takenName(name, deleted: stage == LifecycleStage.deleted.rawValue)
    }
}

// MARK: - Reading within a transaction

extension ExperimentStore {
    static let columns: SQL = """
        e.experiment_id, e.name, e.artifact_location, e.lifecycle_stage, e.creation_time, e.last_update_time
        """

    /// - Throws: `TrackingError` when there is none, deleted or not.
    package static func experiment(_ id: ExperimentID, in reader: Reader) throws -> Experiment {
        guard let row = try reader.row("SELECT \(columns) FROM experiments e WHERE experiment_id = \(id)") else {
            throw TrackingError.unknownExperiment(id)
        }
        return try complete([row], in: reader)[0]
    }

    /// - Throws: `TrackingError` when there is none or it is deleted.
    package static func active(_ id: ExperimentID, in reader: Reader) throws -> Experiment {
        let experiment = try experiment(id, in: reader)
        guard experiment.stage == .active else { throw TrackingError.deletedExperiment(id) }
        return experiment
    }

    /// Where the artifacts of an experiment are.
    /// - Throws: `TrackingError` when there is none or it is deleted.
    static func artifactLocation(ofActive id: ExperimentID, in reader: Reader) throws -> String {
        let row = try reader.row(
            "SELECT artifact_location, lifecycle_stage FROM experiments WHERE experiment_id = \(id)")
        guard let row else { throw TrackingError.unknownExperiment(id) }
        guard try row.get(1) == LifecycleStage.active else { throw TrackingError.deletedExperiment(id) }
        return try row.get(0)
    }

    /// The experiments of some rows, with their tags.
    static func complete(_ rows: [Row], in reader: Reader) throws -> [Experiment] {
        let ids = try rows.map { try $0.get(0, as: ExperimentID.self) }
        let tags = try reader.tags(of: ids, table: "experiment_tags", owner: "experiment_id")
        return try rows.indices.map { place in
            let row = rows[place]
            return Experiment(
                id: ids[place], name: try row.get(1), artifactLocation: try row.get(2), stage: try row.get(3),
                creationTime: try row.get(4), lastUpdateTime: try row.get(5), tags: tags[place])
        }
    }
}

extension ExperimentID: SQLValueConvertible {
    package var sqlValue: SQLValue { .integer(number) }
    package init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self.init(number)
    }

    /// How events name it.
    var subject: String { "experiments/\(text)" }
}

extension LifecycleStage: SQLValueConvertible {
    package var sqlValue: SQLValue { .text(rawValue) }
    package init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(rawValue: text)
    }
}
