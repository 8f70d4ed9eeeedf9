import HTTPTypes
import TestSupport
import Testing
import Web
import Wire

/// Servers that answer nonsense, errors, lists without end and names that climb.
@Suite(.timeLimit(.minutes(5))) struct BrokenServerTests {
    private static let whole = String(repeating: "a", count: 32)
    private static let failing = String(repeating: "b", count: 32)

    @Test func whatAServerCannotTellIsNamedAndTheRestArrives() async throws {
        let folder = try TemporaryFolder()
        try await LiveServer.run(Self.oddServer()) { source in
            let url = source.url
            try await RunningServer.run(data: folder.path("data")) { server in
                let result = try await ExchangePrograms.martlet(["import", "mlflow", url, "--json"], server)
                #expect(result.exitCode == 1)
                let list = try JSON.parse(result.output)["problems"]?.arrayValue ?? []
                let problems = list.map { "\($0["kind"]?.stringValue ?? "") \($0["id"]?.stringValue ?? "")" }
                let deep = "files runs/\(Self.whole)/" + Array(repeating: "again", count: 101).joined(separator: "/")
                let wanted = [
                    "runs \(Self.failing)", "metric points \(Self.whole)/garbage",
                    "metric points \(Self.whole)/endless",
                    "files runs/\(Self.whole)/../../../evil", deep, "files runs/\(Self.whole)/short.txt",
                    "files runs/\(Self.whole)/gone.txt", "registered models the rest of the registry",
                    "webhooks the rest of the registry",
                ]
                #expect(problems.sorted() == wanted.sorted(), "\(result.output)")
                #expect(
                    try ExchangePrograms.imported(result, ["runs", "metric_points", "files"])
                        == ["runs": 1, "metric_points": 2, "files": 1])
                let file = try await server.client.get(
                    "/api/2.0/mlflow-artifacts/artifacts/1/\(Self.whole)/artifacts/good.txt")
                #expect(file.text == "good")
            }
        }
    }

    @Test(arguments: [
        ("<html>Welcome</html>", 200, "Is it the address of an MLflow server?"), ("no", 500, "status 500"),
        ("[]", 200, "no list of experiments"),
    ])
    func whatIsNoServerOfMLflowIsSaid(answer: String, status: Int, words: String) async throws {
        let folder = try TemporaryFolder()
        var routes = Routes()
        routes.post("/api/2.0/mlflow/experiments/search", .read("experiments")) { _ in
            Reply.bytes(answer.utf8, type: "text/html", status: .init(code: status))
        }
        try await LiveServer.run(routes) { source in
            let url = source.url
            try await RunningServer.run(data: folder.path("data")) { server in
                let result = try await ExchangePrograms.martlet(["import", "mlflow", url], server)
                #expect(result.exitCode == 1)
                #expect(result.errors.contains(words), "\(result.errors)")
            }
        }
    }

    /// One experiment with two runs, of which one is told.
    private static func oddServer() -> Routes {
        var routes = Routes()
        let api = "/api/2.0/mlflow"
        routes.post("\(api)/experiments/search", .read("experiments")) { _ in
            let experiment: JSON = [
                "experiment_id": "1", "name": "odd", "artifact_location": "mlflow-artifacts:/1",
                "lifecycle_stage": "active",
            ]
            return .json(["experiments": [experiment]])
        }
        routes.post("\(api)/runs/search", .read("runs")) { _ in
            .json(["runs": [["info": ["run_id": .string(whole)]], ["info": ["run_id": .string(failing)]]]])
        }
        routes.get("\(api)/runs/get", .read("runs")) { call in
            guard try await call.fields().string("run_id") == whole else {
                return .json(["error_code": "INTERNAL_ERROR", "message": "Oh no"], status: .internalServerError)
            }
            let keys: [JSON] = [["key": "fine"], ["key": "garbage"], ["key": "endless"]]
            let info: JSON = [
                "run_id": .string(whole), "experiment_id": "1", "status": "FINISHED", "start_time": 1,
                "artifact_uri": .string("mlflow-artifacts:/1/\(whole)/artifacts"), "lifecycle_stage": "active",
            ]
            return .json(["run": ["info": info, "data": ["metrics": .array(keys)]]])
        }
        routes.get("\(api)/metrics/get-history", .read("runs")) { call in
            let points: JSON = [["key": "k", "timestamp": 1, "step": 0, "value": 0.5]]
            return switch try await call.fields().string("metric_key") {
            case "fine":
                .json([
                    "metrics": [
                        ["key": "k", "timestamp": 1, "step": 0, "value": 2.5],
                        ["key": "k", "timestamp": 2, "step": 1, "value": 3],
                    ]
                ])
            case "garbage": .text("\u{0}\u{1}<<<")
            default: .json(["metrics": points, "next_page_token": "more"])
            }
        }
        addFiles(to: &routes)
        routes.get("\(api)/registered-models/search", .read("models")) { _ in .text("<html>") }
        routes.get("\(api)/webhooks", .read("webhooks")) { _ in .json([:], status: .internalServerError) }
        return routes
    }

    private static func addFiles(to routes: inout Routes) {
        let place = "/api/2.0/mlflow-artifacts/artifacts"
        routes.get(place, .read("artifacts")) { call in
            let again: JSON = ["path": "again", "is_dir": true]
            guard try await call.fields().string("path").hasSuffix("/artifacts") else {
                return .json(["files": [again]])
            }
            let files = [("../../../evil", 3), ("good.txt", 4), ("short.txt", 100), ("gone.txt", 5)]
            let entries = files.map { name, size -> JSON in
                ["path": .string(name), "is_dir": false, "file_size": .integer(Int64(size))]
            }
            return .json(["files": .array(entries + [again])])
        }
        routes.get("\(place)/1/\(whole)/artifacts/good.txt", .read("artifacts")) { _ in .text("good") }
        routes.get("\(place)/1/\(whole)/artifacts/short.txt", .read("artifacts")) { _ in .text("short") }
    }
}
