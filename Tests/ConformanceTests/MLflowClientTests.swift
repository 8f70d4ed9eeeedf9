import Foundation
import TestSupport
import Testing

/// The unmodified MLflow client against the program that was built: each script of Scripts/ is a journey of its own on a
/// server of its own.
@Suite struct MLflowClientTests {
    static let scripts = BuiltProgram.package.appending(path: "Tests/ConformanceTests/Scripts")

    /// A script, and how many checks it makes at least.
    struct Journey: Sendable, CustomTestStringConvertible {
        let script: String
        let checks: Int

        var testDescription: String { script }
    }

    static let journeys: [Journey] = [
        Journey(script: "artifacts", checks: 15), Journey(script: "assessments", checks: 13),
        Journey(script: "commands", checks: 26), Journey(script: "datasets", checks: 11),
        Journey(script: "errors", checks: 17), Journey(script: "evaluate", checks: 24),
        Journey(script: "evaluation_datasets", checks: 24), Journey(script: "experiments", checks: 21),
        Journey(script: "lightgbm_models", checks: 4), Journey(script: "logged_models", checks: 20),
        Journey(script: "registry", checks: 40), Journey(script: "runs", checks: 27),
        Journey(script: "search", checks: 13), Journey(script: "serving", checks: 20),
        Journey(script: "sklearn_models", checks: 13),
        Journey(script: "traces", checks: 42), Journey(script: "trace_metrics", checks: 20),
        Journey(script: "webhooks", checks: 24),
    ]

    /// On one machine: SQLite and a folder.
    @Test(arguments: journeys)
    func theClientFindsWhatItExpects(journey: Journey) async throws {
        try await Self.run(journey.script, checks: journey.checks)
    }

    /// On a cluster's stores: metadata in PostgreSQL, artifacts in a bucket.
    @Test(arguments: journeys)
    func theClientFindsTheSameOnPostgreSQLAndS3(journey: Journey) async throws {
        let home = try await TestDatabase(on: .postgres)
        let s3 = try await S3Server.get()
        try await Self.run(
            journey.script, checks: journey.checks,
            arguments: ["--database", home.url, "--artifacts", "s3://\(try await s3.bucket())/team"],
            serverEnvironment: s3.environment)
    }

    @Test func theJourneysAreLong() {
        #expect(Self.journeys.map(\.checks).reduce(0, +) >= 150)
    }

    /// The same with artifacts in a bucket: large files go past the server, as the client does where it may, or through it.
    @Test(arguments: [true, false])
    func theClientFindsItsFilesInABucket(isDirect: Bool) async throws {
        let s3 = try await S3Server.get()
        let bucket = try await s3.bucket()
        try await Self.run(
            "artifacts", arguments: ["--artifacts", "s3://\(bucket)/team", isDirect ? "--direct" : "--no-direct"],
            serverEnvironment: s3.environment)
        let requests = try await s3.requests(of: bucket)
        #expect(requests.contains { $0.contains("deep/er/b.bin?") && $0.contains("partNumber=2") } == isDirect)
        #expect(
            requests.contains { $0.contains("GET /\(bucket)/team/") && $0.contains("X-Amz-Signature=") } == isDirect)
    }

    @Test func theClientCarriesTheToken() async throws {
        try await Self.run("secured", token: "a-secret-of-many-letters")
    }

    /// Runs a script to its end against a server of its own; what both printed is shown when it fails.
    private static func run(
        _ script: String, checks: Int = 1, token: String? = nil, arguments: [String] = [],
        serverEnvironment: [String: String] = [:]
    ) async throws {
        let folder = try TemporaryFolder()
        var variables = serverEnvironment
        variables["MARTLET_TOKEN"] = token
        // Webhooks are received on this machine.
        variables["MARTLET_PRIVATE_WEBHOOKS"] = "true"
        let (result, end) = try await RunningServer.run(
            data: folder.path("data"), arguments, environment: variables
        ) { server in
            try await BuiltProgram.run(
                BuiltProgram.python, [scripts.appending(path: "\(script).py").path(percentEncoded: false)],
                environment: environment(of: server, token: token, home: folder.path), in: folder.path)
        }
        #expect(result.exitCode == 0, "\(end.output)\(result.output)\(result.errors)")
        let done = result.output.firstMatch(of: /(\d+) checks/).flatMap { Int($0.1) } ?? 0
        #expect(done >= checks, "\(script) made \(done) checks")
        #expect(end.exitCode == 0, "\(end.output)")
    }

    /// Every script is run by a test.
    @Test func noScriptIsForgotten() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.scripts.path(percentEncoded: false))
        #expect(
            Set(files.filter { $0.hasSuffix(".py") })
                == Set((Self.journeys.map(\.script) + ["secured"]).map { "\($0).py" }))
    }

    private static func environment(
        of server: RunningServer, token: String?, home: String
    ) -> [String: String] {
        var environment = [
            "PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": home, "MLFLOW_TRACKING_URI": server.url,
            "PYTHONPATH": scripts.appending(path: "lib").path(percentEncoded: false), "PYTHONDONTWRITEBYTECODE": "1",
            // An answer of 5xx is a failure here, not a reason to wait.
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            // Small enough for the large files of the scripts, where the server takes files in parts; S3 wants 5 MiB.
            "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "6000000", "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": "5242880",
            "MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE": "6000000", "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE": "5242880",
        ]
        environment["MLFLOW_TRACKING_TOKEN"] = token
        return environment
    }
}
