import TestSupport
import Testing
import Tracking
import Trash
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct TrashRoutesTests {
    @Test func listsRestoresAndPurges() async throws {
        try await TrashFixture.serve { fixture, server in
            let run = try await fixture.run()
            try await fixture.runs.delete(run.id, by: "ann")
            let list = try await server.get("/api/v1/trash?kind=run").json
            #expect(list["items"]?.arrayValue?.map { $0["id"] } == [.string(run.id)])
            #expect(list["items"]?.arrayValue?.first?["experiment_id"] == "0")
            let restored = try await server.post(
                "/api/v1/trash/restore", json: ["kind": "run", "id": .string(run.id)])
            #expect(restored.status == 200)
            #expect(try await server.get("/api/v1/trash").json["items"] == [])
            try await fixture.runs.delete(run.id, by: "ann")
            let purged = try await server.post("/api/v1/trash/purge", json: ["older_than_ms": 0, "kind": "run"])
            #expect(try purged.json["purged"]?.arrayValue?.map { $0["id"] } == [.string(run.id)])
            #expect(try purged.json["next"] == nil)
        }
    }

    @Test(
        arguments: [
            ("restore", ["kind": "shoe", "id": "1"], "400 INVALID_PARAMETER_VALUE"),
            ("restore", ["kind": "run"], "400 INVALID_PARAMETER_VALUE"),
            ("restore", ["kind": "run", "id": "1", "name": "n"], "400 INVALID_PARAMETER_VALUE"),
            ("restore", ["kind": "run", "id": "none"], "404 RESOURCE_DOES_NOT_EXIST"),
            ("restore", ["kind": "model", "id": "none"], "404 RESOURCE_DOES_NOT_EXIST"),
            ("restore", ["kind": "version", "id": "none"], "400 INVALID_PARAMETER_VALUE"),
            ("restore", ["kind": "version", "id": "none/1"], "404 RESOURCE_DOES_NOT_EXIST"),
            ("restore", ["kind": "experiment", "id": "x"], "400 INVALID_PARAMETER_VALUE"),
            ("restore", ["kind": "experiment", "id": "0"], "404 RESOURCE_DOES_NOT_EXIST"),
            ("purge", ["id": "1"], "400 INVALID_PARAMETER_VALUE"),
            ("purge", ["kind": "logged-model", "id": "m-1"], "404 RESOURCE_DOES_NOT_EXIST"),
            ("purge", ["older_than_ms": -1], "400 INVALID_PARAMETER_VALUE"),
            ("purge", ["offset": -1], "400 INVALID_PARAMETER_VALUE"),
        ] as [(String, JSON, String)])
    func refuses(verb: String, body: JSON, verdict: String) async throws {
        try await TrashFixture.serve { _, server in
            let answer = try await server.post("/api/v1/trash/\(verb)", json: body)
            #expect(answer.verdict == verdict)
        }
    }

    @Test func aRunOfADeletedExperimentComesBackWithIt() async throws {
        try await TrashFixture.serve { fixture, server in
            let experiment = try await fixture.experiments.create(name: "e", by: "ann")
            let run = try await fixture.run(in: experiment)
            try await fixture.experiments.delete(experiment, by: "ann")
            let body: JSON = ["kind": "run", "id": .string(run.id)]
            let answer = try await server.post("/api/v1/trash/restore", json: body)
            #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(answer.message.contains("martlet trash restore experiment 1"))
        }
    }
}
