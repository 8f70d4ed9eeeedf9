import TestSupport
import Testing
import Wire

/// What was answered with success is there after `kill -9` at any moment.
@Suite(.everyEngine) struct DurabilityTests {
    @Test(arguments: 0..<3)
    func aStreamOfWritesSurvivesBeingKilled(round: Int) async throws {
        let folder = try TemporaryFolder()
        let data = folder.path("data")
        let home = try await TestDatabase()
        let options = ["--database", home.url]
        let (acknowledged, crash) = try await RunningServer.run(data: data, options) { server in
            try await Self.write(to: server, killAfter: 200 + 150 * round)
        }
        #expect(crash.exitCode == nil)
        #expect(acknowledged.count == 4 && acknowledged.values.allSatisfy { !$0.isEmpty })
        let (stored, end) = try await RunningServer.run(data: data, options) { server in
            var stored: [String: Set<Int>] = [:]
            for run in acknowledged.keys {
                let answer = try await server.client.get(
                    "/api/2.0/mlflow/metrics/get-history?run_id=\(run)&metric_key=n")
                let points = try answer.json["metrics"]?.arrayValue ?? []
                stored[run] = Set(points.compactMap { $0["step"]?.integerValue.map(Int.init) })
            }
            let audit = try await BuiltProgram.run(["audit", "verify", "--server", server.url])
            #expect(audit.exitCode == 0, "\(audit.output)\(audit.errors)")
            return stored
        }
        for (run, steps) in acknowledged {
            #expect(Set(steps).subtracting(stored[run] ?? []).isEmpty, "of run \(run)")
        }
        #expect(end.exitCode == 0, "\(end.output)")
    }

    /// Writes metrics of four runs side by side until the server is gone.
    /// - Returns: the steps that were answered with success, by run.
    private static func write(to server: RunningServer, killAfter count: Int) async throws -> [String: [Int]] {
        var runs: [String] = []
        for _ in 0..<4 {
            let created = try await server.client.post(
                "/api/2.0/mlflow/runs/create", json: ["experiment_id": "0", "start_time": 1])
            runs.append(try created.json["run"]?["info"]?["run_id"]?.stringValue ?? "")
        }
        return try await withThrowingTaskGroup(of: (String, [Int]).self) { writers in
            for (index, run) in runs.enumerated() {
                writers.addTask {
                    var steps: [Int] = []
                    for step in 0... {
                        let point: JSON = [
                            "run_id": .string(run), "key": "n", "value": .integer(Int64(step)), "timestamp": 1,
                            "step": .integer(Int64(step)),
                        ]
                        let answer = try? await server.client.post("/api/2.0/mlflow/runs/log-metric", json: point)
                        guard answer?.status == 200 else { break }
                        steps.append(step)
                        // The first writer pulls the plug while the others are writing.
                        if index == 0, steps.count == count / 4 { try server.kill() }
                    }
                    return (run, steps)
                }
            }
            return try await writers.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
