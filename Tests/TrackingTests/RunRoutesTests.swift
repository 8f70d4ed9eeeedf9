import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Web
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct RunRoutesTests {
    @Test func aRunIsAnsweredAsItWasCreated() async throws {
        try await TrackingFixture.serve { fixture, server in
            let created = try await server.mlflow(
                "runs/create",
                [
                    "experiment_id": "0", "user_id": "ann", "start_time": 1_700_000_000_000, "run_name": "first",
                    "tags": [["key": "mlflow.user", "value": "ann"]],
                ])
            let info = try #require(created["run"]?["info"])
            let id = try #require(info["run_id"]?.stringValue)
            #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil)
            #expect(info["run_uuid"]?.stringValue == id)
            #expect(info["run_name"] == "first")
            #expect(info["user_id"] == "ann")
            #expect(info["status"] == "RUNNING")
            #expect(info["start_time"] == 1_700_000_000_000)
            #expect(info["end_time"] == nil)
            #expect(info["lifecycle_stage"] == "active")
            #expect(info["artifact_uri"] == .string("mlflow-artifacts:/0/\(id)/artifacts"))
            #expect(
                created["run"]?["data"]?["tags"] == [
                    ["key": "mlflow.runName", "value": "first"], ["key": "mlflow.user", "value": "ann"],
                ])
            for query in ["run_id=\(id)", "run_uuid=\(id)", "run_uuid=\(id)&run_id=\(id)"] {
                #expect(try await server.mlflow(get: "runs/get?\(query)").json == created, "\(query)")
            }
            #expect(try await fixture.eventKinds() == ["run.created"])
        }
    }

    @Test func aRunWithoutANameIsGivenOne() async throws {
        try await TrackingFixture.serve { _, server in
            for name in [nil, ""] as [JSON?] {
                let created = try await server.mlflow(
                    "runs/create", .compact(["experiment_id": "0", "run_name": name]))
                let given = try #require(created["run"]?["info"]?["run_name"]?.stringValue)
                #expect(given.wholeMatch(of: /[a-z]+-[a-z]+-\d+/) != nil)
                #expect(created["run"]?["data"]?["tags"] == [["key": "mlflow.runName", "value": .string(given)]])
            }
        }
    }

    @Test(
        arguments: [
            (body: [:], verdict: "400 INVALID_PARAMETER_VALUE"),
            (body: ["experiment_id": 0], verdict: "400 INVALID_PARAMETER_VALUE"),
            (body: ["experiment_id": "x"], verdict: "400 INVALID_PARAMETER_VALUE"),
            (body: ["experiment_id": "9"], verdict: "404 RESOURCE_DOES_NOT_EXIST"),
            (body: ["experiment_id": "0", "start_time": "soon"], verdict: "400 INVALID_PARAMETER_VALUE"),
            (
                body: ["experiment_id": "0", "tags": [["key": "a", "value": "1"], ["key": "a", "value": "2"]]],
                verdict: "400 INVALID_PARAMETER_VALUE"
            ),
            (
                body: ["experiment_id": "0", "run_name": "a", "tags": [["key": "mlflow.runName", "value": "b"]]],
                verdict: "400 INVALID_PARAMETER_VALUE"
            ),
        ] as [(JSON, String)])
    func refusesToCreate(body: JSON, verdict: String) async throws {
        try await TrackingFixture.serve { (fixture, server) async throws in
            #expect(try await server.mlflow(.POST, "runs/create", body).verdict == verdict)
            #expect(try await fixture.eventKinds().isEmpty)
        }
    }

    @Test func anUpdateChangesOnlyWhatItNames() async throws {
        try await TrackingFixture.serve { fixture, server in
            let id = try await fixture.run("first")
            func update(_ change: JSON) async throws -> JSON? {
                try await server.mlflow("runs/update", change.with("run_id", .string(id)))["run_info"]
            }
            let ended = try await update(["status": "FINISHED", "end_time": 5000])
            #expect(ended?["status"] == "FINISHED")
            #expect(ended?["end_time"] == 5000)
            #expect(ended?["run_name"] == "first")
            let renamed = try await update(["run_name": "second"])
            #expect(renamed?["run_name"] == "second")
            #expect(renamed?["status"] == "FINISHED")
            #expect(try await fixture.runs.run(id).tag("mlflow.runName") == "second")
            // By number, as protobuf allows; an unknown word and an empty name count as absent.
            #expect(try await update(["status": 4])?["status"] == "FAILED")
            #expect(try await update(["status": "DONE", "run_name": ""])?["status"] == "FAILED")
            #expect(
                try await fixture.eventKinds() == ["run.created", "run.updated", "run.updated", "run.updated"],
                "The last update changed nothing.")
        }
    }

    @Test func theNameAndItsTagAreOne() async throws {
        try await TrackingFixture.serve { fixture, server in
            let id = try await fixture.run("first")
            try await server.mlflow(
                "runs/set-tag", ["run_id": .string(id), "key": "mlflow.runName", "value": "second"])
            #expect(try await fixture.runs.run(id).info.name == "second")
        }
    }

    @Test func aDeletedRunIsReadButNotWrittenUntilItIsRestored() async throws {
        try await TrackingFixture.serve { fixture, server in
            let id = try await fixture.run("r")
            let run: JSON = ["run_id": .string(id)]
            // Twice: the second time changes nothing.
            for _ in 0..<2 { try await server.mlflow("runs/delete", run) }
            let read = try await server.mlflow(get: "runs/get?run_id=\(id)").json
            #expect(read["run"]?["info"]?["lifecycle_stage"] == "deleted")
            let writes: [(String, JSON)] = [
                ("runs/update", ["status": "FINISHED"]),
                ("runs/log-metric", ["key": "m", "value": 1, "timestamp": 1]),
                ("runs/log-parameter", ["key": "p", "value": "1"]), ("runs/set-tag", ["key": "t", "value": "1"]),
                ("runs/delete-tag", ["key": "mlflow.runName"]), ("runs/log-batch", [:]), ("runs/log-inputs", [:]),
                ("runs/outputs", ["models": []]),
            ]
            for (path, body) in writes {
                let answer = try await server.mlflow(.POST, path, body.with("run_id", .string(id)))
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE", "\(path)")
                #expect(answer.message.contains("must be in the 'active' state"), "\(path): \(answer.message)")
            }
            for _ in 0..<2 { try await server.mlflow("runs/restore", run) }
            try await server.mlflow("runs/log-parameter", ["run_id": .string(id), "key": "p", "value": "1"])
            #expect(try await fixture.eventKinds() == ["run.created", "run.deleted", "run.restored"])
        }
    }

    @Test(arguments: [
        "runs/update", "runs/delete", "runs/restore", "runs/log-batch", "runs/delete-tag", "runs/log-inputs",
    ])
    func anUnknownRunIs404(path: String) async throws {
        try await TrackingFixture.serve { _, server in
            let answer = try await server.mlflow(.POST, path, ["run_id": "f00", "key": "k"])
            #expect(answer.verdict == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(answer.message.contains("f00"))
            #expect(try await server.mlflow(.POST, path, ["key": "k"]).verdict == "400 INVALID_PARAMETER_VALUE")
        }
    }

    @Test func tagsAreDeletedOnce() async throws {
        try await TrackingFixture.serve { fixture, server in
            let id = try await fixture.run("r", tags: [Tag(key: "t", value: "1")])
            let tag: JSON = ["run_id": .string(id), "key": "t"]
            try await server.mlflow("runs/delete-tag", tag)
            #expect(try await fixture.runs.run(id).tag("t") == nil)
            #expect(try await server.mlflow(.POST, "runs/delete-tag", tag).verdict == "404 RESOURCE_DOES_NOT_EXIST")
        }
    }
}
