import Foundation
import NIOHTTP1
import Synchronization
import TestSupport
import Testing
import TrainedModels
import Wire

/// The Python processes of a model are killed under load, and so is the server above them.
@Suite(.timeLimit(.minutes(3))) struct WorkerKillTests {
    private static let path = "/endpoints/clinic/invocations"

    /// How requests ended, counted by all clients together.
    private final class Score: Sendable {
        private struct State {
            var answered: [String] = []
            var refused = 0
        }

        private let state = Mutex(State())

        func answered(_ id: String) { state.withLock { $0.answered.append(id) } }
        func refused() { state.withLock { $0.refused += 1 } }

        /// The ids of predictions.
        var ids: [String] { state.withLock { $0.answered } }
        var refusals: Int { state.withLock { $0.refused } }
    }

    /// Kills one process of two, then both, and so on. A request is answered well, or refused with the time to come back;
    /// what the endpoint says of itself is so.
    @Test func everyRequestIsAnsweredWhateverIsKilled() async throws {
        let folder = try TemporaryFolder()
        try PlantedModel(delay: .milliseconds(5)).write(folder.path("model"))
        let (workers, end) = try await RunningServer.run(data: folder.path("data")) { server in
            try await server.register(folder.path("model"), as: "clinic")
            try await server.serve(
                "clinic", spec: "{ variants: [{ model: \"models:/clinic/1\", python: { workers: 2 } }] }")
            let score = Score()
            try await withThrowingTaskGroup(of: Void.self) { clients in
                for client in 0..<6 {
                    clients.addTask { try await Self.ask(server, from: client * 1_000_000, score) }
                }
                clients.addTask { try await Self.kill(server, score) }
                // Clients end only when one is not answered well.
                try await clients.next()
                clients.cancelAll()
            }
            #expect(score.refusals > 0)
            try await Self.checkLog(server, score.ids)
            return try await Self.settled(server)
        }
        #expect(end.exitCode == 0, "\(end.output)")
        #expect(end.output.contains("killed, perhaps because memory ran out"))
        // Ends of processes that nobody waits for would be zombies.
        #expect(workers.allSatisfy { !$0.isRunning && !$0.isZombie })
    }

    /// Asks without a pause until it is cancelled.
    private static func ask(_ server: RunningServer, from first: Int, _ score: Score) async throws {
        for x in first... {
            let answer: LiveServer.Answer
            do {
                answer = try await server.client.post(path, json: ["inputs": ["x": [.integer(Int64(x))]]])
            } catch  where Task.isCancelled {
                return
            }
            if answer.status == 200 {
                try #require(try answer.json["predictions"] == [.double(Double(2 * x))])
                score.answered(try #require(answer.header("X-Martlet-Prediction-Id")))
            } else {
                try #require(answer.status == 503, "\(answer.text)")
                try #require(answer.header("Retry-After").flatMap { Int($0) } ?? 0 > 0)
                try #require(try answer.json["message"]?.stringValue?.contains("process") == true, "\(answer.text)")
                score.refused()
            }
        }
    }

    private static func kill(_ server: RunningServer, _ score: Score) async throws {
        for round in 0..<3 {
            let workers = try await settled(server)
            try await more(score, 50)
            let isTotal = !round.isMultiple(of: 2)
            for worker in isTotal ? workers[...] : workers.prefix(1) { worker.kill() }
            if isTotal {
                while try await isReady(server) { try Task.checkCancellation() }
                try await server.wait(for: "clinic", toBe: "failed")
            } else {
                // The other one goes on.
                try await more(score, 20)
            }
        }
        _ = try await settled(server)
        try await more(score, 50)
    }

    /// Waits until both processes answer and nothing is left of former ones.
    private static func settled(_ server: RunningServer) async throws -> [ObservedProcess] {
        while true {
            let endpoint = try await server.client.get("/api/v1/endpoints/clinic").json
            let children = try server.children
            // While one is missing the message says so.
            if endpoint["state"] == "ready", endpoint["message"] ?? .null == .null, children.count == 2 {
                #expect(try await isReady(server))
                return children
            }
            try Task.checkCancellation()
        }
    }

    /// Waits until so many more requests have been answered.
    private static func more(_ score: Score, _ count: Int) async throws {
        let enough = score.ids.count + count
        while score.ids.count < enough {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    private static func isReady(_ server: RunningServer) async throws -> Bool {
        try await server.client.get("/v2/models/clinic/ready").status == 200
    }

    private static func checkLog(_ server: RunningServer, _ ids: [String]) async throws {
        let export = try await server.client.get("/api/v1/predictions/export?endpoint=clinic")
        let logged = try export.text.split(separator: "\n").map { line in
            try #require(JSON.parse(line.utf8)["prediction_id"]?.stringValue)
        }
        #expect(Set(logged).count == logged.count)
        // Every answer is there.
        #expect(Set(ids.map { "\($0).0" }).union(ids).intersection(logged).count == ids.count)
        #expect(Set(ids).count == ids.count)
    }

    /// The model has started others and is in the middle of something that takes an hour when the server is killed; some of
    /// them let no other thread of Python's run.
    @Test(arguments: ["hang", "hold"]) func nothingOutlivesAServerThatIsKilled(command: String) async throws {
        let folder = try TemporaryFolder()
        let model = try await TrainedModels.get().path("obedient")
        let (processes, crash) = try await RunningServer.run(data: folder.path("data")) { server in
            try await server.register(model, as: "clinic")
            try await server.serve("clinic", spec: "{ variants: [{ model: \"models:/clinic/1\" }] }")
            let forked = try await server.client.post(Self.path, json: ["inputs": ["command": ["fork"]]])
            #expect(forked.status == 200, "\(forked.text)")
            let hanging = Task {
                try await server.client.post(Self.path, json: ["inputs": ["command": [.string(command)]]])
            }
            while try await !server.client.get("/metrics").text.contains(
                #"martlet_prediction_requests_in_flight{endpoint="clinic"} 1"#)
            { try Task.checkCancellation() }
            let processes = try server.descendants
            #expect(processes.count == 3)
            #expect(processes.allSatisfy { $0.isRunning })
            try server.kill()
            await #expect(throws: (any Error).self) { try await hanging.value }
            return processes
        }
        #expect(crash.exitCode == nil)
        while processes.contains(where: \.isRunning) {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
