import Database
import TestSupport

/// A database in a folder of the test's own.
struct DatabaseFixture {
    let folder: TemporaryFolder
    let database: Database

    init(_ migrations: Migration...) async throws {
        folder = try TemporaryFolder()
        database = try Database.open(.sqlite(path: folder.path("test.db")))
        try await database.migrate(migrations)
    }

    /// A second handle on the same file.
    func reopened() throws -> Database {
        try Database.open(.sqlite(path: folder.path("test.db")))
    }
}

extension Migration {
    static let notes = Migration(
        "notes-001", "CREATE TABLE notes (id \(.identity), text TEXT NOT NULL UNIQUE, weight \(.double), raw \(.bytes))"
    )
}
