package import Database
package import Events
package import Tracking
package import Wire

/// Where registered models are kept, with their tags and aliases.
package struct RegisteredModelStore: Sendable {
    let database: Database
    let events: EventLog
    private let clock: WallClock

    package init(database: Database, events: EventLog, clock: WallClock) {
        self.database = database
        self.events = events
        self.clock = clock
    }

    /// - Throws: `RegistryError` when the name is taken; `FieldProblem` for a name or tag that breaks a rule.
    package func create(
        name: String, description: String = "", tags: [Tag] = [], by actor: String
    ) async throws -> RegisteredModel {
        try RegisteredModel.checkName(name)
        let tags = try tags.map(TagRule.registry.checked)
        let now = clock.now
        return try await database.write { transaction in
            guard try transaction.modelKey(of: name) == nil else { throw RegistryError.takenName(name) }
            try transaction.execute(
                """
                INSERT INTO registered_models (name, creation_time, last_update_time, description)
                VALUES (\(name), \(now), \(now), \(description))
                """)
            let key = try transaction.requireModelKey(of: name)
            for tag in tags { try Self.set(tag, of: key, in: transaction) }
            try events.append(Change(by: actor, "model.created", of: "models/\(name)"), in: transaction)
            return try transaction.registeredModel(named: name)
        }
    }

    /// - Throws: `RegistryError` when there is none of this name.
    package func model(named name: String) async throws -> RegisteredModel {
        try await database.read { try $0.registeredModel(named: name) }
    }

    package func describe(_ name: String, as description: String, by actor: String) async throws -> RegisteredModel {
        try await change(name, "model.updated", by: actor) { key, now, transaction in
            try transaction.execute(
                """
                UPDATE registered_models SET description = \(description), last_update_time = \(now)
                WHERE model_key = \(key)
                """)
            return try transaction.registeredModel(named: name)
        }
    }

    /// Versions, tags and aliases stay with the model.
    package func rename(_ name: String, to newName: String, by actor: String) async throws -> RegisteredModel {
        try RegisteredModel.checkName(newName, parameter: "new_name")
        return try await change(name, "model.renamed", ["to": .string(newName)], by: actor) { key, now, transaction in
            if newName != name, try transaction.modelKey(of: newName) != nil { throw RegistryError.takenName(newName) }
            try transaction.execute(
                "UPDATE registered_models SET name = \(newName), last_update_time = \(now) WHERE model_key = \(key)")
            return try transaction.registeredModel(named: newName)
        }
    }

    /// Puts the model with all its versions in the trash; a new one of the same name counts from 1.
    package func delete(_ name: String, by actor: String) async throws {
        try await change(name, "model.deleted", by: actor) { key, now, transaction in
            try transaction.execute("UPDATE registered_models SET deleted_at = \(now) WHERE model_key = \(key)")
        }
    }

    package func set(_ tag: Tag, of name: String, by actor: String) async throws {
        let tag = try TagRule.registry.checked(tag)
        try await change(name, "model.tagged", ["key": .string(tag.key)], by: actor) { key, _, transaction in
            try Self.set(tag, of: key, in: transaction)
        }
    }

    /// There may be no such tag; then nothing changes.
    package func deleteTag(_ tag: String, of name: String, by actor: String) async throws {
        _ = try TagRule.registry.checked(Tag(key: tag, value: ""))
        try await remove(name, "model.untagged", ["key": .string(tag)], by: actor) { key, transaction in
            try transaction.execute("DELETE FROM registered_model_tags WHERE model_key = \(key) AND key = \(tag)")
        }
    }

    /// Gives an alias to a version, taking it from the one that had it.
    /// - Parameter expected: the version that the asker takes it to lead to, 0 for none; nil for whoever does not mind.
    /// - Throws: `RegistryError` when there is no such version; 409 when it leads to another one than expected by now.
    package func setAlias(
        _ alias: String, of name: String, to version: Int64, expected: Int64? = nil, by actor: String
    ) async throws {
        try ModelAlias.check(alias)
        try await database.write { transaction in
            let key = try transaction.requireModelKey(of: name)
            let exists = try transaction.row(
                "SELECT 1 FROM model_versions WHERE model_key = \(key) AND version = \(version) AND deleted = 0")
            guard exists != nil else { throw RegistryError.unknownVersion(version, of: name) }
            let former = try transaction.value(
                "SELECT version FROM model_aliases WHERE model_key = \(key) AND alias = \(alias)", as: Int64.self)
            guard former != version else { return }
            if let expected, expected != former ?? 0 {
                let now = former.map { "leads to version \($0)" } ?? "is nobody's"
                throw RegistryError(
                    .conflict, "The alias '\(alias)' \(now) by now: somebody else has moved it. Nothing was changed.",
                    hint: "Look again at what would change.")
            }
            try transaction.execute(
                """
                INSERT INTO model_aliases (model_key, alias, version) VALUES (\(key), \(alias), \(version))
                ON CONFLICT (model_key, alias) DO UPDATE SET version = excluded.version
                """)
            let data: JSON = .compact([
                "alias": .string(alias), "from": former.map(JSON.integer), "to": .integer(version),
            ])
            try events.append(Change(by: actor, "alias.moved", of: "models/\(name)", data), in: transaction)
        }
    }

    /// There may be no such alias; then nothing changes.
    package func deleteAlias(_ alias: String, of name: String, by actor: String) async throws {
        try ModelAlias.checkLetters(alias)
        try await remove(name, "alias.removed", ["alias": .string(alias)], by: actor) { key, transaction in
            try transaction.execute("DELETE FROM model_aliases WHERE model_key = \(key) AND alias = \(alias)")
        }
    }

    /// Removes rows of a model; an event only when there were some.
    private func remove(
        _ name: String, _ kind: String, _ data: JSON, by actor: String,
        _ body: @escaping @Sendable (Int64, Transaction) throws -> Int
    ) async throws {
        try await database.write { transaction in
            guard try body(transaction.requireModelKey(of: name), transaction) > 0 else { return }
            try events.append(Change(by: actor, kind, of: "models/\(name)", data), in: transaction)
        }
    }

    @discardableResult
    private func change<Value: Sendable>(
        _ name: String, _ kind: String, _ data: JSON = [:], by actor: String,
        _ body: @escaping @Sendable (Int64, Timestamp, Transaction) throws -> Value
    ) async throws -> Value {
        let now = clock.now
        return try await database.write { transaction in
            let value = try body(transaction.requireModelKey(of: name), now, transaction)
            try events.append(Change(by: actor, kind, of: "models/\(name)", data), in: transaction)
            return value
        }
    }

    private static func set(_ tag: Tag, of key: Int64, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO registered_model_tags (model_key, key, value) VALUES (\(key), \(tag.key), \(tag.value))
            ON CONFLICT (model_key, key) DO UPDATE SET value = excluded.value
            """)
    }
}
