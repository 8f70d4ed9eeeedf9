import NIOHTTP1
import TestSupport
import Testing
import Wire

/// A server of the built program with something in it that was acknowledged, which must be there whatever comes after.
struct HardenedServer: Sendable {
    let server: RunningServer
    /// Has the metric `kept` and the file `kept.txt`.
    let run: String

    var client: LiveServer { server.client }

    static let artifacts = "/api/2.0/mlflow-artifacts/artifacts"

    /// Starts a server, lets `body` do its worst, and then looks whether the server lives, still has what it had, takes
    /// more, and never held more than `megabytes` of memory.
    static func run(
        on engine: TestEngine = .sqlite, artifacts place: BlobPlace = .folder, below megabytes: Int = 200,
        _ body: @escaping @Sendable (HardenedServer) async throws -> Void
    ) async throws {
        let database = try await TestDatabase(on: engine)
        var options = ["--database", database.url]
        var environment: [String: String] = [:]
        if place == .bucket {
            let bucket = try await S3Server.get()
            options += ["--artifacts", "s3://\(try await bucket.bucket())/kept"]
            environment = bucket.environment
        }
        try await run(options, environment: environment, below: megabytes, body)
        withExtendedLifetime(database) {}
    }

    /// The same on stores that the test has chosen.
    static func run(
        _ options: [String] = [], environment: [String: String] = [:], in folder: TemporaryFolder? = nil,
        launchedBy launcher: ([String]) -> [String] = \.self, below megabytes: Int = 200,
        _ body: @escaping @Sendable (HardenedServer) async throws -> Void
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        let (_, end) = try await RunningServer.run(
            data: folder.path("data"), options, environment: environment, launchedBy: launcher
        ) { server in
            let hardened = try await HardenedServer(server)
            try await body(hardened)
            try await hardened.check(below: megabytes)
        }
        #expect(end.exitCode == 0, "\(end.output)")
        #expect(!end.output.contains("Unexpected error"), "\(end.output)")
    }

    private init(_ server: RunningServer) async throws {
        self.server = server
        let created = try await server.client.mlflow("runs/create", ["experiment_id": "0", "start_time": 1])
        run = try #require(created["run"]?["info"]?["run_id"]?.stringValue)
        try await write("kept", step: 0)
        let stored = try await server.client.send(.PUT, file("kept.txt"), body: "kept")
        #expect(stored.status == 200, "\(stored.text)")
    }

    /// The address of a file of the run.
    func file(_ name: String) -> String {
        "\(Self.artifacts)/0/\(run)/artifacts/\(name)"
    }

    /// Writes a point that must be taken.
    func write(_ key: String, step: Int) async throws {
        try await client.mlflow(
            "runs/log-metric",
            ["run_id": .string(run), "key": .string(key), "value": 1, "timestamp": 1, "step": .integer(Int64(step))])
    }

    /// The steps of a metric.
    func steps(of key: String) async throws -> [Int64] {
        let answer = try await client.mlflow(get: "metrics/get-history?run_id=\(run)&metric_key=\(key)")
        return try answer.json["metrics"]?.arrayValue?.compactMap { $0["step"]?.integerValue } ?? []
    }

    private func check(below megabytes: Int) async throws {
        #expect(try await client.get("/health").text == "OK")
        #expect(try await steps(of: "kept") == [0])
        #expect(try await client.get(file("kept.txt")).text == "kept")
        try await write("after", step: 7)
        #expect(try await steps(of: "after") == [7])
        #expect(try server.peakMemoryBytes < megabytes << 20)
        let audit = try await BuiltProgram.run(["audit", "verify", "--server", server.url])
        #expect(audit.exitCode == 0, "\(audit.output)\(audit.errors)")
    }
}
