/// One step of a schema, contributed by the slice that owns the tables. Once released it never changes.
package struct Migration: Sendable {
    /// Unique and stable, such as `tracking-001-runs`.
    package let id: String
    package let statements: [SQL]
    /// Runs behind the statements, where rows that are there take more than SQL to be carried over. It may rely on nothing
    /// but the schema of this moment, so not on queries that stores share.
    let carryOver: @Sendable (Transaction) throws -> Void

    package init(
        _ id: String, _ statements: SQL..., carryOver: @escaping @Sendable (Transaction) throws -> Void = { _ in }
    ) {
        self.id = id
        self.statements = statements
        self.carryOver = carryOver
    }
}

extension Database {
    /// Brings the schema up to date: runs the migrations that the database has not seen, in order, in one transaction.
    /// - Throws: `DatabaseError` when the database has a migration that is not in the list, because a newer version
    ///   wrote it; nothing is changed then.
    package func migrate(_ migrations: [Migration]) async throws {
        let place = engine.place
        let dialect = engine.dialect
        try await write { transaction in
            try transaction.execute(
                "CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY, position BIGINT NOT NULL)")
            let done = try transaction.values("SELECT id FROM migrations ORDER BY position", as: String.self)
            let known = Set(migrations.map(\.id))
            if let newer = done.first(where: { !known.contains($0) }) {
                throw DatabaseError.newerSchema(newer, place: place)
            }
            let seen = Set(done)
            guard migrations.contains(where: { !seen.contains($0.id) }) else { return }
            for (position, migration) in migrations.enumerated() where !seen.contains(migration.id) {
                for statement in migration.statements { try transaction.execute(statement) }
                try migration.carryOver(transaction)
                try transaction.execute(
                    "INSERT INTO migrations (id, position) VALUES (\(migration.id), \(position))")
            }
            if let last = dialect.afterMigrations { try transaction.execute(last) }
        }
    }
}
