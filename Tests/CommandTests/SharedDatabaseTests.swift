import TestSupport
import Testing
import TrainedModels
import Wire

/// Two servers on one PostgreSQL, each with a data folder of its own.
@Suite(.timeLimit(.minutes(5))) struct SharedDatabaseTests {
    @Test func twoServersKeepOneHistory() async throws {
        let home = try await TestDatabase(on: .postgres)
        let folder = try TemporaryFolder()
        let options = ["--database", home.url, "--artifacts", folder.path("artifacts")]
        let (_, end) = try await RunningServer.run(data: folder.path("one"), options) { first in
            let (_, end) = try await RunningServer.run(data: folder.path("two"), options) { second in
                try await Self.logSideBySide([first.client, second.client])
                let audit = try await BuiltProgram.run(["audit", "verify", "--server", second.url])
                #expect(audit.exitCode == 0, "\(audit.output)\(audit.errors)")
            }
            #expect(end.exitCode == 0, "\(end.output)")
            // The one that is left goes on.
            let answer = try await first.client.get("/api/2.0/mlflow/experiments/get?experiment_id=0")
            #expect(answer.status == 200)
        }
        #expect(end.exitCode == 0, "\(end.output)")
        #expect(!end.output.contains("error"), "\(end.output)")
    }

    /// Both count what they are asked, judge what both counted, and say once what is wrong.
    @Test func twoServersWatchOneEndpoint() async throws {
        let inbox = Inbox()
        let home = try await TestDatabase(on: .postgres)
        let folder = try TemporaryFolder()
        let options = ["--database", home.url, "--artifacts", folder.path("artifacts"), "--private-webhooks"]
        let model = try await TrainedModels.get().path("booster")
        try await LiveServer.run(inbox.routes) { hook in
            let (_, end) = try await RunningServer.run(data: folder.path("one"), options) { first in
                let (_, end) = try await RunningServer.run(data: folder.path("two"), options) { second in
                    let watch = SharedWatch(first: first, second: second, inbox: inbox)
                    try await watch.take(model: model, hook: "\(hook.url)/hook")
                }
                #expect(end.exitCode == 0, "\(end.output)")
            }
            #expect(end.exitCode == 0, "\(end.output)")
        }
        #expect(inbox.messages.map { $0.body["event"] } == ["incident.opened"])
    }

    /// Versions of one model, registered through both servers at once, are numbered without gap or repetition.
    private static func logSideBySide(_ servers: [LiveServer]) async throws {
        let path = "/api/2.0/mlflow/"
        let created = try await servers[0].post(path + "registered-models/create", json: ["name": "churn"])
        #expect(created.status == 200)
        let numbers = try await withThrowingTaskGroup(of: [String].self) { group in
            for server in servers {
                group.addTask {
                    var numbers: [String] = []
                    for _ in 0..<20 {
                        let answer = try await server.post(
                            path + "model-versions/create", json: ["name": "churn", "source": "s3://bucket/churn"])
                        numbers.append(try answer.json["model_version"]?["version"]?.stringValue ?? "none")
                    }
                    return numbers
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(numbers) == Set((1...40).map(String.init)))
    }
}
