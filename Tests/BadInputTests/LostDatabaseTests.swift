import Database
import Dispatch
import NIOHTTP1
import TestSupport
import Testing
import Wire

/// A database that goes away, and comes back.
@Suite(.timeLimit(.minutes(2))) struct LostDatabaseTests {
    private enum Outcome: Sendable {
        case written(version: String)
        case refused(LiveServer.Answer)
    }

    /// Versions are numbered one after the other, so that one that is there twice shows.
    @Test func aDatabaseThatIsStoppedAndStartedLosesNothingThatWasAcknowledged() async throws {
        let cluster = try await PostgresCluster.start()
        try await HardenedServer.run(["--database", try await cluster.database()]) { server in
            let client = server.client
            try await client.mlflow("registered-models/create", ["name": "churn"])
            let written = try await withThrowingTaskGroup(of: Void.self) { writers in
                let (outcomes, report) = AsyncStream.makeStream(of: Outcome.self)
                writers.addTask {
                    await withTaskGroup { group in
                        for _ in 0..<4 { group.addTask { await Self.register(on: client, report) } }
                    }
                    // A server that is gone gives no more.
                    report.finish()
                }
                var versions: [String] = []
                var refusals = 0
                var stage = 0
                for await outcome in outcomes {
                    switch outcome {
                    case .written(let version): versions.append(version)
                    case .refused(let answer):
                        refusals += 1
                        #expect(answer.verdict == "503 TEMPORARILY_UNAVAILABLE", "\(answer.text)")
                        #expect(answer.header("Retry-After") == "1")
                    }
                    switch stage {
                    case 0 where versions.count >= 20:
                        try await cluster.stop()
                        stage = 1
                    case 1 where refusals >= 20:
                        #expect(try await client.get("/health").status == 200)
                        let read = try await client.mlflow(get: "experiments/get?experiment_id=0")
                        #expect(read.verdict == "503 TEMPORARILY_UNAVAILABLE")
                        try await cluster.startAgain()
                        versions.append("back")
                        stage = 2
                    case 2 where versions.count >= 20 + (versions.firstIndex(of: "back") ?? 0): stage = 3
                    default: break
                    }
                    if stage == 3 { break }
                }
                writers.cancelAll()
                return versions.filter { $0 != "back" }
            }
            let kept = try await Self.versions(of: client)
            #expect(written.count >= 39)
            #expect(Set(written).count == written.count, "none was given twice")
            #expect(Set(kept).count == kept.count)
            #expect(Set(written).subtracting(kept).isEmpty, "none is missing")
        }
    }

    private static func register(on client: LiveServer, _ report: AsyncStream<Outcome>.Continuation) async {
        while !Task.isCancelled {
            let version: JSON = ["name": "churn", "source": "s3://bucket/churn"]
            guard let answer = try? await client.mlflow(.POST, "model-versions/create", version) else { break }
            if answer.status == 200, let number = try? answer.json["model_version"]?["version"]?.stringValue {
                report.yield(.written(version: number))
            } else {
                report.yield(.refused(answer))
            }
        }
    }

    private static func versions(of client: LiveServer) async throws -> [String] {
        let answer = try await client.mlflow(get: "model-versions/search?max_results=10000")
        return try answer.json["model_versions"]?.arrayValue?.compactMap { $0["version"]?.stringValue } ?? []
    }

    @Test func aFileThatAnotherProcessLocksIs503AndReadAllTheSame() async throws {
        let home = try await TestDatabase(on: .sqlite)
        try await HardenedServer.run(["--database", home.url]) { server in
            let other = try home.open()
            let (waiting, locked) = AsyncStream.makeStream(of: Never.self)
            let gate = DispatchSemaphore(value: 0)
            let holding = Task {
                try await other.write { _ in
                    locked.finish()
                    gate.wait()
                }
            }
            for await _ in waiting {}
            let tag: JSON = ["run_id": .string(server.run), "key": "k", "value": "v"]
            async let writing = server.client.mlflow(.POST, "runs/set-tag", tag)
            #expect(try await server.client.mlflow(get: "runs/get?run_id=\(server.run)").status == 200)
            let answer = try await writing
            #expect(answer.verdict == "503 TEMPORARILY_UNAVAILABLE")
            #expect(answer.header("Retry-After") == "5")
            #expect(answer.message.contains("is locked by another process. One server at a time"))
            gate.signal()
            try await holding.value
            try other.close()
            #expect(try await server.client.mlflow(.POST, "runs/set-tag", tag).status == 200)
        }
    }
}
