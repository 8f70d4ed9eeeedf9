import Database
import Events
package import Tracking
package import Wire

/// A version of a registered model as another server has it.
package struct ImportedVersion: Sendable, Hashable {
    package let version: ModelVersion
    /// Only its number is known, which must not be given again.
    package let isDeleted: Bool
}

extension Fields {
    /// A registered model in the form of MLflow's REST API; its aliases come with its versions.
    package func importedModel() throws -> RegisteredModel {
        RegisteredModel(
            name: try string("name"), creationTime: try moment("creation_timestamp"),
            lastUpdateTime: try moment("last_updated_timestamp"),
            description: try optionalString("description") ?? "", tags: try tags("tags"), aliases: [],
            latestVersions: [])
    }

    /// A version in the form of MLflow's REST API, with `storage_uri` and `model_id`, which that leaves out.
    package func importedVersion() throws -> ImportedVersion {
        let source = try optionalString("source") ?? ""
        let version = ModelVersion(
            name: try string("name"), version: try version(), creationTime: try moment("creation_timestamp"),
            lastUpdateTime: try moment("last_updated_timestamp"),
            stage: try ModelStage(named: optionalString("current_stage") ?? ModelStage.none.rawValue),
            description: try optionalString("description") ?? "", source: source,
            storageURI: try optionalString("storage_uri") ?? source, runID: try optionalString("run_id") ?? "",
            runLink: try optionalString("run_link") ?? "", modelID: try optionalString("model_id") ?? "",
            tags: try tags("tags"), aliases: try strings("aliases"))
        return ImportedVersion(version: version, isDeleted: try optionalString("lifecycle_stage") == "deleted")
    }
}

extension RegisteredModelStore {
    /// Brings in registered models of another server, in one transaction. Doing it again changes nothing.
    package func adopt(_ models: [RegisteredModel], by actor: String) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try models.map { try adopt($0, by: actor, in: transaction) }
        }
    }

    private func adopt(
        _ wanted: RegisteredModel, by actor: String, in transaction: Transaction
    ) throws -> ImportOutcome {
        try RegisteredModel.checkName(wanted.name)
        let isNew = try transaction.modelKey(of: wanted.name) == nil
        if isNew {
            try transaction.execute(
                """
                INSERT INTO registered_models (name, creation_time, last_update_time, description)
                VALUES (\(wanted.name), \(wanted.creationTime), \(wanted.lastUpdateTime), \(wanted.description))
                """)
            try events.append(Change(by: actor, "model.imported", of: "models/\(wanted.name)"), in: transaction)
        }
        let key = try transaction.requireModelKey(of: wanted.name)
        try transaction.insert(
            into: "registered_model_tags (model_key, key, value)",
            rows: wanted.tags.map { [key.sqlValue, $0.key.sqlValue, $0.value.sqlValue] }, "ON CONFLICT DO NOTHING")
        if isNew { return ImportOutcome(id: wanted.name, effect: .created) }
        let here = try transaction.registeredModel(named: wanted.name)
        let differences = [
            ImportOutcome.difference("its description", here: here.description, there: wanted.description),
            ImportOutcome.difference(
                "its creation", here: here.creationTime.iso8601, there: wanted.creationTime.iso8601),
        ]
        return ImportOutcome(id: wanted.name, differences: differences.compactMap(\.self))
    }
}

extension ModelVersionStore {
    /// Brings in versions of another server under their numbers, in one transaction. Doing it again changes nothing.
    /// - Throws: `RegistryError` for a model that is not here.
    package func adopt(_ versions: [ImportedVersion], by actor: String) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try versions.map { imported in
                imported.isDeleted
                    ? try keepNumber(of: imported.version, in: transaction)
                    : try adopt(imported.version, by: actor, in: transaction)
            }
        }
    }

    /// Takes the number of a deleted version out of use.
    private func keepNumber(of wanted: ModelVersion, in transaction: Transaction) throws -> ImportOutcome {
        let key = try transaction.requireModelKey(of: wanted.name)
        let added = try transaction.execute(
            """
            INSERT INTO model_versions (model_key, version, deleted, creation_time, last_update_time, stage,
                description, source, storage_uri, run_id, run_link, model_id)
            VALUES (\(key), \(wanted.version), 1, 0, 0, \(ModelStage.none.rawValue), '', '', '', '', '', '')
            ON CONFLICT (model_key, version) DO NOTHING
            """)
        let isThere = try? transaction.modelVersion(wanted.version, of: wanted.name)
        guard isThere == nil else {
            return ImportOutcome(
                id: wanted.path, effect: .different, reason: "it is in use here and was deleted there")
        }
        return ImportOutcome(id: wanted.path, effect: added > 0 ? .created : .present)
    }

    private func adopt(_ wanted: ModelVersion, by actor: String, in transaction: Transaction) throws -> ImportOutcome {
        let key = try transaction.requireModelKey(of: wanted.name)
        let storage = try storage(of: wanted, in: transaction)
        let added = try transaction.execute(
            """
            INSERT INTO model_versions (model_key, version, deleted, creation_time, last_update_time, stage,
                description, source, storage_uri, run_id, run_link, model_id)
            VALUES (\(key), \(wanted.version), 0, \(wanted.creationTime), \(wanted.lastUpdateTime),
                \(wanted.stage.rawValue), \(wanted.description), \(wanted.source), \(storage),
                \(wanted.runID), \(wanted.runLink), \(wanted.modelID))
            ON CONFLICT (model_key, version) DO NOTHING
            """)
        guard let here = try? transaction.modelVersion(wanted.version, of: wanted.name) else {
            return ImportOutcome(
                id: wanted.path, effect: .different, reason: "a version of this number was deleted here")
        }
        if added == 0, here.source != wanted.source || here.creationTime != wanted.creationTime {
            let differences = [
                ImportOutcome.difference("its source", here: here.source, there: wanted.source),
                ImportOutcome.difference(
                    "its creation", here: here.creationTime.iso8601, there: wanted.creationTime.iso8601),
            ]
            return ImportOutcome(id: wanted.path, differences: differences.compactMap(\.self))
        }
        try transaction.insert(
            into: "model_version_tags (model_key, version, key, value)",
            rows: wanted.tags.map { [key.sqlValue, wanted.version.sqlValue, $0.key.sqlValue, $0.value.sqlValue] },
            "ON CONFLICT DO NOTHING")
        if added > 0 {
            try events.append(
                Change(by: actor, "version.imported", of: "models/\(wanted.path)", ["source": .string(wanted.source)]),
                in: transaction)
        }
        let moved = try adoptAliases(of: wanted, key: key, by: actor, in: transaction)
        if added > 0, moved.isEmpty { return ImportOutcome(id: wanted.path, effect: .created) }
        let stage = ImportOutcome.difference("its stage", here: here.stage.rawValue, there: wanted.stage.rawValue)
        return ImportOutcome(id: wanted.path, differences: [stage].compactMap(\.self) + moved)
    }

    /// Where the files of a version are here: those of a run or logged model that is here, too.
    private func storage(of wanted: ModelVersion, in reader: Reader) throws -> String {
        if case .loggedModel(let id)? = try? ModelReference(wanted.source) {
            return (try? LoggedModelStore.model(id, in: reader))?.artifactURI ?? wanted.storageURI
        }
        let parts = wanted.source.split(separator: "/", maxSplits: 2).map(String.init)
        guard parts.first == "runs:", parts.count == 3, let run = try? RunStore.info(parts[1], in: reader) else {
            return wanted.storageURI
        }
        return "\(run.artifactURI)/\(parts[2])"
    }

    /// Gives the version its aliases, unless another version has them here.
    /// - Returns: what is different.
    private func adoptAliases(
        of wanted: ModelVersion, key: Int64, by actor: String, in transaction: Transaction
    ) throws -> [String] {
        try wanted.aliases.compactMap { alias in
            let added = try transaction.execute(
                """
                INSERT INTO model_aliases (model_key, alias, version) VALUES (\(key), \(alias), \(wanted.version))
                ON CONFLICT (model_key, alias) DO NOTHING
                """)
            if added > 0 {
                let data: JSON = ["alias": .string(alias), "to": .integer(wanted.version)]
                try events.append(
                    Change(by: actor, "alias.moved", of: "models/\(wanted.name)", data), in: transaction)
            }
            let version = try transaction.value(
                "SELECT version FROM model_aliases WHERE model_key = \(key) AND alias = \(alias)", as: Int64.self)
            return ImportOutcome.difference(
                "alias '\(alias)'", here: "\(version ?? 0)", there: "\(wanted.version)")
        }
    }
}
