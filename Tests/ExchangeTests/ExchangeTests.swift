import Foundation
import TestSupport
import Testing
import Wire

/// Stores that the MLflow client filled, carried into a server by the built program, and compared with it through the
/// client, thing by thing.
@Suite(.timeLimit(.minutes(10))) struct ExchangeTests {
    @Test(arguments: ["sqlite", "folder"])
    func aStoreOfMLflowArrivesWholeAndOnlyOnce(kind: String) async throws {
        let folder = try TemporaryFolder()
        let uri = kind == "sqlite" ? "sqlite:///\(folder.path("mlflow.db"))" : "file://\(folder.path("mlruns"))"
        try await Self.python("fill", [], tracking: uri, in: folder)
        let argument = kind == "sqlite" ? uri : folder.path("mlruns")
        try await RunningServer.run(data: folder.path("data")) { server in
            let first = try await Self.martlet(["import", "mlflow", argument, "--json"], server)
            #expect(first.exitCode == 0, "\(first.output)\(first.errors)")
            #expect(
                try Self.imported(first) == [
                    "runs": 7, "metric_points": 916, "files": 11, "model_versions": 5, "spans": 127,
                ])
            let again = try await Self.martlet(["import", "mlflow", argument, "--json"], server)
            #expect(again.exitCode == 0, "\(again.output)\(again.errors)")
            #expect(
                try Self.imported(again) == [
                    "runs": 0, "metric_points": 0, "files": 0, "model_versions": 0, "spans": 0,
                ])
            try await Self.python("compare", [uri, server.url], tracking: uri, in: folder)
            let next = try await server.client.mlflow(
                "model-versions/create", ["name": "churn", "source": "s3://bucket/next"])
            #expect(next["model_version"]?["version"] == "5")
            let create = try await server.client.mlflow("experiments/create", ["name": "new"])
            #expect(create["experiment_id"]?.stringValue.flatMap { Int($0) } ?? 0 > 2)
        }
    }

    @Test func aServerArrivesWholeOverREST() async throws {
        let folder = try TemporaryFolder()
        try await RunningServer.run(data: folder.path("source")) { source in
            try await Self.python("fill", [], tracking: source.url, in: folder)
            try await RunningServer.run(data: folder.path("target")) { target in
                let result = try await Self.martlet(["import", "mlflow", source.url], target)
                #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
                try await Self.python("compare", [source.url, target.url], tracking: source.url, in: folder)
            }
        }
    }

    @Test func anExportReadBackIsTheSameServer() async throws {
        let folder = try TemporaryFolder()
        let (first, second) = (folder.path("export"), folder.path("again"))
        try await RunningServer.run(data: folder.path("source")) { source in
            try await Self.python("fill", [], tracking: source.url, in: folder)
            try await RunningServer.run(data: folder.path("target")) { target in
                for arguments in [["export", first], ["export", first]] {
                    let result = try await Self.martlet(arguments, source)
                    let isSecond = result.errors.contains("is not empty")
                    #expect(result.exitCode == (isSecond ? 5 : 0), "\(result.output)\(result.errors)")
                }
                let back = try await Self.martlet(["import", "martlet", first], target)
                #expect(back.exitCode == 0, "\(back.output)\(back.errors)")
                try await Self.python("compare", [source.url, target.url], tracking: source.url, in: folder)
                #expect(try await Self.martlet(["export", second], target).exitCode == 0)
            }
        }
        // Each file of the second export is the same as of the first, but that the experiment `Default` is each server's
        // own, and that webhooks arrive switched off.
        let sums = try [first, second].map { folder in
            try Self.lines("\(folder)/sums.ndjson").filter { !$0.contains(/"(experiments|webhooks).ndjson/) }
        }
        #expect(Set(sums[0]) == Set(sums[1]))
        #expect(sums[0].count > 20)
        let manifests = try [first, second].map { folder -> JSON in
            let data = try #require(FileManager.default.contents(atPath: "\(folder)/manifest.json"))
            return try JSON.parse(data)
        }
        for member in ["records", "metric_points", "files"] { #expect(manifests[0][member] == manifests[1][member]) }
    }

    @Test func onlyWhatIsNamedIsExported() async throws {
        let folder = try TemporaryFolder()
        try await RunningServer.run(data: folder.path("data")) { server in
            try await Self.python("fill", [], tracking: server.url, in: folder)
            let some = try await Self.martlet(
                ["export", folder.path("some"), "--experiment", "gone", "--model", "churn", "--json"], server)
            #expect(some.exitCode == 0, "\(some.output)\(some.errors)")
            #expect(
                try Self.imported(some) == [
                    "runs": 1, "metric_points": 305, "files": 3, "model_versions": 3, "spans": 0,
                ])
            let none = try await Self.martlet(["export", folder.path("none"), "--model", "nobody"], server)
            #expect(none.exitCode == 3, "\(none.output)\(none.errors)")
        }
    }

    @Test func aChangedExportIsRefused() async throws {
        let folder = try TemporaryFolder()
        try await RunningServer.run(data: folder.path("data")) { server in
            try await server.client.mlflow("experiments/create", ["name": "e"])
            #expect(try await Self.martlet(["export", folder.path("export")], server).exitCode == 0)
            let path = folder.path("export/experiments.ndjson")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try Data(text.replacing("\"e\"", with: "\"x\"").utf8).write(to: URL(filePath: path))
            let refused = try await Self.martlet(["import", "martlet", folder.path("export")], server)
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("experiments.ndjson"))
            let absent = try await Self.martlet(["import", "mlflow", folder.path("export")], server)
            #expect(absent.errors.contains("is not a folder of MLflow"), "\(absent.errors)")
        }
    }

    @Test func whatCannotArriveIsSaidAndFails() async throws {
        let folder = try TemporaryFolder()
        let uri = "sqlite:///\(folder.path("mlflow.db"))"
        try await Self.python("fill", [], tracking: uri, in: folder)
        // The database without the files, and a name that has another number here.
        try FileManager.default.removeItem(atPath: folder.path("mlruns"))
        try await RunningServer.run(data: folder.path("data")) { server in
            try await server.client.mlflow("experiments/create", ["name": "other"])
            let result = try await Self.martlet(["import", "mlflow", uri], server)
            #expect(result.exitCode == 1)
            #expect(result.output.contains("experiment 'first' had number 1, which was taken"), "\(result.output)")
            #expect(result.output.contains("cannot be reached from here"), "\(result.output)")
        }
    }

    // MARK: Programs

    private static let scripts = BuiltProgram.package.appending(path: "Tests/ExchangeTests/Scripts")

    private static func python(
        _ script: String, _ arguments: [String], tracking: String, in folder: TemporaryFolder
    ) async throws {
        let path = scripts.appending(path: "\(script).py").path(percentEncoded: false)
        let result = try await BuiltProgram.run(
            BuiltProgram.python, [path] + arguments,
            environment: [
                "PATH": "/usr/bin:/bin", "HOME": folder.path, "TMPDIR": folder.path, "MLFLOW_TRACKING_URI": tracking,
                "MLFLOW_ALLOW_FILE_STORE": "true", "PYTHONDONTWRITEBYTECODE": "1",
                "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
                "MLFLOW_DISABLE_TELEMETRY": "true",
                // By which a database of MLflow hides the secrets of webhooks.
                "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            ], in: folder.path)
        #expect(result.exitCode == 0, "\(script): \(result.output)\(result.errors)")
    }

    private static func martlet(_ arguments: [String], _ server: RunningServer) async throws -> BuiltProgram.Result {
        try await BuiltProgram.run(arguments + ["--server", server.url], environment: ["HOME": "/nonexistent"])
    }

    /// How many of some kinds are new, as `--json` says it.
    private static func imported(_ result: BuiltProgram.Result) throws -> [String: Int64] {
        let counts = try JSON.parse(result.output)["counts"]
        let kinds = ["runs", "metric_points", "files", "model_versions", "spans"]
        return Dictionary(
            uniqueKeysWithValues: kinds.map { ($0, counts?[$0]?["imported"]?.integerValue ?? -1) })
    }

    private static func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }
}
