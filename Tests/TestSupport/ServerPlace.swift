/// Where a server keeps things, on the engine of the test: SQLite and a folder, or PostgreSQL and a bucket. Servers that are
/// started over it one after the other are one.
package struct ServerPlace: Sendable {
    private let data: String
    private let arguments: [String]
    private let environment: [String: String]
    /// Goes when the place does.
    private let database: TestDatabase?

    package init(_ name: String, in folder: TemporaryFolder) async throws {
        data = folder.path(name)
        guard TestEngine.current == .postgres else {
            (arguments, environment, database) = ([], [:], nil)
            return
        }
        let database = try await TestDatabase()
        let service = try await S3Server.get()
        arguments = ["--database", database.url, "--artifacts", "s3://\(try await service.bucket())/files"]
        environment = service.environment
        self.database = database
    }

    package func run<Value: Sendable>(_ body: @escaping @Sendable (RunningServer) async throws -> Value) async throws
        -> Value
    {
        try await RunningServer.run(data: data, arguments, environment: environment, body).value
    }
}
