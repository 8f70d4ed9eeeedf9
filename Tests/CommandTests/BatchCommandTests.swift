import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing
import TrainedModels
import Wire

/// `martlet batch` as a person runs it: killed at any moment, and given again.
@Suite(.timeLimit(.minutes(3))) struct BatchCommandTests {
    private let folder: TemporaryFolder
    private let models: TrainedModels

    init() async throws {
        folder = try TemporaryFolder()
        models = try await TrainedModels.get()
    }

    private func write(times: Int) throws -> (rows: Int, answers: [Double]) {
        let (columns, rows, predictions) = try models.expectation("booster")
        let lines = rows.map { $0.map { $0.doubleValue.map { "\($0)" } ?? "" }.joined(separator: ",") + "\n" }
        let heading = (columns ?? []).joined(separator: ",") + "\n"
        let text = heading + String(repeating: lines.joined(), count: times)
        try Data(text.utf8).write(to: URL(filePath: folder.path("data.csv")))
        return (rows.count * times, predictions.arrayValue?.compactMap(\.doubleValue) ?? [])
    }

    private func arguments(_ output: String, _ more: [String] = []) -> [String] {
        [
            "batch", "--model", models.path("booster"), "--input", folder.path("data.csv"), "--output",
            folder.path(output), "--part-rows", "2000", "--batch-rows", "200", "--predictions-only", "--python",
            BuiltProgram.python.string,
        ] + more
    }

    private static let environment = ["PATH": "/usr/bin:/bin", "HOME": "/tmp"]

    private func run(_ arguments: [String]) async throws -> BuiltProgram.Result {
        try await BuiltProgram.run(arguments, environment: Self.environment)
    }

    /// Starts a batch and kills it once it has so many parts.
    private func killed(_ output: String, after parts: Int) async throws {
        let mark = folder.path("\(output).parts/part-\(parts - 1).json")
        let variables = Dictionary(
            uniqueKeysWithValues: Self.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
        let configuration = Configuration(
            executable: .path(BuiltProgram.path), arguments: Arguments(arguments(output)),
            environment: .custom(variables))
        let result = try await Subprocess.run(
            configuration, input: .none, output: .sequence, error: .combinedWithOutput
        ) { execution in
            while !FileManager.default.fileExists(atPath: mark) { try await Task.sleep(for: .milliseconds(5)) }
            try execution.send(signal: .kill)
        }
        guard case .signaled = result.terminationStatus else {
            Issue.record("It ended before it was killed: \(result.terminationStatus)")
            return
        }
    }

    @Test func aBatchThatIsKilledGoesOnAndEndsAsIfNothingHadHappened() async throws {
        let (rows, answers) = try write(times: 500)
        try await killed("out.csv", after: 2)
        try await killed("out.csv", after: 5)
        #expect(!FileManager.default.fileExists(atPath: folder.path("out.csv")))
        let result = try await run(arguments("out.csv", ["--json"]))
        #expect(result.exitCode == 0, "\(result.errors)")
        let summary = try JSON.parse(result.output)
        #expect(summary["rows"]?.integerValue == Int64(rows))
        #expect((summary["resumed_rows"]?.integerValue ?? 0) >= 10_000)
        let lines = try String(contentsOfFile: folder.path("out.csv"), encoding: .utf8).split(separator: "\n")
        #expect(lines.first == "prediction")
        let scored = lines.dropFirst().map { Double($0) }
        #expect(scored == (0..<rows).map { answers[$0 % answers.count] })
        #expect(!FileManager.default.fileExists(atPath: folder.path("out.csv.parts")))
        // What is there is not scored again, and not replaced unasked.
        #expect(try await run(arguments("out.csv")).exitCode == 5)
    }

    @Test func anInputThatChangedMeanwhileIsNotGoneOnWith() async throws {
        _ = try write(times: 500)
        try await killed("out.csv", after: 1)
        _ = try write(times: 501)
        let result = try await run(arguments("out.csv"))
        #expect(result.exitCode == 5)
        #expect(result.errors.contains("size of the input"))
        #expect(result.errors.contains("--restart"))
        #expect(try await run(arguments("out.csv", ["--restart"])).exitCode == 0)
    }

    @Test func aRegisteredModelAnEndpointAndTheServerItselfScoreAlike() async throws {
        let (rows, answers) = try write(times: 10)
        let script = """
            import mlflow, sys
            from mlflow import MlflowClient
            mlflow.set_tracking_uri(sys.argv[1])
            with mlflow.start_run() as run:
                mlflow.log_artifacts(sys.argv[2], "model")
                mlflow.log_artifact(sys.argv[3])
            client = MlflowClient()
            client.create_registered_model("cancer")
            client.create_model_version("cancer", f"runs:/{run.info.run_id}/model", run.info.run_id)
            client.set_registered_model_alias("cancer", "champion", "1")
            print(run.info.run_id)
            """
        let manifest = """
            {apiVersion: martlet/v1, kind: Endpoint, metadata: {name: cancer},
             spec: {variants: [{name: only, model: "models:/cancer@champion", weight: 100}]}}
            """
        try Data(manifest.utf8).write(to: URL(filePath: folder.path("endpoint.yaml")))
        let expected = (0..<rows).map { answers[$0 % answers.count] }
        try await RunningServer.run(data: folder.path("data")) { [self] server in
            let logged = try await BuiltProgram.run(
                BuiltProgram.python, ["-c", script, server.url, models.path("booster"), folder.path("data.csv")],
                environment: Self.environment.merging(["GIT_PYTHON_REFRESH": "quiet"]) { own, _ in own })
            #expect(logged.exitCode == 0, "\(logged.errors)")
            let id = logged.output.split(separator: "\n").last.map(String.init) ?? ""
            let place = ["--server", server.url, "--predictions-only"]
            let applied = try await run(["apply", "-f", folder.path("endpoint.yaml"), "--server", server.url])
            #expect(applied.exitCode == 0, "\(applied.errors)")
            let python = ["--python", BuiltProgram.python.string]
            let here = try await run(
                [
                    "batch", "--model", "models:/cancer@champion", "--input", folder.path("data.csv"), "--output",
                    folder.path("here.csv"),
                ] + place + python)
            #expect(here.exitCode == 0, "\(here.errors)")
            let asked = try await run(
                [
                    "batch", "--endpoint", "cancer", "--input", folder.path("data.csv"), "--output",
                    folder.path("asked.csv"),
                ] + place + python)
            #expect(asked.exitCode == 0, "\(asked.errors)")
            let there = try await run(
                [
                    "batch", "--on-server", "--model", "models:/cancer/1", "--input", "runs:/\(id)/data.csv",
                    "--output",
                    "mlflow-artifacts:/there.csv",
                ] + place)
            #expect(there.exitCode == 0, "\(there.errors)")
            let fetched = try await server.client.get("/api/2.0/mlflow-artifacts/artifacts/there.csv")
            for (name, text) in [
                ("here", try String(contentsOfFile: folder.path("here.csv"), encoding: .utf8)),
                ("asked", try String(contentsOfFile: folder.path("asked.csv"), encoding: .utf8)),
                ("there", fetched.text),
            ] {
                #expect(text.split(separator: "\n").dropFirst().map { Double($0) } == expected, "\(name)")
            }
            let listed = try await run(["batches", "list", "--server", server.url])
            #expect(listed.output.contains("mlflow-artifacts:/there.csv"))
        }
    }
}
