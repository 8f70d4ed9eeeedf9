import Foundation
import NIOHTTP1
import TestSupport
import Testing
import TrainedModels
import Wire

/// What was predicted and answered is in the log after `kill -9` at any moment.
@Suite struct PredictionDurabilityTests {
    private static let rowsInRequest = 3

    @Test func everyAnsweredPredictionSurvivesBeingKilled() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path("data")
        let (answered, crash) = try await RunningServer.run(data: data) { server in
            try await Self.deploy(on: server, folder)
            return try await Self.ask(server, killAfter: 80)
        }
        #expect(crash.exitCode == nil)
        #expect(answered.count >= 80)
        // A write that was under way when the machine lost its power.
        let journal = data + "/predictions/journal"
        let last = try FileManager.default.contentsOfDirectory(atPath: journal).sorted().last
        try Self.append(#"{"request":"01a3185c5000000001234567"#, to: "\(journal)/\(try #require(last))")

        let (logged, end) = try await RunningServer.run(data: data) { server in
            try await Self.logged(by: server)
        }
        let expected = answered.flatMap { id in (0..<Self.rowsInRequest).map { "\(id).\($0)" } }
        #expect(Set(expected).subtracting(logged).isEmpty)
        #expect(end.exitCode == 0, "\(end.output)")
    }

    private static func append(_ text: String, to file: String) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    /// Registers a model and serves it.
    private static func deploy(on server: RunningServer, _ folder: TemporaryFolder) async throws {
        let client = server.client
        func call(_ path: String, _ body: JSON) async throws -> JSON {
            let answer = try await client.post("/api/2.0/mlflow/\(path)", json: body)
            #expect(answer.status == 200, "\(answer.text)")
            return try answer.json
        }
        let run = try await call("runs/create", ["experiment_id": "0", "start_time": 1])["run"]?["info"]?["run_id"]
        let id = try #require(run?.stringValue)
        let model = try await TrainedModels.get().path("booster")
        for file in try FileManager.default.contentsOfDirectory(atPath: model) {
            guard let content = FileManager.default.contents(atPath: "\(model)/\(file)") else { continue }
            let answer = try await client.send(
                .PUT, "/api/2.0/mlflow-artifacts/artifacts/0/\(id)/artifacts/model/\(file)",
                body: String(decoding: content, as: UTF8.self), type: "application/octet-stream")
            #expect(answer.status == 200, "\(answer.text)")
        }
        _ = try await call("registered-models/create", ["name": "booster"])
        _ = try await call(
            "model-versions/create",
            ["name": "booster", "source": .string("runs:/\(id)/model"), "run_id": .string(id)])
        let manifest = try folder.write(
            """
            apiVersion: martlet/v1
            kind: Endpoint
            metadata: { name: booster }
            spec: { variants: [{ model: "models:/booster/1" }] }
            """, to: "endpoint.yaml")
        let applied = try await BuiltProgram.run(["apply", "-f", manifest, "--server", server.url])
        #expect(applied.exitCode == 0, "\(applied.errors)")
        while try await client.get("/api/v1/endpoints/booster").json["state"] != "ready" {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Asks from several clients until the server is gone.
    /// - Returns: the ids of the requests that were answered.
    private static func ask(_ server: RunningServer, killAfter count: Int) async throws -> [String] {
        let (columns, rows, _) = try await TrainedModels.get().expectation("booster")
        let split: JSON = [
            "columns": .array((columns ?? []).map(JSON.string)),
            "data": .array(rows.prefix(rowsInRequest).map(JSON.array)),
        ]
        let body: JSON = ["dataframe_split": split]
        return try await withThrowingTaskGroup(of: [String].self) { clients in
            for index in 0..<8 {
                clients.addTask {
                    var ids: [String] = []
                    while let answer = try? await server.client.post("/endpoints/booster/invocations", json: body),
                        answer.status == 200, let id = answer.header("X-Martlet-Prediction-Id")
                    {
                        ids.append(id)
                        // The first one pulls the plug while the others are asking.
                        if index == 0, ids.count == count { try server.kill() }
                    }
                    return ids
                }
            }
            return try await clients.reduce(into: []) { $0 += $1 }
        }
    }

    private static func logged(by server: RunningServer) async throws -> Set<String> {
        let answer = try await server.client.get("/api/v1/predictions/export?endpoint=booster")
        #expect(answer.status == 200, "\(answer.text)")
        let ids = try answer.text.split(separator: "\n").map { line in
            try JSON.parse(line.utf8)["prediction_id"]?.stringValue ?? ""
        }
        #expect(Set(ids).count == ids.count)
        return Set(ids)
    }
}
