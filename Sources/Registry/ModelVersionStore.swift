package import Database
package import Events
package import Tracking
package import Wire

/// Where the versions of registered models are kept.
package struct ModelVersionStore: Sendable {
    let database: Database
    let events: EventLog
    private let clock: WallClock
    private let origins: VersionOrigins
    private let loggedModels: LoggedModelStore

    package init(
        database: Database, events: EventLog, clock: WallClock, runs: RunStore, loggedModels: LoggedModelStore
    ) {
        self.database = database
        self.events = events
        self.clock = clock
        self.loggedModels = loggedModels
        origins = VersionOrigins(runs: runs, loggedModels: loggedModels)
    }

    /// Registers the next version of a model.
    /// - Throws: `RegistryError` for an unknown model and for a source that this server must not vouch for.
    package func create(_ new: NewModelVersion, by actor: String) async throws -> ModelVersion {
        let tags = try new.tags.map(TagRule.registry.checked)
        // Read before the transaction: an origin never changes once it is there. A bad source is told of before an unknown
        // model, as MLflow does.
        let origin = try await origins.origin(of: new, versions: self)
        let now = clock.now
        return try await database.write { transaction in
            let key = try transaction.requireModelKey(of: new.name)
            let last: Int64? =
                try transaction.value(
                    "SELECT MAX(version) FROM model_versions WHERE model_key = \(key)", as: Int64?.self) ?? nil
            let version = (last ?? 0) + 1
            try transaction.execute(
                """
                INSERT INTO model_versions (model_key, version, deleted, creation_time, last_update_time, stage,
                    description, source, storage_uri, run_id, run_link, model_id)
                VALUES (\(key), \(version), 0, \(now), \(now), \(ModelStage.none.rawValue), \(new.description),
                    \(origin.source), \(origin.storageURI), \(origin.runID), \(new.runLink), \(origin.modelID))
                """)
            for tag in tags { try Self.set(tag, of: version, key: key, in: transaction) }
            try transaction.execute(
                "UPDATE registered_models SET last_update_time = \(now) WHERE model_key = \(key)")
            let data: JSON = ["source": .string(origin.source), "run_id": .string(origin.runID)]
            try events.append(
                Change(by: actor, "version.created", of: "models/\(new.name)/\(version)", data), in: transaction)
            let created = try transaction.modelVersion(version, of: new.name)
            if !origin.modelID.isEmpty { try note(created, on: origin.modelID, by: actor, in: transaction) }
            return created
        }
    }

    /// Lists the version in the tag by which a logged model knows what it was registered as.
    private func note(
        _ version: ModelVersion, on modelID: String, by actor: String, in transaction: Transaction
    ) throws {
        let key = "mlflow.modelVersions"
        let model = try LoggedModelStore.model(modelID, in: transaction)
        var list = (try? JSON.parse(model.tag(key) ?? "[]"))?.arrayValue ?? []
        list.append(["name": .string(version.name), "version": .integer(version.version)])
        let tag = Tag(key: key, value: JSON.array(list).text)
        try loggedModels.set([tag], of: modelID, by: actor, in: transaction)
    }

    package func version(_ version: Int64, of name: String) async throws -> ModelVersion {
        try await database.read { try $0.modelVersion(version, of: name) }
    }

    /// Versions of a model, newest first.
    package func versions(of name: String, limit: Int, offset: Int = 0) async throws -> Page<ModelVersion> {
        try await database.read { reader in
            let key = try reader.requireModelKey(of: name)
            let rows = try reader.modelVersions(
                where: """
                    v.model_key = \(key) AND v.deleted = 0 ORDER BY v.version DESC LIMIT \(limit + 1) OFFSET \(offset)
                    """)
            return Page(rows: rows, limit: limit, offset: offset)
        }
    }

    /// The version that a reference means now.
    /// - Throws: `RegistryError` when the model, version or alias is not there, and for a logged model, which is no
    ///   version.
    package func resolve(_ reference: ModelReference) async throws -> ModelVersion {
        try await database.read { reader in
            switch reference {
            case .version(let name, let version): return try reader.modelVersion(version, of: name)
            case .alias(let name, let alias): return try reader.modelVersion(alias: alias, of: name)
            case .latest(let name): return try reader.newestVersion(of: name, stage: nil)
            case .stage(let name, let stage): return try reader.newestVersion(of: name, stage: stage)
            case .loggedModel(let id):
                throw RegistryError(.invalidParameterValue, "The logged model \(id) is not a version of a model.")
            }
        }
    }

    package func version(alias: String, of name: String) async throws -> ModelVersion {
        try ModelAlias.checkLetters(alias)
        return try await database.read { try $0.modelVersion(alias: alias, of: name) }
    }

    /// The newest version of each stage that is named, or of each there is.
    /// - Throws: `RegistryError` for an unknown model; `FieldProblem` for a word that is no stage.
    package func latest(of name: String, stages names: [String]) async throws -> [ModelVersion] {
        try await database.read { reader in
            let key = try reader.requireModelKey(of: name)
            let stages = try names.map(ModelStage.init(named:))
            return try reader.latestVersions(of: key, stages: stages.isEmpty ? ModelStage.allCases : stages)
        }
    }

    package func describe(
        _ version: Int64, of name: String, as description: String, by actor: String
    ) async throws -> ModelVersion {
        try await change(version, of: name, "version.updated", by: actor) { row, now, transaction in
            try transaction.execute(
                "UPDATE model_versions SET description = \(description), last_update_time = \(now) WHERE \(row)")
        }
    }

    /// - Parameter archivingOthers: moves what the stage held before to Archived.
    package func move(
        _ version: Int64, of name: String, to stage: ModelStage, archivingOthers: Bool, by actor: String
    ) async throws -> ModelVersion {
        guard !archivingOthers || stage == .staging || stage == .production else {
            throw FieldProblem(
                "Model version transition cannot archive existing model versions because '\(stage.rawValue)' is not an "
                    + "Active stage. Valid stages are Staging and Production.")
        }
        let data: JSON = ["stage": .string(stage.rawValue)]
        return try await change(version, of: name, "version.staged", data, by: actor) { row, now, transaction in
            if archivingOthers {
                let key = try transaction.requireModelKey(of: name)
                let others: SQL =
                    "model_key = \(key) AND stage = \(stage.rawValue) AND version <> \(version) AND deleted = 0"
                let archived = try transaction.values(
                    "SELECT version FROM model_versions WHERE \(others) ORDER BY version", as: Int64.self)
                try transaction.execute(
                    """
                    UPDATE model_versions SET stage = \(ModelStage.archived.rawValue), last_update_time = \(now)
                    WHERE \(others)
                    """)
                let data: JSON = ["stage": .string(ModelStage.archived.rawValue)]
                for version in archived {
                    try events.append(
                        Change(by: actor, "version.staged", of: "models/\(name)/\(version)", data), in: transaction)
                }
            }
            try transaction.execute(
                "UPDATE model_versions SET stage = \(stage.rawValue), last_update_time = \(now) WHERE \(row)")
        }
    }

    /// Puts the version in the trash; its aliases are free and its number is never given again.
    package func delete(_ version: Int64, of name: String, by actor: String) async throws {
        let now = clock.now
        try await database.write { transaction in
            let aliases = try transaction.modelVersion(version, of: name).aliases
            let key = try transaction.requireModelKey(of: name)
            let row: SQL = "model_key = \(key) AND version = \(version)"
            try transaction.execute("DELETE FROM model_aliases WHERE \(row)")
            try transaction.execute(
                """
                UPDATE model_versions SET deleted = 1, deleted_at = \(now), former_aliases = \(JSON.strings(aliases))
                WHERE \(row)
                """)
            try transaction.execute("UPDATE registered_models SET last_update_time = \(now) WHERE model_key = \(key)")
            try events.append(Change(by: actor, "version.deleted", of: "models/\(name)/\(version)"), in: transaction)
        }
    }

    package func set(_ tag: Tag, of version: Int64, of name: String, by actor: String) async throws {
        let tag = try TagRule.registry.checked(tag)
        let data: JSON = ["key": .string(tag.key)]
        _ = try await change(version, of: name, "version.tagged", data, by: actor) { _, _, transaction in
            try Self.set(tag, of: version, key: try transaction.requireModelKey(of: name), in: transaction)
        }
    }

    /// There may be no such tag; then nothing changes.
    package func deleteTag(_ key: String, of version: Int64, of name: String, by actor: String) async throws {
        _ = try TagRule.registry.checked(Tag(key: key, value: ""))
        try await database.write { transaction in
            _ = try transaction.modelVersion(version, of: name)
            let model = try transaction.requireModelKey(of: name)
            let deleted = try transaction.execute(
                """
                DELETE FROM model_version_tags WHERE model_key = \(model) AND version = \(version) AND key = \(key)
                """)
            guard deleted > 0 else { return }
            let data: JSON = ["key": .string(key)]
            try events.append(
                Change(by: actor, "version.untagged", of: "models/\(name)/\(version)", data), in: transaction)
        }
    }

    private func change(
        _ version: Int64, of name: String, _ kind: String, _ data: JSON = [:], by actor: String,
        _ body: @escaping @Sendable (SQL, Timestamp, Transaction) throws -> Void
    ) async throws -> ModelVersion {
        let now = clock.now
        return try await database.write { transaction in
            _ = try transaction.modelVersion(version, of: name)
            let key = try transaction.requireModelKey(of: name)
            try body("model_key = \(key) AND version = \(version)", now, transaction)
            try events.append(Change(by: actor, kind, of: "models/\(name)/\(version)", data), in: transaction)
            return try transaction.modelVersion(version, of: name)
        }
    }

    private static func set(_ tag: Tag, of version: Int64, key: Int64, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO model_version_tags (model_key, version, key, value)
            VALUES (\(key), \(version), \(tag.key), \(tag.value))
            ON CONFLICT (model_key, version, key) DO UPDATE SET value = excluded.value
            """)
    }
}

extension Reader {
    fileprivate func modelVersion(alias: String, of name: String) throws -> ModelVersion {
        let key = try requireModelKey(of: name)
        if alias.lowercased() == "latest" { return try newestVersion(of: name, stage: nil) }
        let version = try value(
            "SELECT version FROM model_aliases WHERE model_key = \(key) AND alias = \(alias)", as: Int64.self)
        guard let version else { throw RegistryError.unknownAlias(alias) }
        return try modelVersion(version, of: name)
    }

    fileprivate func newestVersion(of name: String, stage: ModelStage?) throws -> ModelVersion {
        let key = try requireModelKey(of: name)
        let condition: SQL = stage.map { " AND v.stage = \($0.rawValue)" } ?? ""
        let found = try modelVersions(
            where: "v.model_key = \(key) AND v.deleted = 0\(condition) ORDER BY v.version DESC LIMIT 1")
        guard let version = found.first else {
            let place = stage.map { " in stage \($0.rawValue)" } ?? ""
            throw RegistryError(.doesNotExist, "Registered Model \(name) has no version\(place).")
        }
        return version
    }
}
