import Database
import Events
import Foundation
import Manifests
import NIOHTTP1
import Registry
import Runtimes
import TestSupport
import Testing
import Wire

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct EndpointsTests {
    private static func ask(_ server: LiveServer, _ known: KnownRows) async throws -> LiveServer.Answer {
        try await server.post("/endpoints/clinic/invocations", json: ["dataframe_split": known.split])
    }

    /// An endpoint `clinic` that follows the alias `champion`, which is at version 1.
    private static func clinic() async throws -> ServingFixture {
        let fixture = try await ServingFixture()
        try await fixture.move("champion", of: "clinic", to: try await fixture.register("booster", as: "clinic"))
        try await fixture.apply("clinic", model: "models:/clinic@champion")
        return fixture
    }

    @Test(arguments: ["booster", "pipeline"])
    func servesAModelThatIsKeptInABucket(model: String) async throws {
        let fixture = try await ServingFixture(place: .bucket)
        try await fixture.move("champion", of: "clinic", to: try await fixture.register(model, as: "clinic"))
        try await fixture.apply("clinic", model: "models:/clinic@champion")
        let known = try KnownRows(fixture, model)
        try await fixture.serve { server in
            let endpoint = try await fixture.wait(for: "clinic") { $0.state != .loading }
            try #require(endpoint.state == .ready, "\(endpoint)")
            #expect(try await Self.ask(server, known).json["predictions"] == known.predictions)
        }
    }

    /// Clients ask all the time; the alias moves from a version that the server runs itself to one in a Python process
    /// and back, so that a process is ended while requests are on their way to it.
    ///
    ///     clients    1 1 1 1 1 1 1 1 2 2 2 2 2 1 1 1
    ///     champion   → 2 (2 is loaded)   → 1
    @Test func followsItsAliasWithoutDroppingARequest() async throws {
        let fixture = try await Self.clinic()
        try await fixture.register("pipeline", as: "clinic")
        let known = [
            "clinic/1": try KnownRows(fixture, "booster", count: 20),
            "clinic/2": try KnownRows(fixture, "pipeline"),
        ]
        let rows = try #require(known["clinic/1"])
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            let answered = Tally()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        while !Task.isCancelled {
                            let answer: LiveServer.Answer
                            do {
                                answer = try await Self.ask(server, rows)
                            } catch  where Task.isCancelled {
                                return
                            }
                            try #require(answer.status == 200, "\(answer.text)")
                            let version = try #require(answer.header("X-Martlet-Model-Version"))
                            let predictions = try answer.json["predictions"]
                            try #require(predictions == known[version]?.predictions, "\(version)")
                            answered.add(version, 1)
                        }
                    }
                }
                tasks.addTask {
                    for version in [2, 1, 2, 1] {
                        let before = answered["clinic/\(version)"]
                        try await fixture.move("champion", of: "clinic", to: version)
                        try await fixture.wait(for: "clinic") { $0.variants.first?.version == version }
                        while answered["clinic/\(version)"] < before + 40 {
                            try Task.checkCancellation()
                            await Task.yield()
                        }
                    }
                }
                // Clients end only when one is not answered well.
                try await tasks.next()
                tasks.cancelAll()
            }
            let traffic = try await server.get("/api/v1/endpoints/clinic").json["traffic"]
            #expect(traffic?["failed"] == 0)
            #expect(traffic?["refused"] == 0)
        }
    }

    @Test func leavesTheFormerVersionAnsweringWhenTheNewOneCannotBeLoaded() async throws {
        let fixture = try await Self.clinic()
        try await fixture.register("unloadable", as: "clinic")
        let known = try KnownRows(fixture, "booster")
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            try await fixture.move("champion", of: "clinic", to: 2)
            let endpoint = try await fixture.wait(for: "clinic") { $0.message?.contains("goes on") == true }
            #expect(endpoint.state == .ready)
            #expect(endpoint.variants.map(\.version) == [1])
            #expect(endpoint.message?.hasPrefix("clinic/1 goes on answering: ") == true)
            #expect(endpoint.message?.contains("RuntimeError: the weights are gone") == true)
            let answer = try await Self.ask(server, known)
            #expect(answer.header("X-Martlet-Model-Version") == "clinic/1")
            #expect(try answer.json["predictions"] == known.predictions)
            // Once the alias is back nothing is left to say.
            try await fixture.move("champion", of: "clinic", to: 1)
            try await fixture.wait(for: "clinic") { $0.message == nil }
        }
    }

    @Test func saysWhyNothingAnswersYet() async throws {
        let fixture = try await ServingFixture()
        let version = try await fixture.register(as: "clinic") { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("weights".utf8).write(to: URL(filePath: folder + "/weights.bin"))
        }
        try await fixture.apply("clinic", model: "models:/clinic@champion")
        try await fixture.serve { server in
            // First there is no such alias, then its folder is not a model.
            for (words, isMoved) in [("alias champion", false), ("is not a model: it has no MLmodel file", true)] {
                if isMoved { try await fixture.move("champion", of: "clinic", to: version) }
                let endpoint = try await fixture.wait(for: "clinic") {
                    $0.state == .failed && $0.message?.contains(words) == true
                }
                #expect(endpoint.loaded.isEmpty)
                let answer = try await server.post("/endpoints/clinic/invocations", json: [:])
                #expect(answer.status == 503)
                #expect(answer.header("Retry-After") == "30")
                #expect(try answer.json["message"]?.stringValue?.contains(words) == true, "\(answer.text)")
                let ready = try await server.get("/v2/models/clinic/ready")
                #expect(ready.status == 503)
                #expect(try ready.json == ["name": "clinic", "ready": false])
            }
            // A version that can be loaded sets it right.
            try await fixture.move("champion", of: "clinic", to: try await fixture.register("booster", as: "clinic"))
            let endpoint = try await fixture.wait(for: "clinic") { $0.state == .ready }
            #expect(endpoint.variants.map(\.version) == [2])
            #expect(endpoint.message == nil)
        }
    }

    @Test(.everyEngine) func takesUpWhatIsAppliedAndChangedWhileItRuns() async throws {
        let fixture = try await ServingFixture()
        try await fixture.register("booster", as: "clinic")
        try await fixture.register("matrix", as: "arrays")
        try await fixture.serve { server in
            #expect(try await server.get("/api/v1/endpoints").json == ["endpoints": []])
            try await fixture.apply("clinic", model: "models:/clinic/1")
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            try await fixture.apply("clinic", model: "models:/arrays/latest")
            try await fixture.wait(for: "clinic") { $0.variants.first?.model == "arrays" }
            // `latest` follows a version that is registered.
            try await fixture.register("matrix", as: "arrays")
            try await fixture.wait(for: "clinic") { $0.variants.first?.version == 2 }
            let endpoint = try await server.get("/api/v1/endpoints/clinic").json
            #expect(endpoint["state"] == "ready")
            #expect(endpoint["team"] == "oncology")
            let variant: JSON = [
                "name": "main", "weight": 100, "state": "ready", "model": "arrays", "version": 2, "runtime": "lightgbm",
            ]
            #expect(endpoint["variants"] == [variant])
            #expect(endpoint["manifest"]?["spec"]?["variants"]?.arrayValue?.first?["model"] == "models:/arrays/latest")
        }
    }

    @Test(.everyEngine) func answersNoMoreOnceDeletedButKeepsWhatItPredicted() async throws {
        let fixture = try await Self.clinic()
        let known = try KnownRows(fixture, "booster", count: 1)
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            let id = try #require(try await Self.ask(server, known).header("X-Martlet-Prediction-Id"))
            #expect(try await server.send(.DELETE, "/api/v1/endpoints/clinic").status == 200)
            #expect(try await server.send(.DELETE, "/api/v1/endpoints/clinic").status == 404)
            #expect(try await server.get("/api/v1/endpoints/clinic").status == 404)
            #expect(try await server.get("/api/v1/endpoints").json == ["endpoints": []])
            // The event may be a moment on its way; a request that is answered until then was answered well.
            var answer = try await Self.ask(server, known)
            while answer.status == 200 { answer = try await Self.ask(server, known) }
            #expect(answer.status == 404, "\(answer.text)")
            #expect(try await server.get("/api/v1/predictions/\(id)").status == 200)
            // The name is free again.
            try await fixture.apply("clinic", model: "models:/clinic/1")
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            #expect(try await Self.ask(server, known).status == 200)
        }
    }

    @Test(.everyEngine) func takesUpWhatIsDeclaredAfterARestart() async throws {
        let fixture = try await Self.clinic()
        let known = try KnownRows(fixture, "booster", count: 5)
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            _ = try await Self.ask(server, known)
        }
        // The alias moves while no server runs.
        let restarted = try await fixture.restarted()
        try await restarted.move("champion", of: "clinic", to: try await restarted.register("booster", as: "clinic"))
        try await restarted.serve { server in
            try await restarted.wait(for: "clinic") { $0.state == .ready }
            let answer = try await Self.ask(server, known)
            #expect(answer.header("X-Martlet-Model-Version") == "clinic/2")
            let predictions = try await server.get("/api/v1/predictions?endpoint=clinic").json["predictions"]
            #expect(predictions?.arrayValue?.map { $0["version"] } == [1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
        }
    }

    /// The alias moves twice while the first version is still busy with one request.
    @Test func movesOnWhileAFormerVersionIsBusy() async throws {
        let fixture = try await Self.clinic()
        for _ in 2...3 { try await fixture.register("booster", as: "clinic") }
        try await fixture.serve { _ in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            try await fixture.endpoints.endpoint("clinic").withDeployment { busy in
                for version in 2...3 {
                    try await fixture.move("champion", of: "clinic", to: version)
                    try await fixture.wait(for: "clinic") { $0.variants.first?.version == version }
                }
                #expect(busy.version.version == 1)
            }
        }
    }

    @Test func knowsNothingOfARequestThatComesWhileItIsTakenDown() async throws {
        let fixture = try await Self.clinic()
        try await fixture.serve { _ in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            let endpoint = try await fixture.endpoints.endpoint("clinic")
            for deployment in endpoint.clear() { await deployment.retire() }
            let error = await #expect(throws: ServingError.self) { try await endpoint.withDeployment { _ in } }
            #expect(error?.code.status == 404)
        }
    }

    @Test func saysWhyAManifestOfAnEarlierVersionIsNotFollowed() async throws {
        let fixture = try await Self.clinic()
        let lenient = ManifestStore(
            database: fixture.database, events: fixture.events, clock: .system,
            kinds: [ManifestKind(name: "Endpoint", plural: "endpoints") { _ in }])
        let yaml = "apiVersion: martlet/v1\nkind: Endpoint\nmetadata: { name: ward }\nspec: { runner: gpu }\n"
        _ = try await lenient.apply(yaml: yaml, by: "ann")
        try await fixture.serve { server in
            // It does not take the others with it.
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            let endpoint = try await server.get("/api/v1/endpoints/ward").json
            #expect(endpoint["state"] == "failed")
            #expect(endpoint["message"]?.stringValue?.contains("no key 'runner'") == true)
            let answer = try await server.post("/endpoints/ward/invocations", json: [:])
            #expect(answer.status == 503)
            #expect(try answer.json["message"]?.stringValue?.contains("no key 'runner'") == true, "\(answer.text)")
            #expect(try await server.get("/v2/health/ready").json == ["ready": true])
        }
    }

    @Test func outlivesADatabaseThatFailsForAWhile() async throws {
        let log = ListeningLog()
        let fixture = try await ServingFixture(logger: log.logger)
        try await fixture.register("booster", as: "clinic")
        try await fixture.serve { _ in
            try await fixture.apply("clinic", model: "models:/clinic/1")
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            try await fixture.database.write { transaction in
                try fixture.events.append(Change(by: "ann", "thing.done", of: "things/1"), in: transaction)
                try transaction.execute("ALTER TABLE events RENAME TO away")
            }
            for await line in log.lines where line.contains("cannot be followed") { break }
            try await fixture.database.write { try $0.execute("ALTER TABLE away RENAME TO events") }
            try await fixture.apply("ward", model: "models:/clinic/1")
            try await fixture.wait(for: "ward") { $0.state == .ready }
        }
    }

    @Test(.everyEngine) func takesUpAModelThatIsRenamedToWhatItServes() async throws {
        let fixture = try await ServingFixture()
        try await fixture.register("booster", as: "draft")
        try await fixture.apply("clinic", model: "models:/clinic/1")
        try await fixture.serve { _ in
            try await fixture.wait(for: "clinic") { $0.state == .failed }
            _ = try await fixture.models.rename("draft", to: "clinic", by: "ann")
            let endpoint = try await fixture.wait(for: "clinic") { $0.state == .ready }
            #expect(endpoint.variants.first?.model == "clinic")
        }
    }

    @Test func saysThatItIsBeingSetUpBeforeItIs() async throws {
        let fixture = try await Self.clinic()
        // Declared, but nothing that keeps endpoints runs.
        let endpoint = try await fixture.endpoints.get("clinic")
        #expect(endpoint.state == .loading)
        let error = await #expect(throws: ServingError.self) { try await fixture.endpoints.endpoint("clinic") }
        #expect(error?.code.status == 503)
        #expect(error?.retryAfterSeconds == 1)
    }
}
