import AsyncHTTPClient
import Foundation
import NIOHTTP1
import Testing
package import Wire

/// Models on a server that runs.
extension RunningServer {
    /// Registers the next version of a model, whose files are those of a folder, as a run logs them.
    package func register(_ folder: String, as model: String) async throws {
        let start = WallClock.system.now.milliseconds
        let made = try await call("runs/create", ["experiment_id": "0", "start_time": .integer(start)])
        let info = made["run"]?["info"]
        let run = try #require(info?["run_id"]?.stringValue)
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            guard let content = FileManager.default.contents(atPath: "\(folder)/\(file)") else { continue }
            var upload = HTTPClientRequest(
                url: "\(url)/api/2.0/mlflow-artifacts/artifacts/0/\(run)/artifacts/model/\(file)")
            upload.method = .PUT
            upload.body = .bytes(content)
            let answer = try await client.send(upload)
            try #require(answer.status == 200, "\(answer.text)")
        }
        _ = try await client.post("/api/2.0/mlflow/registered-models/create", json: ["name": .string(model)])
        _ = try await call(
            "model-versions/create",
            ["name": .string(model), "source": .string("runs:/\(run)/model"), "run_id": .string(run)])
    }

    /// Declares an endpoint and waits until it is ready.
    /// - Parameter spec: YAML in flow style.
    package func serve(_ endpoint: String, spec: String) async throws {
        let manifest = """
            apiVersion: martlet/v1
            kind: Endpoint
            metadata: { name: \(endpoint) }
            spec: \(spec)
            """
        let applied = try await client.send(.POST, "/api/v1/apply", body: manifest, type: "application/yaml")
        try #require(applied.status == 200, "\(applied.text)")
        try await wait(for: endpoint, toBe: "ready")
    }

    /// Asks for the state of an endpoint until it is as wanted.
    package func wait(for endpoint: String, toBe state: JSON) async throws {
        while try await client.get("/api/v1/endpoints/\(endpoint)").json["state"] != state {
            try Task.checkCancellation()
        }
    }

    private func call(_ path: String, _ body: JSON) async throws -> JSON {
        let answer = try await client.post("/api/2.0/mlflow/\(path)", json: body)
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json
    }
}
