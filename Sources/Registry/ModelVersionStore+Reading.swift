import Database
import Tracking
import Wire

// Reading registered models and versions, whatever asks for them.

extension Reader {
    func modelKey(of name: String) throws -> Int64? {
        try value("SELECT model_key FROM registered_models WHERE name = \(name) AND deleted_at IS NULL")
    }

    /// - Throws: `RegistryError` when there is no such model, `FieldProblem` when there cannot be one.
    func requireModelKey(of name: String) throws -> Int64 {
        guard let key = try modelKey(of: name) else {
            try RegisteredModel.checkName(name)
            throw RegistryError.unknownModel(name)
        }
        return key
    }

    func registeredModel(named name: String) throws -> RegisteredModel {
        let models = try registeredModels(where: "m.name = \(name)")
        guard let model = models.first else {
            try RegisteredModel.checkName(name)
            throw RegistryError.unknownModel(name)
        }
        return model
    }

    /// - Parameter tail: conditions on a row `m`, and what follows them.
    func registeredModels(where tail: SQL) throws -> [RegisteredModel] {
        try rows(
            """
            SELECT m.model_key, m.name, m.creation_time, m.last_update_time, m.description
            FROM registered_models m WHERE m.deleted_at IS NULL AND \(tail)
            """
        ).map { row in
            let key: Int64 = try row.get(0)
            return RegisteredModel(
                name: try row.get(1), creationTime: try row.get(2), lastUpdateTime: try row.get(3),
                description: try row.get(4),
                tags: try tags(table: "registered_model_tags", where: "model_key = \(key)"),
                aliases: try rows("SELECT alias, version FROM model_aliases WHERE model_key = \(key) ORDER BY alias")
                    .map {
                        ModelAlias(alias: try $0.get(0), version: try $0.get(1))
                    }, latestVersions: try latestVersions(of: key, stages: ModelStage.allCases))
        }
    }

    /// The newest version of each stage.
    func latestVersions(of key: Int64, stages: [ModelStage]) throws -> [ModelVersion] {
        try modelVersions(
            where: """
                v.model_key = \(key) AND v.deleted = 0 AND v.stage IN \(list: stages.map(\.rawValue))
                AND v.version = (SELECT MAX(w.version) FROM model_versions w
                    WHERE w.model_key = v.model_key AND w.stage = v.stage AND w.deleted = 0)
                ORDER BY v.version
                """)
    }

    func modelVersion(_ version: Int64, of name: String) throws -> ModelVersion {
        let key = try requireModelKey(of: name)
        let found = try modelVersions(where: "v.model_key = \(key) AND v.version = \(version) AND v.deleted = 0")
        guard let version = found.first else { throw RegistryError.unknownVersion(version, of: name) }
        return version
    }

    /// - Parameter tail: conditions on a row `v` of versions and `m` of models, and what follows them.
    func modelVersions(where tail: SQL) throws -> [ModelVersion] {
        try rows(
            """
            SELECT v.model_key, m.name, v.version, v.creation_time, v.last_update_time, v.stage, v.description, v.source,
                v.storage_uri, v.run_id, v.run_link, v.model_id
            FROM model_versions v JOIN registered_models m ON m.model_key = v.model_key
            WHERE m.deleted_at IS NULL AND \(tail)
            """
        ).map { row in
            let key: Int64 = try row.get(0)
            let version: Int64 = try row.get(2)
            return ModelVersion(
                name: try row.get(1), version: version, creationTime: try row.get(3), lastUpdateTime: try row.get(4),
                stage: ModelStage(rawValue: try row.get(5)) ?? .none, description: try row.get(6),
                source: try row.get(7), storageURI: try row.get(8), runID: try row.get(9), runLink: try row.get(10),
                modelID: try row.get(11),
                tags: try tags(table: "model_version_tags", where: "model_key = \(key) AND version = \(version)"),
                aliases: try values(
                    "SELECT alias FROM model_aliases WHERE model_key = \(key) AND version = \(version) ORDER BY alias"))
        }
    }

    private func tags(table: SQL, where condition: SQL) throws -> [Tag] {
        try rows("SELECT key, value FROM \(table) WHERE \(condition) ORDER BY key").map {
            Tag(key: try $0.get(0), value: try $0.get(1))
        }
    }
}
