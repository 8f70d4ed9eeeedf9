import Foundation
import TestSupport
import Testing
import Wire

/// Stores that the MLflow client filled, carried into a server by the built program, and compared with it through the
/// client, thing by thing.
@Suite(.timeLimit(.minutes(10))) struct ExchangeTests {
    private static let kinds = ["runs", "metric_points", "files", "model_versions", "spans"]

    @Test(.everyEngine, arguments: FilledStore.Kind.allCases)
    func aStoreOfMLflowArrivesWholeAndOnlyOnce(kind: FilledStore.Kind) async throws {
        let source = try await FilledStore.get(kind)
        let folder = try TemporaryFolder()
        try await ServerPlace("data", in: folder).run { server in
            let first = try await ExchangePrograms.martlet(["import", "mlflow", source.path, "--json"], server)
            #expect(first.exitCode == 0, "\(first.output)\(first.errors)")
            #expect(
                try ExchangePrograms.imported(first, Self.kinds)
                    == ["runs": 7, "metric_points": 916, "files": 11, "model_versions": 5, "spans": 127])
            let again = try await ExchangePrograms.martlet(["import", "mlflow", source.path, "--json"], server)
            #expect(again.exitCode == 0, "\(again.output)\(again.errors)")
            #expect(
                try ExchangePrograms.imported(again, Self.kinds)
                    == ["runs": 0, "metric_points": 0, "files": 0, "model_versions": 0, "spans": 0])
            try await ExchangePrograms.python(
                "compare", [source.uri, server.url], tracking: source.uri, in: folder)
            let next = try await server.client.mlflow(
                "model-versions/create", ["name": "churn", "source": "s3://bucket/next"])
            #expect(next["model_version"]?["version"] == "5")
            let create = try await server.client.mlflow("experiments/create", ["name": "new"])
            #expect(create["experiment_id"]?.stringValue.flatMap { Int($0) } ?? 0 > 2)
        }
    }

    @Test func aServerArrivesWholeOverREST() async throws {
        let folder = try TemporaryFolder()
        let filled = try await FilledStore.get(.database)
        try await RunningServer.run(data: folder.path("source")) { source in
            let fill = try await ExchangePrograms.martlet(["import", "mlflow", filled.path], source)
            #expect(fill.exitCode == 0)
            try await RunningServer.run(data: folder.path("target")) { target in
                let result = try await ExchangePrograms.martlet(["import", "mlflow", source.url], target)
                #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
                #expect(result.output.contains("1 webhook arrived switched off"), "\(result.output)")
                #expect(result.output.contains("export MLFLOW_TRACKING_URI=\(target.url)"), "\(result.output)")
                try await ExchangePrograms.python(
                    "compare", [source.url, target.url], tracking: source.url, in: folder)
            }
        }
    }

    /// From SQLite and a folder into PostgreSQL and a bucket, and back: the same, byte for byte.
    @Test func anExportGoesRoundThroughEveryEngine() async throws {
        let folder = try TemporaryFolder()
        let filled = try await FilledStore.get(.database)
        let exports = ["first", "second", "third"].map { folder.path($0) }
        for (number, engine) in [TestEngine.sqlite, .postgres, .sqlite].enumerated() {
            try await TestEngine.$current.withValue(engine) {
                try await ServerPlace("data \(number)", in: folder).run { server in
                    let from = number == 0 ? ["mlflow", filled.path] : ["martlet", exports[number - 1]]
                    let result = try await ExchangePrograms.martlet(["import"] + from, server)
                    #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
                    try await ExchangePrograms.export(server, to: exports[number])
                    let again = try await ExchangePrograms.martlet(["export", exports[number]], server)
                    #expect(again.exitCode == 5 && again.errors.contains("is not empty"), "\(again.errors)")
                }
            }
        }
        // The experiment `Default` alone is each server's own.
        let sums = try exports.map { try ExchangePrograms.sums($0, without: ["experiments.ndjson"]) }
        #expect(sums[0].symmetricDifference(sums[1]) == [])
        #expect(sums[0].symmetricDifference(sums[2]) == [])
        #expect(sums[0].count >= 30)
        let manifests = try exports.map { folder -> JSON in
            let data = try #require(FileManager.default.contents(atPath: "\(folder)/manifest.json"))
            return try JSON.parse(data)
        }
        for member in ["records", "metric_points", "files"] {
            #expect(manifests[0][member] == manifests[1][member])
            #expect(manifests[0][member] == manifests[2][member])
        }
    }

    @Test func onlyWhatIsNamedIsExported() async throws {
        let folder = try TemporaryFolder()
        let filled = try await FilledStore.get(.database)
        try await RunningServer.run(data: folder.path("data")) { server in
            let fill = try await ExchangePrograms.martlet(["import", "mlflow", filled.path], server)
            #expect(fill.exitCode == 0)
            let some = try await ExchangePrograms.martlet(
                ["export", folder.path("some"), "--experiment", "gone", "--model", "churn", "--json"], server)
            #expect(some.exitCode == 0, "\(some.output)\(some.errors)")
            #expect(
                try ExchangePrograms.imported(some, Self.kinds)
                    == ["runs": 1, "metric_points": 305, "files": 3, "model_versions": 3, "spans": 0])
            let traced = try await ExchangePrograms.martlet(
                ["export", folder.path("traced"), "--experiment", "first", "--json"], server)
            #expect(
                try ExchangePrograms.imported(
                    traced, ["traces", "spans", "links_of_traces", "dataset_records", "webhooks"])
                    == ["traces": 4, "spans": 127, "links_of_traces": 2, "dataset_records": 2, "webhooks": 0])
            let none = try await ExchangePrograms.martlet(
                ["export", folder.path("none"), "--model", "nobody"], server)
            #expect(none.exitCode == 3, "\(none.output)\(none.errors)")
        }
    }

    @Test func aChangedExportIsRefused() async throws {
        let folder = try TemporaryFolder()
        try await RunningServer.run(data: folder.path("data")) { server in
            try await server.client.mlflow("experiments/create", ["name": "e"])
            try await ExchangePrograms.export(server, to: folder.path("export"))
            let path = folder.path("export/experiments.ndjson")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try Data(text.replacing("\"e\"", with: "\"x\"").utf8).write(to: URL(filePath: path))
            let refused = try await ExchangePrograms.martlet(["import", "martlet", folder.path("export")], server)
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("experiments.ndjson"))
            let absent = try await ExchangePrograms.martlet(["import", "mlflow", folder.path("export")], server)
            #expect(absent.errors.contains("is not a folder of MLflow"), "\(absent.errors)")
            // As an export is that was killed: the manifest is written last.
            try FileManager.default.removeItem(atPath: folder.path("export/manifest.json"))
            let half = try await ExchangePrograms.martlet(["import", "martlet", folder.path("export")], server)
            #expect(half.exitCode == 1 && half.errors.contains("is not a finished export"), "\(half.errors)")
        }
    }

    @Test func whatCannotArriveIsSaidAndFails() async throws {
        let folder = try TemporaryFolder()
        let filled = try await FilledStore.get(.database)
        // The database without the files, and a name that has another number here.
        let path = folder.path("mlflow.db")
        let text = try Data(contentsOf: URL(filePath: filled.path))
        try text.write(to: URL(filePath: path))
        try await Self.forgetFiles(path, in: folder)
        try await RunningServer.run(data: folder.path("data")) { server in
            try await server.client.mlflow("experiments/create", ["name": "other"])
            let result = try await ExchangePrograms.martlet(["import", "mlflow", "sqlite:///\(path)"], server)
            #expect(result.exitCode == 1)
            #expect(result.output.contains("experiment 'first' had number 1, which was taken"), "\(result.output)")
            #expect(result.output.contains("cannot be reached from here"), "\(result.output)")
        }
    }

    /// Lets the runs of a database have their files on a machine that is not here.
    private static func forgetFiles(_ path: String, in folder: TemporaryFolder) async throws {
        let program = """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1])
            database.execute("UPDATE runs SET artifact_uri = '/elsewhere/mlruns/1/' || run_uuid || '/artifacts'")
            database.commit()
            """
        let result = try await BuiltProgram.run(
            BuiltProgram.python, ["-c", program, path], environment: ["PATH": "/usr/bin:/bin"])
        #expect(result.exitCode == 0, "\(result.errors)")
    }
}
