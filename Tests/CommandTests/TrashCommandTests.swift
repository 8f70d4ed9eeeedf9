import Foundation
import NIOHTTP1
import TestSupport
import Testing
import Wire

/// `martlet trash` over the built program: things of every kind are deleted, looked at, taken back, and purged with their
/// files, and their names are used again.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct TrashCommandTests {
    @Test func whatWasDeletedIsListedTakenBackAndPurgedForGood() async throws {
        let folder = try TemporaryFolder()
        try await ServerPlace("data", in: folder).run { server in
            let made = try await Self.fill(server)
            try await server.client.mlflow("runs/delete", ["run_id": .string(made.run)])
            _ = try await server.client.send(.DELETE, "/api/2.0/mlflow/logged-models/\(made.model)")
            _ = try await server.client.send(
                .DELETE, "/api/2.0/mlflow/registered-models/delete", body: #"{"name":"churn"}"#,
                type: "application/json")

            let list = try await Self.martlet(["trash", "list"], server)
            for kind in ["run", "logged-model", "model"] {
                #expect(list.output.contains("\n\(kind) "), "\(list.output)")
            }
            #expect(try await Self.martlet(["trash", "restore", "run", made.run], server).exitCode == 0)
            let back = try await server.client.get("/api/2.0/mlflow/runs/get?run_id=\(made.run)")
            #expect(try back.json["run"]?["info"]?["lifecycle_stage"] == "active")
            #expect(try await server.client.get(made.file).text == "kept")
            let wrong = try await Self.martlet(["trash", "restore", "run", made.run], server)
            #expect(wrong.exitCode == 3, "\(wrong.errors)")

            try await server.client.mlflow("experiments/delete", ["experiment_id": .string(made.experiment)])
            let asked = try await Self.martlet(["trash", "purge"], server)
            #expect(asked.exitCode != 0 && asked.errors.contains("--yes"), "\(asked.errors)")
            let dry = try await Self.martlet(["trash", "purge", "--dry-run"], server)
            #expect(dry.output.contains("would purge experiment \(made.experiment)"), "\(dry.output)")
            #expect(try await server.client.get(made.file).status == 200)
            let purge = try await Self.martlet(["trash", "purge", "--yes"], server)
            #expect(purge.exitCode == 0, "\(purge.output)\(purge.errors)")
            #expect(purge.output.contains("purged experiment \(made.experiment)"), "\(purge.output)")
            #expect(try await Self.martlet(["trash", "list"], server).output == "The trash is empty.\n")
            #expect(try await server.client.get(made.file).status == 404)
            #expect(try await server.client.get("/api/2.0/mlflow/runs/get?run_id=\(made.run)").status == 404)

            // The names are free, and nothing of what had them is left.
            let again = try await Self.fill(server)
            #expect(again.experiment != made.experiment)
            let versions = try await server.client.get("/api/2.0/mlflow/registered-models/get?name=churn")
            #expect(try versions.json["registered_model"]?["latest_versions"]?.arrayValue?.first?["version"] == "1")
        }
    }

    private struct Made: Sendable {
        let experiment: String
        let run: String
        let model: String
        /// The address of the run's file.
        let file: String
    }

    /// An experiment `bin` with a run that has a file and a logged model, and the registered model `churn` with a version.
    private static func fill(_ server: RunningServer) async throws -> Made {
        let experiment =
            try await server.client.mlflow("experiments/create", ["name": "bin"])["experiment_id"]?.stringValue ?? ""
        let created = try await server.client.mlflow(
            "runs/create", ["experiment_id": .string(experiment), "start_time": 1])
        let run = created["run"]?["info"]?["run_id"]?.stringValue ?? ""
        let file = "/api/2.0/mlflow-artifacts/artifacts/\(experiment)/\(run)/artifacts/notes.txt"
        #expect(try await server.client.send(.PUT, file, body: "kept").status == 200)
        let model = try await server.client.mlflow(
            "logged-models", ["experiment_id": .string(experiment), "source_run_id": .string(run)])
        try await server.client.mlflow("registered-models/create", ["name": "churn"])
        try await server.client.mlflow("model-versions/create", ["name": "churn", "source": "s3://bucket/model"])
        return Made(
            experiment: experiment, run: run, model: model["model"]?["info"]?["model_id"]?.stringValue ?? "",
            file: file)
    }

    private static func martlet(_ arguments: [String], _ server: RunningServer) async throws -> BuiltProgram.Result {
        try await BuiltProgram.run(arguments + ["--server", server.url], environment: ["HOME": "/nonexistent"])
    }
}
