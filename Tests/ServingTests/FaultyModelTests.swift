import Foundation
import NIOHTTP1
import Runtimes
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Serving

/// Models that do what models should not, as clients of their endpoints and of other endpoints see it.
@Suite(.timeLimit(.minutes(3))) struct FaultyModelTests {
    // MARK: Loading

    private static let x: JSON = ["dataframe_records": [["x": 21]]]

    /// Asks in all protocols. Each says when to come back.
    private static func expectLoading(_ server: LiveServer, _ endpoint: String) async throws {
        let tensor: JSON = ["name": "x", "datatype": "FP64", "shape": [1], "data": [21]]
        for (path, body) in [
            ("/endpoints/\(endpoint)/invocations", x), ("/v2/models/\(endpoint)/infer", ["inputs": [tensor]]),
            ("/v1/models/\(endpoint):predict", ["instances": [["x": 21]]]),
        ] as [(String, JSON)] {
            let answer = try await server.post(path, json: body)
            #expect(answer.status == 503, "\(path): \(answer.text)")
            #expect(answer.header("Retry-After") == "1", "\(path)")
            #expect(answer.text.contains("is loading. \(endpoint)/1 is being loaded."), "\(answer.text)")
        }
        let line = try await server.send(
            .POST, "/endpoints/\(endpoint)/stream", body: "{\"x\":21}\n", type: "application/x-ndjson")
        #expect(try JSON.parse(line.text)["retry_after_seconds"] == 1, "\(line.text)")
        let state = try await server.get("/api/v1/endpoints/\(endpoint)").json
        #expect(state["state"] == "loading")
        #expect(state["message"] == .string("\(endpoint)/1 is being loaded."))
        #expect(try await readiness(server, endpoint) == [503, 503, 503])
    }

    /// Of the endpoint, of the server, and as MLflow's clients ask for it.
    private static func readiness(_ server: LiveServer, _ endpoint: String) async throws -> [Int] {
        try await [
            server.get("/v2/models/\(endpoint)/ready").status, server.get("/v2/health/ready").status,
            server.get("/ping").status,
        ]
    }

    /// Version 1 takes long, then version 2 does while version 1 answers.
    @Test func aModelThatTakesLongToLoadKeepsNobodyElseWaiting() async throws {
        let fixture = try await ServingFixture()
        let booster = try await fixture.register("booster", as: "booster")
        try await fixture.apply("booster", model: "models:/booster/\(booster)")
        for (version, factor) in [2, 3].enumerated() {
            let model = PlantedModel(factor: factor, awaitedFile: fixture.folder.path("go-\(version + 1)"))
            _ = try await fixture.register(as: "slow", write: model.write)
        }
        try await fixture.move("champion", of: "slow", to: 1)
        let known = try KnownRows(fixture, "booster", count: 1)
        try await fixture.serve { server in
            func expectNeighbour() async throws {
                let answer = try await server.post(
                    "/endpoints/booster/invocations", json: ["dataframe_split": known.split])
                #expect(try answer.json["predictions"] == known.predictions)
                #expect(try await server.get("/v2/models/booster/ready").status == 200)
            }
            func predictions() async throws -> JSON? {
                try await server.post("/endpoints/slow/invocations", json: Self.x).json["predictions"]
            }
            try await fixture.wait(for: "booster") { $0.state == .ready }
            try await fixture.apply("slow", model: "models:/slow@champion")
            try await fixture.wait(for: "slow") { $0.message?.contains("slow/1 is being loaded") == true }
            try await Self.expectLoading(server, "slow")
            try await expectNeighbour()
            try fixture.folder.write("", to: "go-1")
            try await fixture.wait(for: "slow") { $0.state == .ready }
            #expect(try await Self.readiness(server, "slow") == [200, 200, 200])
            #expect(try await predictions() == [42.0])

            try await fixture.move("champion", of: "slow", to: 2)
            let endpoint = try await fixture.wait(for: "slow") { $0.message != nil }
            #expect(endpoint.state == .ready)
            #expect(endpoint.message == "slow/2 is being loaded; slow/1 answers until then.")
            #expect(try await predictions() == [42.0])
            try fixture.folder.write("", to: "go-2")
            try await fixture.wait(for: "slow") { $0.message == nil }
            #expect(try await predictions() == [63.0])
            try await expectNeighbour()
        }
    }

    @Test func aModelThatIsNeverLoadedSaysHowItMayTakeLonger() async throws {
        let fixture = try await ServingFixture()
        let model = PlantedModel(awaitedFile: fixture.folder.path("never"))
        _ = try await fixture.register(as: "slow", write: model.write)
        try await fixture.apply(
            "slow", spec: "{ variants: [{ model: \"models:/slow/1\", python: { load_seconds: 1 } }] }")
        try await fixture.serve { server in
            let endpoint = try await fixture.wait(for: "slow") { $0.state == .failed }
            #expect(endpoint.message?.contains("was not loaded within 1 s.") == true, "\(endpoint)")
            #expect(endpoint.message?.contains("python.load_seconds") == true, "\(endpoint)")
            let answer = try await server.post("/endpoints/slow/invocations", json: Self.x)
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") == "30")
            #expect(answer.text.contains("was not loaded within 1 s."), "\(answer.text)")
            // One that failed does not take the others with it.
            #expect(try await Self.readiness(server, "slow") == [503, 200, 200])
        }
    }

    // MARK: Predicting

    private static func served(_ spec: String, _ body: (ServingFixture, LiveServer) async throws -> Void) async throws {
        let fixture = try await ServingFixture()
        try await fixture.register("obedient", as: "clinic")
        try await fixture.apply("clinic", spec: spec)
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            try await body(fixture, server)
        }
    }

    private static func say(_ commands: String..., to server: LiveServer) async throws -> LiveServer.Answer {
        try await server.post(
            "/endpoints/clinic/invocations", json: ["inputs": ["command": .strings(commands)]])
    }

    /// One row ends a process, another keeps one busy for an hour; the neighbours' rows go to the other process.
    @Test func aRowThatCrashesOrHangsItsProcessCostsTheNeighboursNothing() async throws {
        let spec = """
            { variants: [{ model: "models:/clinic/1", python: { workers: 2 } }], limits: { timeout_ms: 3000 } }
            """
        try await Self.served(spec) { fixture, server in
            func whole() async throws {
                try await fixture.wait(for: "clinic") { $0.state == .ready && $0.message == nil }
            }
            func expectNeighbours() async throws {
                for _ in 0..<10 {
                    let answer = try await Self.say("hello", to: server)
                    #expect(try answer.json["predictions"] == ["HELLO"], "\(answer.text)")
                    #expect(try await server.get("/v2/models/clinic/ready").status == 200)
                }
            }
            for (command, words) in [("crash", "signal 11 (segmentation fault)"), ("exit", "exit code 3")] {
                try await whole()
                let answer = try await Self.say(command, to: server)
                #expect(answer.status == 503)
                #expect(answer.header("Retry-After") == "1")
                #expect(try answer.json["message"]?.stringValue?.contains(words) == true, "\(answer.text)")
                if command == "crash" {
                    let id = try #require(answer.header("X-Request-Id"))
                    let printed = try await fixture.endpoints.endpoint("clinic").withDeployment {
                        await $0.runtime.printed(for: id)
                    }
                    #expect(printed.contains { $0.contains("Segmentation fault") })
                }
                try await expectNeighbours()
            }
            try await whole()
            let hanging = try await Self.say("hang", to: server)
            #expect(hanging.status == 504)
            #expect(
                try hanging.json["message"]?.stringValue?.contains("did not answer within") == true, "\(hanging.text)")
            try await expectNeighbours()
            // What was answered, and nothing else, is in the log.
            let logged = try await server.get("/api/v1/predictions?endpoint=clinic").json["predictions"]
            #expect(logged?.arrayValue?.map { $0["output"] } == Array(repeating: "HELLO", count: 30))
        }
    }

    @Test func aModelThatWantsTooMuchMemoryIsToldSo() async throws {
        let spec = "{ variants: [{ model: \"models:/clinic/1\", python: { memory_mb: 512 } }] }"
        try await Self.served(spec) { fixture, server in
            let hoard = try await Self.say("hoard", to: server)
            #expect(hoard.status == 413)
            let message = try hoard.json["message"]?.stringValue
            #expect(message?.contains("its limit of 512 MiB") == true, "\(hoard.text)")
            #expect(message?.contains("memory_mb") == true, "\(hoard.text)")
            // 16 MiB leak with each request; another process takes over before they are too many.
            for _ in 0..<40 {
                let leak = try await Self.say("leak", to: server)
                #expect(leak.status == 200 || leak.status == 503, "\(leak.text)")
                if leak.status == 503 { #expect(leak.header("Retry-After") != nil, "\(leak.text)") }
            }
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            var answer = try await Self.say("hello", to: server)
            while answer.status == 503 { answer = try await Self.say("hello", to: server) }
            #expect(answer.status == 200, "\(answer.text)")
        }
    }

    /// As MLflow does, the server hands on what a model answers. The log has all of it with each row when it does not have
    /// an element for each.
    @Test func anAnswerOfAnotherShapeIsHandedOnAsItIs() async throws {
        try await Self.served("{ variants: [{ model: \"models:/clinic/1\" }] }") { _, server in
            let answer = try await Self.say("short", "row", to: server)
            #expect(try answer.json["predictions"] == ["one answer for all"])
            let id = try #require(answer.header("X-Martlet-Prediction-Id"))
            for row in 0..<2 {
                let logged = try await server.get("/api/v1/predictions/\(id).\(row)").json
                #expect(logged["output"] == ["one answer for all"])
            }
            for (command, shapes) in [
                ("short", [[1]]), ("none", [[1]]), ("matrix", [[2, 2]]), ("dict", [[1, 2], [1]]), ("list", [[2], [2]]),
                ("frame", [[2], [2]]), ("dates", [[1]]), ("big", [[1]]),
            ] as [(String, [[Int64]])] {
                let tensor: JSON = ["name": "command", "datatype": "BYTES", "shape": [1], "data": [.string(command)]]
                let answer = try await server.post("/v2/models/clinic/infer", json: ["inputs": [tensor]])
                #expect(answer.status == 200, "\(command): \(answer.text)")
                let outputs = try answer.json["outputs"]?.arrayValue ?? []
                let found = outputs.map { $0["shape"]?.arrayValue?.compactMap(\.integerValue) ?? [] }
                #expect(found == shapes, "\(command): \(answer.text)")
                for output in outputs {
                    let count = output["shape"]?.arrayValue?.compactMap(\.integerValue).reduce(1, *)
                    #expect(output["data"]?.arrayValue?.count == count.map(Int.init), "\(command): \(answer.text)")
                }
            }
        }
    }
}
