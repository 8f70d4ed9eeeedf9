import Foundation
import TestSupport
import Testing
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Sources that are broken or mean harm: what is whole arrives, what is not is named, and the exit code says so.
@Suite(.timeLimit(.minutes(5))) struct BrokenSourceTests {
    private static let run = String(repeating: "a", count: 32)
    private static let other = String(repeating: "b", count: 32)

    /// The problems of an import, as `kind id: reason`.
    private static func problems(_ result: BuiltProgram.Result) throws -> [String] {
        let problems = try JSON.parse(result.output)["problems"]?.arrayValue ?? []
        return problems.map { problem in
            let words = ["kind", "id", "reason"].map { problem[$0]?.stringValue ?? "" }
            return "\(words[0]) \(words[1]): \(words[2])"
        }
    }

    private static func expect(_ problems: [String], name wanted: [(String, String)]) {
        for (thing, reason) in wanted {
            #expect(problems.contains { $0.hasPrefix(thing) && $0.contains(reason) }, "\(thing) \(reason): \(problems)")
        }
        #expect(problems.count == wanted.count, "\(problems)")
    }

    // MARK: Folders

    @Test func whatIsBrokenInAFolderIsNamedAndTheRestArrives() async throws {
        let folder = try TemporaryFolder()
        try Self.fill(folder)
        try Self.addOddFiles(below: folder.path("mlruns/1/\(Self.run)/artifacts"), in: folder)
        try await RunningServer.run(data: folder.path("data")) { server in
            let result = try await ExchangePrograms.martlet(
                ["import", "mlflow", folder.path("mlruns"), "--json"], server)
            #expect(result.exitCode == 1)
            let files = "files runs/\(Self.run)"
            Self.expect(
                try Self.problems(result),
                name: [
                    ("experiments 2", "is not YAML"), ("runs \(Self.other)", "names no run_id"),
                    ("runs cccc", "meta.yaml cannot be read"),
                    ("metric points \(Self.run)/loss", "line 2 of"), ("metric points \(Self.run)/loss", "line 4 of"),
                    ("traces tr-1", "has no names with values"), ("spans tr-2", "JSON"),
                    ("model versions churn/2", "cannot be read"),
                    ("\(files)/round", "link to a folder"), ("\(files)/secret.txt", "outside of its folder"),
                    ("\(files)/nowhere", "leads nowhere"), ("\(files)/pipe", "neither a file nor a folder"),
                    ("\(files)/odd", "not UTF-8"),
                ])
            #expect(
                try ExchangePrograms.imported(
                    result, ["experiments", "runs", "metric_points", "files", "model_versions"])
                    == ["experiments": 1, "runs": 1, "metric_points": 2, "files": 2, "model_versions": 1])
            let text = try await ExchangePrograms.martlet(["import", "mlflow", folder.path("mlruns")], server)
            #expect(text.output.contains("runs \(Self.other): "), "\(text.output)")
            #expect(text.errors.contains("Not everything of"), "\(text.errors)")
        }
    }

    private static func fill(_ folder: TemporaryFolder) throws {
        try folder.write("name: one\nexperiment_id: '1'\n", to: "mlruns/1/meta.yaml")
        try folder.write("name: [two\n: : :", to: "mlruns/2/meta.yaml")
        let home = "mlruns/1/\(run)"
        try folder.write("run_id: \(run)\nrun_name: whole\nstatus: 3\nstart_time: 5\n", to: "\(home)/meta.yaml")
        try folder.write("5 0.5 0\nwhat is this\n6 0.25 1\n7 0.125 second\n", to: "\(home)/metrics/loss")
        try folder.write("status: 3\n", to: "mlruns/1/\(other)/meta.yaml")
        try folder.write("1", to: "mlruns/1/cccc/params/depth")
        try folder.write("- just\n- a list\n", to: "mlruns/1/traces/tr-1/trace_info.yaml")
        try folder.write(
            "trace_id: tr-2\nstate: OK\nrequest_time: '2026-01-02T03:04:05Z'\n",
            to: "mlruns/1/traces/tr-2/trace_info.yaml")
        try folder.write("{\"spans\": [{\"trace_id\"", to: "mlruns/1/traces/tr-2/artifacts/traces.json")
        try folder.write("name: churn\n", to: "mlruns/models/churn/meta.yaml")
        try folder.write(
            "name: churn\nversion: 1\ncurrent_stage: None\nsource: s3://b/m\n",
            to: "mlruns/models/churn/version-1/meta.yaml")
        try FileManager.default.createDirectory(
            atPath: folder.path("mlruns/models/churn/version-2"), withIntermediateDirectories: true)
    }

    private static func addOddFiles(below root: String, in folder: TemporaryFolder) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: "\(root)/deep", withIntermediateDirectories: true)
        try Data("fine".utf8).write(to: URL(filePath: "\(root)/deep/fine.txt"))
        try folder.write("not yours", to: "secret.txt")
        try files.createSymbolicLink(atPath: "\(root)/round", withDestinationPath: "..")
        try files.createSymbolicLink(atPath: "\(root)/secret.txt", withDestinationPath: folder.path("secret.txt"))
        try files.createSymbolicLink(atPath: "\(root)/inside.txt", withDestinationPath: "deep/fine.txt")
        try files.createSymbolicLink(atPath: "\(root)/nowhere", withDestinationPath: "gone")
        #expect(mkfifo("\(root)/pipe", 0o600) == 0)
        let odd = Array("\(root)/odd".utf8) + [0xFF, 0]
        let descriptor = odd.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { name in
                name.baseAddress.map { open($0, O_CREAT | O_WRONLY, 0o600) } ?? -1
            }
        }
        #expect(close(descriptor) == 0)
    }

    // MARK: Databases

    @Test func aDatabaseThatIsCutOffIsRefused() async throws {
        let folder = try TemporaryFolder()
        let whole = try Data(contentsOf: URL(filePath: await FilledStore.get(.database).path))
        let path = folder.path("mlflow.db")
        try whole.prefix(whole.count / 3).write(to: URL(filePath: path))
        try await RunningServer.run(data: folder.path("data")) { server in
            let result = try await ExchangePrograms.martlet(["import", "mlflow", path], server)
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("\(path) is cut off or damaged"), "\(result.errors)")
        }
    }

    @Test func whatADamagedPageHoldsIsMissingAndTheRestArrives() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("mlflow.db")
        let filled = try await FilledStore.get(.database)
        try FileManager.default.copyItem(atPath: filled.path, toPath: path)
        let program = """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1])
            page, = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'spans'").fetchone()
            size, = database.execute("PRAGMA page_size").fetchone()
            database.close()
            with open(sys.argv[1], "r+b") as file:
                file.seek((page - 1) * size)
                file.write(b"\\xff" * size)
            """
        let damage = try await BuiltProgram.run(
            BuiltProgram.python, ["-c", program, path], environment: ["PATH": "/usr/bin:/bin"])
        #expect(damage.exitCode == 0, "\(damage.errors)")
        try await RunningServer.run(data: folder.path("data")) { server in
            let result = try await ExchangePrograms.martlet(["import", "mlflow", path, "--json"], server)
            #expect(result.exitCode == 1)
            let problems = try Self.problems(result)
            #expect(problems.count == 4)
            #expect(
                problems.allSatisfy { $0.hasPrefix("spans the rest of trace tr-") && $0.contains("damaged") },
                "\(problems)")
            #expect(
                try ExchangePrograms.imported(result, ["runs", "metric_points", "files", "traces", "webhooks"])
                    == ["runs": 7, "metric_points": 916, "files": 11, "traces": 4, "webhooks": 1])
        }
    }
}
