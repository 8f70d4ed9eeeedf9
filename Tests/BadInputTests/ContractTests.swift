import Foundation
import NIOHTTP1
import TestSupport
import Testing
import Wire

/// Everything that MLflow's contract lists as refused, as `Contract/refusals.txt` has it.
@Suite(.timeLimit(.minutes(2))) struct ContractTests {
    @Test(arguments: TestEngine.allCases)
    func whatTheContractRefusesIsRefusedWithItsCode(engine: TestEngine) async throws {
        let cases = try Self.cases()
        #expect(cases.count > 250)
        try await HardenedServer.run(on: engine) { server in
            let world = try await Self.world(on: server)
            for refusal in cases { try await refusal.check(world, on: server.client) }
        }
    }

    /// What the cases speak of.
    private static func world(on server: HardenedServer) async throws -> [String: String] {
        let client = server.client
        func id(_ path: String, _ body: JSON, _ keys: String...) async throws -> String {
            let answer = try await client.mlflow(path, body)
            return try #require(keys.reduce(answer) { $0[$1] ?? .null }.stringValue)
        }
        var world = ["run": server.run]
        world["experiment"] = try await id("experiments/create", ["name": "active"], "experiment_id")
        let deleted = try await id("experiments/create", ["name": "deleted"], "experiment_id")
        world["deleted_experiment"] = deleted
        try await client.mlflow("experiments/delete", ["experiment_id": .string(deleted)])
        let gone = try await id("runs/create", ["experiment_id": "0", "start_time": 1], "run", "info", "run_id")
        world["deleted_run"] = gone
        try await client.mlflow("runs/delete", ["run_id": .string(gone)])
        try await client.mlflow("runs/log-parameter", ["run_id": .string(server.run), "key": "p", "value": "1"])
        world["model"] = try await id(
            "logged-models", ["experiment_id": "0", "params": [["key": "k", "value": "v"]]], "model", "info", "model_id"
        )
        for name in ["churn", "taken"] { try await client.mlflow("registered-models/create", ["name": .string(name)]) }
        for _ in 1...2 {
            try await client.mlflow("model-versions/create", ["name": "churn", "source": "s3://bucket/churn"])
        }
        let second: JSON = ["name": "churn", "version": "2"]
        #expect(try await client.mlflow(.DELETE, "model-versions/delete", second).status == 200)
        return world
    }

    private static func cases() throws -> [Refusal] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Contract/refusals.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return stride(from: 0, to: lines.count - 1, by: 2).map { Refusal(lines[$0], lines[$0 + 1]) }
    }
}

/// One case: a request, and how it is refused.
private struct Refusal {
    private let request: String
    private let method: HTTPMethod
    private let path: String
    private let body: String?
    private let type: String
    /// Of these `*` stands for any.
    private let status: String
    private let code: String
    private let words: String

    init(_ request: Substring, _ answer: Substring) {
        self.request = String(request)
        let halves = request.split(separator: " ; ")
        let parts = halves[0].split(separator: " ", maxSplits: 2).map(String.init)
        method = HTTPMethod(rawValue: parts[0])
        path = parts[1]
        body = parts.count > 2 ? parts[2] : nil
        type = halves.count > 1 ? String(halves[1]) : "application/json"
        let wanted = answer.split(separator: " ", maxSplits: 2).map(String.init)
        (status, code, words) = (wanted[0], wanted[1], wanted.count > 2 ? wanted[2] : "")
    }

    func check(_ world: [String: String], on client: LiveServer) async throws {
        let path = Self.fill(self.path, from: world)
        let answer = try await client.send(
            method, path.hasPrefix("/") ? path : "/api/2.0/mlflow/\(path)",
            body: body.map { Self.fill($0, from: world) },
            type: body == nil ? nil : type)
        #expect(status == "*" || "\(answer.status)" == status, "\(request): \(answer.text)")
        #expect((400..<500).contains(answer.status) || answer.status == 501, "\(request): \(answer.text)")
        #expect(try code == "*" || answer.json["error_code"] == .string(code), "\(request): \(answer.text)")
        #expect(answer.message.contains(Self.fill(words, from: world)), "\(request): \(answer.text)")
    }

    /// Puts in what `$name`, `$x*300` and `$many*300{…}` stand for.
    private static func fill(_ text: String, from world: [String: String]) -> String {
        var text = text
        for name in world.keys.sorted(by: { $0.count > $1.count }) {
            text = text.replacing("$\(name)", with: world[name] ?? "")
        }
        text = text.replacing(/\$x\*(\d+)/) { String(repeating: "x", count: Int($0.1) ?? 0) }
        return text.replacing(/\$many\*(\d+)(\{[^}]*\})/) { match in
            Array(repeating: String(match.2), count: Int(match.1) ?? 0).joined(separator: ",")
        }
    }
}
