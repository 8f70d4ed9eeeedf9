import Foundation
import Subprocess
import TestSupport
import Testing
import Wire

/// An import whose process is killed, and another whose server is, in the middle of things; then it is given again.
@Suite(.everyEngine, .timeLimit(.minutes(10))) struct InterruptedImportTests {
    private static let runs = 110

    @Test func whatWasKilledHalfWayIsFinishedByTheSameCommand() async throws {
        let folder = try TemporaryFolder()
        try Self.fill(folder)
        let command = ["import", "mlflow", folder.path("mlruns")]
        let place = try await ServerPlace("killed", in: folder)
        let found = try await place.run { server in
            try await Self.importing(command, to: server) { kill in
                try await Self.reached(server, runs: 1)
                try kill()
            }
            let halfWay = try await Self.count(server)
            #expect((1..<Self.runs).contains(halfWay))
            let stopped = try await Self.importing(command, to: server) { _ in
                try await Self.reached(server, runs: halfWay + 1)
                try server.kill()
            }
            #expect(stopped.exitCode == 7, "\(stopped.errors)")
            #expect(stopped.errors.contains("The import stopped after"), "\(stopped.errors)")
            #expect(stopped.errors.contains("Give the same command again"), "\(stopped.errors)")
            return halfWay
        }
        try await place.run { server in
            let before = try await Self.count(server)
            #expect((found + 1..<Self.runs).contains(before))
            let last = try await ExchangePrograms.martlet(command + ["--json"], server)
            #expect(last.exitCode == 0, "\(last.output)\(last.errors)")
            let counts = try JSON.parse(last.output)["counts"]
            #expect(counts?["runs"] == Self.row(imported: Self.runs - before, present: before), "\(last.output)")
            let again = try await ExchangePrograms.martlet(command + ["--json"], server)
            #expect(
                try ExchangePrograms.imported(again, ["runs", "metric_points", "files", "spans"])
                    == ["runs": 0, "metric_points": 0, "files": 0, "spans": 0])
            try await ExchangePrograms.export(server, to: folder.path("killed export"))
        }
        try await ServerPlace("whole", in: folder).run { server in
            #expect(try await ExchangePrograms.martlet(command, server).exitCode == 0)
            try await ExchangePrograms.export(server, to: folder.path("whole export"))
        }
        let sums = try ["killed export", "whole export"].map {
            try ExchangePrograms.sums(folder.path($0), without: ["experiments.ndjson"])
        }
        #expect(sums[0].symmetricDifference(sums[1]) == [])
        #expect(sums[0].count > 2 * Self.runs)
    }

    private static func row(imported: Int, present: Int) -> JSON {
        [
            "found": .integer(Int64(runs)), "imported": .integer(Int64(imported)),
            "present": .integer(Int64(present)), "different": 0, "failed": 0,
        ]
    }

    /// An `mlruns` folder of many small runs, each with points and a file, and a few traces.
    private static func fill(_ folder: TemporaryFolder) throws {
        let home = "mlruns/1"
        try folder.write(
            "artifact_location: \(folder.path(home))\nexperiment_id: '1'\nlifecycle_stage: active\nname: many\n",
            to: "\(home)/meta.yaml")
        for number in 0..<runs {
            let id = String(repeating: "0", count: 29) + String(1000 + number).suffix(3)
            let meta = """
                artifact_uri: \(folder.path(home))/\(id)/artifacts
                run_id: '\(id)'
                run_name: run \(number)
                start_time: \(1000 + number)
                end_time: 5000
                status: 3
                lifecycle_stage: active

                """
            try folder.write(meta, to: "\(home)/\(id)/meta.yaml")
            let points = (0..<50).map { "\(100 + $0) \(Double(number) / 7) \($0)\n" }.joined()
            try folder.write(points, to: "\(home)/\(id)/metrics/loss")
            try folder.write("file of run \(number)", to: "\(home)/\(id)/artifacts/notes/text.txt")
        }
    }

    /// Runs an import, and `body` beside it, which may kill it.
    @discardableResult
    private static func importing(
        _ command: [String], to server: RunningServer,
        _ body: @escaping @Sendable (_ kill: () throws -> Void) async throws -> Void
    ) async throws -> (exitCode: Int32?, errors: String) {
        let configuration = Configuration(
            executable: .path(BuiltProgram.path), arguments: Arguments(command + ["--server", server.url]),
            environment: .custom(["HOME": "/nonexistent"]))
        let result = try await Subprocess.run(
            configuration, input: .none, output: .discarded, error: .string(limit: 1 << 20)
        ) { execution in
            try await body { try execution.send(signal: .kill) }
        }
        var exitCode: Int32?
        if case .exited(let code) = result.terminationStatus { exitCode = code }
        return (exitCode, try result.standardError)
    }

    /// Asks again and again, until there are so many runs.
    private static func reached(_ server: RunningServer, runs: Int) async throws {
        while try await count(server) < runs { try Task.checkCancellation() }
    }

    private static func count(_ server: RunningServer) async throws -> Int {
        let found = try await server.client.post(
            "/api/2.0/mlflow/runs/search", json: ["experiment_ids": ["1"], "max_results": 1000])
        return try found.json["runs"]?.arrayValue?.count ?? 0
    }
}
