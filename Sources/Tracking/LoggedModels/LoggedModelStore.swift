package import Database
package import Events
package import Wire

/// Where logged models are kept; their files are the business of artifacts.
package struct LoggedModelStore: Sendable {
    let database: Database
    let events: EventLog
    private let clock: WallClock
    private let entropy: Entropy

    package init(database: Database, events: EventLog, clock: WallClock, entropy: Entropy) {
        self.database = database
        self.events = events
        self.clock = clock
        self.entropy = entropy
    }

    /// Begins a model, whose files are still to come.
    /// - Throws: `TrackingError` for an experiment that is unknown or deleted, and for a param given twice.
    package func create(_ new: NewLoggedModel, by actor: String) async throws -> LoggedModel {
        let id = "m-\(entropy.hexID())"
        let name = new.name ?? RunName.random(entropy)
        let now = clock.now
        return try await database.write { transaction in
            let experiment = try ExperimentStore.active(new.experimentID, in: transaction)
            let folder = ArtifactLocation.ofLoggedModel(id, in: experiment.artifactLocation)
            try transaction.execute(
                """
                INSERT INTO logged_models (model_id, experiment_id, name, creation_timestamp_ms,
                    last_updated_timestamp_ms, artifact_uri, status, lifecycle_stage, model_type, source_run_id)
                VALUES (\(id), \(new.experimentID), \(name), \(now), \(now), \(folder),
                    \(LoggedModelStatus.pending), \(LifecycleStage.active), \(new.modelType), \(new.sourceRunID))
                """)
            for param in new.params { try Self.add(param, to: id, in: transaction) }
            for tag in new.tags { try Self.set(tag, of: id, in: transaction) }
            try events.append(
                Change(
                    by: actor, "logged-model.created", of: Self.subject(id),
                    [
                        "experiment_id": .string(new.experimentID.text), "name": .string(name),
                        "run_id": .string(new.sourceRunID), "tags": new.tags.excerpt,
                    ]), in: transaction)
            return try Self.model(id, in: transaction)
        }
    }

    /// - Throws: `TrackingError` when there is none, or it is deleted and those were not asked for.
    package func model(_ id: String, includingDeleted: Bool = false) async throws -> LoggedModel {
        try await database.read { reader in
            let model = try Self.model(id, in: reader)
            guard includingDeleted || model.stage == .active else { throw TrackingError.unknownLoggedModel(id) }
            return model
        }
    }

    /// Says whether the files are all there now.
    /// - Throws: `TrackingError` for an unknown model.
    package func finalize(_ id: String, as status: LoggedModelStatus, by actor: String) async throws -> LoggedModel {
        let now = clock.now
        return try await database.write { transaction in
            let changed = try transaction.execute(
                """
                UPDATE logged_models SET status = \(status), last_updated_timestamp_ms = \(now) WHERE model_id = \(id)
                """)
            guard changed > 0 else { throw TrackingError.unknownLoggedModel(id) }
            try events.append(
                Change(
                    by: actor, "logged-model.finalized", of: Self.subject(id), ["status": .string(status.rawValue)]),
                in: transaction)
            return try Self.model(id, in: transaction)
        }
    }

    /// Puts a model in the bin. One that is there already stays there.
    /// - Throws: `TrackingError` for an unknown model.
    package func delete(_ id: String, by actor: String) async throws {
        try await move(id, to: .deleted, as: "logged-model.deleted", by: actor)
    }

    /// Takes a model out of the bin. One that is not there stays as it is.
    /// - Throws: `TrackingError` for an unknown model.
    package func restore(_ id: String, by actor: String) async throws {
        try await move(id, to: .active, as: "logged-model.restored", by: actor)
    }

    private func move(_ id: String, to stage: LifecycleStage, as kind: String, by actor: String) async throws {
        let now = clock.now
        try await database.write { transaction in
            guard try Self.model(id, in: transaction).stage != stage else { return }
            try transaction.execute(
                """
                UPDATE logged_models SET lifecycle_stage = \(stage), last_updated_timestamp_ms = \(now)
                WHERE model_id = \(id)
                """)
            try events.append(Change(by: actor, kind, of: Self.subject(id)), in: transaction)
        }
    }

    /// Adds params; like those of a run they are written once.
    /// - Throws: `TrackingError` for an unknown model and for a param that is there already.
    package func log(_ params: [Param], to id: String) async throws {
        try await database.write { transaction in
            try Self.require(id, in: transaction)
            for param in params { try Self.add(param, to: id, in: transaction) }
        }
    }

    /// Sets tags, new or not; the last of equal keys counts.
    /// - Throws: `TrackingError` for an unknown model.
    package func set(_ tags: [Tag], of id: String, by actor: String) async throws {
        try await database.write { try set(tags, of: id, by: actor, in: $0) }
    }

    /// Sets tags as a part of a larger change.
    /// - Throws: `TrackingError` for an unknown model.
    package func set(_ tags: [Tag], of id: String, by actor: String, in transaction: Transaction) throws {
        try Self.require(id, in: transaction)
        guard !tags.isEmpty else { return }
        for tag in tags { try Self.set(tag, of: id, in: transaction) }
        try events.append(
            Change(by: actor, "logged-model.tagged", of: Self.subject(id), ["tags": tags.excerpt]), in: transaction)
    }

    /// - Throws: `TrackingError` for an unknown model, and when it has no such tag.
    package func deleteTag(_ key: String, of id: String, by actor: String) async throws {
        try await database.write { transaction in
            try Self.require(id, in: transaction)
            let deleted = try transaction.execute(
                "DELETE FROM logged_model_tags WHERE model_id = \(id) AND key = \(key)")
            guard deleted > 0 else { throw TrackingError.missingTag(key, on: "logged model \(id)") }
            try events.append(
                Change(by: actor, "logged-model.untagged", of: Self.subject(id), ["key": .string(key)]),
                in: transaction)
        }
    }

    /// How events name a model.
    static func subject(_ id: String) -> String { "logged-models/\(id)" }

    private static func set(_ tag: Tag, of id: String, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO logged_model_tags (model_id, key, value) VALUES (\(id), \(tag.key), \(tag.value))
            ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value
            """)
    }

    private static func add(_ param: Param, to id: String, in transaction: Transaction) throws {
        let added = try transaction.execute(
            """
            INSERT INTO logged_model_params (model_id, key, value) VALUES (\(id), \(param.key), \(param.value))
            ON CONFLICT (model_id, key) DO NOTHING
            """)
        guard added > 0 else {
            throw TrackingError(
                .badRequest, "The param '\(param.key)' of logged model \(id) was logged already and cannot be changed.")
        }
    }
}
