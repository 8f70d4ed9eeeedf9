package import Database
import Events
package import Tracking
import Wire

// Registered models and versions in the trash: what is shown of them, how they come back, and how they go for good.

extension RegisteredModelStore {
    /// As the trash lists them: the columns of `DeletedItem`.
    package static let deleted: SQL = """
        SELECT CAST(\(DeletedKind.model.rank) AS BIGINT) AS rank, CAST(m.model_key AS TEXT) AS id, m.name AS name,
            m.deleted_at AS deleted_at, CAST(NULL AS BIGINT) AS experiment_id,
            (SELECT COUNT(*) FROM model_versions v WHERE v.model_key = m.model_key AND v.deleted = 0) AS contents
        FROM registered_models m WHERE m.deleted_at IS NOT NULL
        """

    /// The row of a deleted model.
    /// - Parameter id: its number in the trash, or its name when only one of that name is there.
    /// - Throws: `RegistryError` when none or several fit.
    package static func deletedKey(_ id: String, in reader: Reader) throws -> Int64 {
        let keys = try reader.values(
            """
            SELECT model_key FROM registered_models
            WHERE deleted_at IS NOT NULL AND (name = \(id) OR CAST(model_key AS TEXT) = \(id)) ORDER BY model_key
            """, as: Int64.self)
        guard let key = keys.first else { throw RegistryError.notDeleted("model", id) }
        guard keys.count == 1 else {
            throw RegistryError(
                .conflict, "\(keys.count) deleted models fit '\(id)'.",
                hint: "Name one by its number: \(keys.map(String.init).joined(separator: ", ")).")
        }
        return key
    }

    /// Takes a model with its versions, tags and aliases out of the trash.
    /// - Parameters:
    ///   - id: its number in the trash, or its name when only one of that name is there.
    ///   - newName: what it is called from now on; nil for the name that it had.
    /// - Throws: `RegistryError` when its name was taken meanwhile.
    package func restore(_ id: String, as newName: String?, by actor: String) async throws -> String {
        if let newName { try RegisteredModel.checkName(newName) }
        return try await database.write { transaction in
            let key = try Self.deletedKey(id, in: transaction)
            let former = try transaction.value(
                "SELECT name FROM registered_models WHERE model_key = \(key)", as: String.self)
            guard let name = newName ?? former else { throw RegistryError.notDeleted("model", id) }
            guard try transaction.modelKey(of: name) == nil else {
                throw RegistryError(
                    .alreadyExists, "The name '\(name)' was taken while the model was in the trash.",
                    hint: "Restore it under another: martlet trash restore model \(id) --name NAME")
            }
            try transaction.execute(
                "UPDATE registered_models SET name = \(name), deleted_at = NULL WHERE model_key = \(key)")
            try events.append(Change(by: actor, "model.restored", of: "models/\(name)"), in: transaction)
            return name
        }
    }

    /// Removes the row of a deleted model; its name is free already.
    /// - Returns: the row's number, by which `removeRemains` finds the rest, and the model's name.
    package static func forget(_ id: String, in transaction: Transaction) throws -> (key: Int64, name: String) {
        let key = try deletedKey(id, in: transaction)
        let name: String? = try transaction.value("SELECT name FROM registered_models WHERE model_key = \(key)")
        try transaction.execute("DELETE FROM registered_models WHERE model_key = \(key)")
        return (key, name ?? "")
    }

    /// Removes what a forgotten model leaves behind: at most `limit` versions.
    /// - Returns: how many versions were removed; fewer than `limit` when nothing is left.
    package static func removeRemains(of key: Int64, limit: Int, in transaction: Transaction) throws -> Int {
        let next = try transaction.value(
            "SELECT version FROM model_versions WHERE model_key = \(key) ORDER BY version LIMIT 1 OFFSET \(limit)",
            as: Int64.self)
        let portion: SQL = "model_key = \(key) AND version < \(next ?? .max)"
        try transaction.execute("DELETE FROM model_version_tags WHERE \(portion)")
        let removed = try transaction.execute("DELETE FROM model_versions WHERE \(portion)")
        guard removed < limit else { return removed }
        for table in ["model_aliases", "registered_model_tags"] as [SQL] {
            try transaction.execute("DELETE FROM \(table) WHERE model_key = \(key)")
        }
        return removed
    }
}

extension ModelVersionStore {
    /// As the trash lists them: the columns of `DeletedItem`. Versions that went with their model come back with it.
    package static let deleted: SQL = """
        SELECT CAST(\(DeletedKind.version.rank) AS BIGINT) AS rank, m.name || '/' || CAST(v.version AS TEXT) AS id,
            m.name AS name, v.deleted_at AS deleted_at, CAST(NULL AS BIGINT) AS experiment_id,
            CAST(0 AS BIGINT) AS contents
        FROM model_versions v JOIN registered_models m ON m.model_key = v.model_key
        WHERE v.deleted_at IS NOT NULL AND m.deleted_at IS NULL
        """

    /// Takes a version out of the trash, with those of its aliases that no other version has by now.
    /// - Parameter id: such as `churn/3`.
    /// - Throws: `RegistryError` when there is none in the trash.
    package func restore(_ id: String, by actor: String) async throws {
        try await database.write { transaction in
            let row = try Self.deletedRow(id, in: transaction)
            let aliases = try transaction.value(
                "SELECT former_aliases FROM model_versions WHERE \(row.condition)", as: JSON?.self)
            try transaction.execute(
                "UPDATE model_versions SET deleted = 0, deleted_at = NULL, former_aliases = NULL WHERE \(row.condition)"
            )
            try events.append(Change(by: actor, "version.restored", of: row.subject), in: transaction)
            for alias in (aliases ?? nil)?.arrayValue?.compactMap(\.stringValue) ?? [] {
                let isFree = try transaction.execute(
                    """
                    INSERT INTO model_aliases (model_key, alias, version) VALUES (\(row.key), \(alias), \(row.version))
                    ON CONFLICT (model_key, alias) DO NOTHING
                    """)
                guard isFree > 0 else { continue }
                let data: JSON = ["alias": .string(alias), "to": .integer(row.version)]
                try events.append(Change(by: actor, "alias.moved", of: "models/\(row.name)", data), in: transaction)
            }
        }
    }

    /// Forgets what a deleted version said. Its row stays, so that its number is never given again.
    /// - Throws: `RegistryError` when there is none in the trash.
    package static func forget(_ id: String, in transaction: Transaction) throws {
        let row = try deletedRow(id, in: transaction)
        try transaction.execute("DELETE FROM model_version_tags WHERE \(row.condition)")
        try transaction.execute(
            """
            UPDATE model_versions SET description = '', source = '', storage_uri = '', run_id = '', run_link = '',
                model_id = '', deleted_at = NULL, former_aliases = NULL
            WHERE \(row.condition)
            """)
    }

    /// A version of a model that is in use, itself in the trash.
    private struct DeletedRow {
        let key: Int64
        let name: String
        let version: Int64

        var condition: SQL { "model_key = \(key) AND version = \(version)" }
        var subject: String { "models/\(name)/\(version)" }
    }

    private static func deletedRow(_ id: String, in reader: Reader) throws -> DeletedRow {
        guard let slash = id.lastIndex(of: "/"), let version = Int64(id[id.index(after: slash)...]) else {
            throw RegistryError(
                .invalidParameterValue, "'\(id)' does not name a version.", hint: "Write NAME/VERSION, such as churn/3."
            )
        }
        let name = String(id[..<slash])
        let row = DeletedRow(key: try reader.modelKey(of: name) ?? -1, name: name, version: version)
        guard
            try reader.row("SELECT 1 FROM model_versions WHERE \(row.condition) AND deleted_at IS NOT NULL") != nil
        else { throw RegistryError.notDeleted("version", id) }
        return row
    }

    /// The versions, in use or restorable, that came from something in the trash, in words; a few of them.
    package static func users(of item: DeletedItem, in reader: Reader) throws -> [String] {
        let origin: SQL
        switch item.kind {
        case .version, .model: return []
        case .loggedModel: origin = "v.model_id = \(item.id)"
        case .run: origin = "v.run_id = \(item.id)"
        case .experiment:
            let id = try ExperimentID(item.id)
            origin = "(v.run_id IN (\(RunStore.ids(of: id))) OR v.model_id IN (\(LoggedModelStore.ids(of: id))))"
        }
        return try reader.rows(
            """
            SELECT m.name, v.version, CASE WHEN v.deleted = 1 OR m.deleted_at IS NOT NULL THEN 1 ELSE 0 END
            FROM model_versions v JOIN registered_models m ON m.model_key = v.model_key
            WHERE (v.deleted = 0 OR v.deleted_at IS NOT NULL) AND \(origin) ORDER BY m.name, v.version LIMIT 5
            """
        ).map { row in
            let isDeleted: Bool = try row.get(2)
            let place = isDeleted ? ", itself in the trash" : ""
            return "version \(try row.get(1, as: Int64.self)) of model '\(try row.get(0, as: String.self))'\(place)"
        }
    }
}
