import Database
import TestSupport

/// A database of the test's own.
struct DatabaseFixture {
    let home: TestDatabase
    let database: Database

    init(_ migrations: Migration...) async throws {
        home = try await TestDatabase()
        database = try home.open()
        try await database.migrate(migrations)
    }

    /// A second handle on the same database.
    func reopened() throws -> Database {
        try home.open()
    }
}

extension Migration {
    static let notes = Migration(
        "notes-001", "CREATE TABLE notes (id \(.identity), text TEXT NOT NULL UNIQUE, weight \(.double), raw \(.bytes))"
    )
}
