package import Database

/// A database of one test's own, on the engine that the test runs on, gone when the test lets go of it.
package final class TestDatabase: Sendable {
    /// For `--database`.
    package let url: String
    package let location: DatabaseLocation
    private let folder: TemporaryFolder?
    private let name: String?
    private let isLikeOthers: Bool

    /// - Parameter options: of PostgreSQL's CREATE DATABASE, for one that is not like others.
    package init(on engine: TestEngine = .current, options: String? = nil) async throws {
        isLikeOthers = options == nil
        switch engine {
        case .sqlite:
            let folder = try TemporaryFolder()
            url = "sqlite:" + folder.path("test.db")
            (self.folder, name) = (folder, nil)
        case .postgres:
            let (name, url) = try await PostgresCluster.shared.value.takeDatabase(options)
            self.url = url
            (folder, self.name) = (nil, name)
        }
        location = try DatabaseLocation(url: url)
    }

    deinit {
        if isLikeOthers, let name { Task { try await PostgresCluster.shared.value.giveBack(name) } }
    }

    /// Asks for the names of all tables, as the engine of the test has them.
    package static var tables: SQL {
        switch TestEngine.current {
        case .sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        case .postgres: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
        }
    }

    /// A handle of its own on the database, as another server has it.
    package func open() throws -> Database {
        try Database.open(location)
    }

    /// Ends every connection to the database from outside, as an administrator or a restart of the server does.
    package func endConnections() async throws {
        guard let name else { return }
        try await PostgresCluster.shared.value.endConnections(to: name)
    }
}
