import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Web
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct RunLoggingTests {
    private func run(_ body: (TrackingFixture, LiveServer, String) async throws -> Void) async throws {
        try await TrackingFixture.serve { fixture, server in
            try await body(fixture, server, try await fixture.run("r"))
        }
    }

    private static func entries(_ count: Int, _ more: JSON = ["value": "1"]) -> JSON {
        .array((0..<count).map { more.with("key", .string("k\($0)")) })
    }

    private static let point: JSON = ["value": 1, "timestamp": 1]

    @Test func aBatchLogsItAll() async throws {
        try await run { fixture, server, id in
            let answer = try await server.mlflow(
                "runs/log-batch",
                [
                    "run_id": .string(id), "params": [["key": "p", "value": "1"]],
                    "metrics": [
                        ["key": "m", "value": 0.5, "timestamp": 1, "step": 1],
                        ["key": "m", "value": "0.25", "timestamp": "2", "step": "2"],
                        ["key": "nan", "value": "NaN", "timestamp": 1],
                        ["key": "inf", "value": "-Infinity", "timestamp": 1],
                    ], "tags": [["key": "t", "value": "1"], ["key": "t", "value": "2"]],
                ])
            #expect(answer == [:])
            let data = try await server.mlflow(get: "runs/get?run_id=\(id)").json["run"]?["data"]
            #expect(
                data?["metrics"] == [
                    ["key": "inf", "value": .double(-.greatestFiniteMagnitude), "timestamp": 1, "step": 0],
                    ["key": "m", "value": 0.25, "timestamp": 2, "step": 2],
                    ["key": "nan", "value": "NaN", "timestamp": 1, "step": 0],
                ])
            #expect(data?["params"] == [["key": "p", "value": "1"]])
            #expect(try await fixture.runs.run(id).tag("t") == "2", "The last of equal keys counts.")
            #expect(try await fixture.eventKinds() == ["run.created", "run.tagged"], "Observations are no events.")
        }
    }

    @Test(
        arguments: [
            (["metrics": entries(1000, point)], nil),
            (["metrics": entries(1001, point)], "at most 1000 metrics. Got 1001"),
            (["params": entries(100)], nil), (["params": entries(101)], "at most 100 params. Got 101"),
            (["tags": entries(100)], nil), (["tags": entries(101)], "at most 100 tags. Got 101"),
            (["metrics": entries(800, point), "params": entries(100), "tags": entries(100)], nil),
            (
                ["metrics": entries(801, point), "params": entries(100), "tags": entries(100)],
                "at most 1000 metrics, params, and tags. Got 1001"
            ),
        ] as [(JSON, String?)])
    func aBatchHasLimits(body: JSON, refusal: String?) async throws {
        try await run { fixture, server, id in
            let answer = try await server.mlflow(.POST, "runs/log-batch", body.with("run_id", .string(id)))
            #expect(answer.verdict == (refusal == nil ? "200" : "400 INVALID_PARAMETER_VALUE"))
            if let refusal {
                #expect(answer.message.contains(refusal), "\(answer.message)")
                let run = try await fixture.runs.run(id)
                #expect(run.metrics.isEmpty && run.params.isEmpty && run.tags.count == 1)
            }
        }
    }

    @Test(
        arguments: [
            (["metrics": [["value": 1, "timestamp": 1]]], "Missing value for required parameter 'metrics[0].key'"),
            (["metrics": [["key": "m", "timestamp": 1]]], "Missing value for required parameter 'metrics[0].value'"),
            (["metrics": [["key": "m", "value": 1]]], "Missing value for required parameter 'metrics[0].timestamp'"),
            (
                ["metrics": [["key": "m", "value": "one", "timestamp": 1]]],
                "Invalid value \"one\" for parameter 'metrics[0]"
            ),
            (["metrics": [["key": "m", "value": 1, "timestamp": 1.5]]], "Invalid value 1.5 for parameter 'metrics[0]"),
            (["metrics": [["key": "m", "value": 1, "timestamp": -1]]], "Invalid value -1 for parameter 'timestamp'"),
            (["metrics": "m"], "Invalid value \"m\" for parameter 'metrics'"),
            (["params": [["value": "1"]]], "Missing value for required parameter 'params[0].key'"),
            (["params": [["key": "p", "value": 1]]], "Invalid value 1 for parameter 'params[0].value'"),
            (["params": [["key": "p", "value": "1"], ["key": "p", "value": "1"]]], "Duplicate parameter keys"),
            (["tags": [["key": "a//b", "value": "1"]]], "Invalid value 'a//b' for parameter 'key'"),
        ] as [(JSON, String)])
    func aBatchIsCheckedBeforeAnythingIsWritten(body: JSON, start: String) async throws {
        try await run { fixture, server, id in
            let batch = body.with("run_id", .string(id)).with("tags", [["key": "t", "value": "1"]])
            let answer = try await server.mlflow(.POST, "runs/log-batch", batch)
            #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(answer.message.hasPrefix(start), "\(answer.message)")
            #expect(try await fixture.runs.run(id).tags.count == 1)
        }
    }

    @Test(arguments: [
        "m", " m ", "a/b c-d_e.f:g", "größe/é", "指标", String(repeating: "x", count: 250), "...", "a/...", "-", "0",
    ])
    func keysMayBe(key: String) async throws {
        try await run { (fixture, server, id) async throws in
            let body: JSON = ["run_id": .string(id), "key": .string(key), "value": 1, "timestamp": 1]
            #expect(try await server.mlflow(.POST, "runs/log-metric", body).verdict == "200")
            #expect(try await fixture.runs.run(id).metrics.map(\.key) == [key])
        }
    }

    @Test(arguments: [
        "", "a//b", "/a", "a/", "../a", "a/..", "a/./b", ".", "..", "a,b", "a\nb", "a'b", "a\u{0}", "🙂",
        String(repeating: "x", count: 251),
    ])
    func keysMayNotBe(key: String) async throws {
        try await run { _, server, id in
            for (path, value) in [("log-metric", 1), ("log-parameter", "1"), ("set-tag", "1")] as [(String, JSON)] {
                let body: JSON = ["run_id": .string(id), "key": .string(key), "value": value, "timestamp": 1]
                let answer = try await server.mlflow(.POST, "runs/\(path)", body)
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE", "\(path)")
            }
        }
    }

    @Test func aParamIsWrittenOnce() async throws {
        try await run { fixture, server, id in
            func log(_ value: String) async throws -> LiveServer.Answer {
                try await server.mlflow(
                    .POST, "runs/log-parameter", ["run_id": .string(id), "key": "p", "value": .string(value)])
            }
            #expect(try await log("1").status == 200)
            #expect(try await log("1").status == 200)
            let changed = try await log("2")
            #expect(changed.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(
                changed.message.hasPrefix(
                    "Changing param values is not allowed. Param with key='p' was already logged with value='1' for run "
                        + "ID='\(id)'. Attempted logging new value '2'."))
            // A batch with a conflicting param writes nothing else either.
            let batch = try await server.mlflow(
                .POST, "runs/log-batch",
                [
                    "run_id": .string(id), "params": [["key": "q", "value": "1"], ["key": "p", "value": "2"]],
                    "metrics": [["key": "m", "value": 1, "timestamp": 1]],
                ])
            #expect(batch.verdict == "400 INVALID_PARAMETER_VALUE")
            let run = try await fixture.runs.run(id)
            #expect(run.params == [Param(key: "p", value: "1")])
            #expect(run.metrics.isEmpty)
        }
    }

    @Test func longValuesAreCutAndLongTagsToo() async throws {
        try await run { fixture, server, id in
            let long = JSON.string(String(repeating: "é", count: 9000))
            try await server.mlflow("runs/log-parameter", ["run_id": .string(id), "key": "p", "value": long])
            try await server.mlflow("runs/log-parameter", ["run_id": .string(id), "key": "p", "value": long])
            try await server.mlflow("runs/set-tag", ["run_id": .string(id), "key": "t", "value": long])
            let run = try await fixture.runs.run(id)
            #expect(run.params.first?.value.unicodeScalars.count == 6000)
            #expect(run.tag("t")?.unicodeScalars.count == 8000)
        }
    }

    @Test func datasetsAreKeptOnceAndTheirLinkKeepsItsTags() async throws {
        try await run { _, server, id in
            func input(_ context: String) -> JSON {
                [
                    "tags": [["key": "mlflow.data.context", "value": .string(context)]],
                    "dataset": [
                        "name": "ds", "digest": "abc", "source_type": "http", "source": "{\"url\":\"u\"}",
                        "schema": "{}", "profile": "{}",
                    ],
                ]
            }
            for context in ["training", "eval"] {
                try await server.mlflow("runs/log-inputs", ["run_id": .string(id), "datasets": [input(context)]])
            }
            let inputs = try await server.mlflow(get: "runs/get?run_id=\(id)").json["run"]?["inputs"]
            #expect(inputs == ["dataset_inputs": [input("training")]])
        }
    }

    @Test(
        arguments: [
            ["dataset": ["digest": "d"]], ["dataset": ["name": "n"]], [:],
            ["dataset": ["name": "n", "digest": .string(String(repeating: "d", count: 37))]],
            ["dataset": ["name": .string(String(repeating: "n", count: 501)), "digest": "d"]],
            [
                "dataset": ["name": "n", "digest": "d"],
                "tags": [["key": "k", "value": .string(String(repeating: "v", count: 501))]],
            ],
        ] as [JSON])
    func refusesDatasets(input: JSON) async throws {
        try await run { _, server, id in
            let answer = try await server.mlflow(
                .POST, "runs/log-inputs", ["run_id": .string(id), "datasets": [input]])
            #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
        }
    }

    @Test func modelsAreInputsAndOutputsOfRuns() async throws {
        try await run { fixture, server, id in
            let model = try await fixture.models.create(NewLoggedModel(experimentID: .first), by: "ann").id
            let outputs: JSON = ["run_id": .string(id), "models": [["model_id": .string(model), "step": 3]]]
            try await server.mlflow("runs/outputs", outputs)
            try await server.mlflow(
                "runs/log-inputs", ["run_id": .string(id), "models": [["model_id": .string(model)]]])
            let run = try await server.mlflow(get: "runs/get?run_id=\(id)").json["run"]
            #expect(run?["outputs"] == ["model_outputs": [["model_id": .string(model), "step": 3]]])
            #expect(run?["inputs"] == ["model_inputs": [["model_id": .string(model)]]])
            #expect(try await server.mlflow(.POST, "runs/outputs", outputs).status == 400)
            let found = try await server.mlflow("runs/search", ["experiment_ids": ["0"]])["runs"]?.arrayValue?.first
            #expect(found?["inputs"] == [:], "Searches leave model inputs out.")
            #expect(found?["outputs"] == run?["outputs"])
        }
    }

    @Test func oldClientsAppendToTheHistoryOfModels() async throws {
        try await run { fixture, server, id in
            let model: JSON = ["artifact_path": "m", "flavors": [:], "utc_time_created": "now", "run_id": .string(id)]
            for _ in 0..<2 {
                try await server.mlflow("runs/log-model", ["run_id": .string(id), "model_json": .string(model.text)])
            }
            let tag = try #require(try await fixture.runs.run(id).tag("mlflow.log-model.history"))
            #expect(try JSON.parse(tag) == [model, model])
            for text in ["{", "{}"] {
                let answer = try await server.mlflow(
                    .POST, "runs/log-model", ["run_id": .string(id), "model_json": .string(text)])
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
            }
        }
    }
}
