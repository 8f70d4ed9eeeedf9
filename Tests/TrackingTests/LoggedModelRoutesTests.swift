import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Web
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct LoggedModelRoutesTests {
    private func create(_ server: LiveServer, _ more: JSON = [:]) async throws -> JSON {
        try #require(try await server.mlflow("logged-models", more.with("experiment_id", "0"))["model"])
    }

    private func id(_ model: JSON) throws -> String {
        try #require(model["info"]?["model_id"]?.stringValue)
    }

    @Test func aModelIsPendingUntilItsFilesAreThere() async throws {
        try await TrackingFixture.serve { fixture, server in
            let model = try await create(
                server,
                [
                    "name": "tree", "source_run_id": "f00", "model_type": "sklearn",
                    "params": [["key": "depth", "value": "3"]], "tags": [["key": "a", "value": "b"]],
                ])
            let id = try id(model)
            #expect(id.wholeMatch(of: /m-[0-9a-f]{32}/) != nil)
            #expect(model["info"]?["artifact_uri"] == .string("mlflow-artifacts:/0/models/\(id)/artifacts"))
            #expect(model["info"]?["status"] == "LOGGED_MODEL_PENDING")
            #expect(model["info"]?["source_run_id"] == "f00")
            #expect(model["info"]?["model_type"] == "sklearn")
            #expect(model["info"]?["tags"] == [["key": "a", "value": "b"]])
            #expect(model["data"] == ["params": [["key": "depth", "value": "3"]]])
            #expect(try await server.mlflow(get: "logged-models/\(id)").json["model"] == model)

            let ready = try await server.mlflow(
                .PATCH, "logged-models/\(id)", ["model_id": .string(id), "status": "LOGGED_MODEL_READY"])
            #expect(try ready.json["model"]?["info"]?["status"] == "LOGGED_MODEL_READY")
            #expect(try await fixture.eventKinds() == ["logged-model.created", "logged-model.finalized"])
        }
    }

    @Test(
        arguments: [
            (["name": "a/b"], 400), (["name": "a:b"], 400), (["name": "a.b"], 400), (["name": "a%b"], 400),
            (["name": "a\"b"], 400), (["name": "a'b"], 400), (["experiment_id": "9"], 404), (["experiment_id": 0], 400),
            (["params": [["key": "a", "value": "1"], ["key": "a", "value": "2"]]], 400),
            (["tags": [["key": "a", "value": "1"], ["key": "a", "value": "2"]]], 400),
        ] as [(JSON, Int)])
    func refusesToCreate(body: JSON, status: Int) async throws {
        try await TrackingFixture.serve { fixture, server in
            let answer = try await server.mlflow(.POST, "logged-models", body.with("experiment_id", "0"))
            #expect(answer.status == status)
            #expect(try await fixture.eventKinds().isEmpty)
        }
    }

    @Test func aModelWithoutANameIsGivenOne() async throws {
        try await TrackingFixture.serve { _, server in
            let name = try #require(try await create(server, ["name": ""])["info"]?["name"]?.stringValue)
            #expect(name.wholeMatch(of: /[a-z]+-[a-z]+-\d+/) != nil)
        }
    }

    @Test func paramsAreWrittenOnceAndTagsChange() async throws {
        try await TrackingFixture.serve { _, server in
            let id = try id(try await create(server))
            let params: JSON = ["model_id": .string(id), "params": [["key": "depth", "value": "3"]]]
            #expect(try await server.mlflow("logged-models/\(id)/params", params) == [:])
            #expect(try await server.mlflow(.POST, "logged-models/\(id)/params", params).status == 400)
            for value in ["1", "2"] {
                let tags: JSON = ["tags": [["key": "t", "value": "0"], ["key": "t", "value": .string(value)]]]
                let answer = try await server.mlflow(.PATCH, "logged-models/\(id)/tags", tags)
                #expect(try answer.json == [:])
            }
            let model = try await server.mlflow(get: "logged-models/\(id)").json["model"]
            #expect(model?["info"]?["tags"] == [["key": "t", "value": "2"]])
            #expect(model?["data"]?["params"] == [["key": "depth", "value": "3"]])
            #expect(try await server.mlflow(.DELETE, "logged-models/\(id)/tags/t", [:]).status == 200)
            #expect(try await server.mlflow(.DELETE, "logged-models/\(id)/tags/t", [:]).status == 404)
        }
    }

    @Test func aDeletedModelIsShownOnlyWhenAskedFor() async throws {
        try await TrackingFixture.serve { fixture, server in
            let id = try id(try await create(server))
            for _ in 0..<2 { #expect(try await server.mlflow(.DELETE, "logged-models/\(id)", [:]).status == 200) }
            #expect(try await server.mlflow(get: "logged-models/\(id)").verdict == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(try await server.mlflow(get: "logged-models/\(id)?allow_deleted=True").status == 200)
            #expect(try await server.mlflow("logged-models/search", ["experiment_ids": ["0"]]) == [:])
            #expect(try await fixture.eventKinds() == ["logged-model.created", "logged-model.deleted"])
        }
    }

    @Test func whatIsNotThereIs404() async throws {
        try await TrackingFixture.serve { _, server in
            let answers = [
                try await server.mlflow(get: "logged-models/m-0"),
                try await server.mlflow(
                    .PATCH, "logged-models/m-0", ["model_id": "m-0", "status": "LOGGED_MODEL_READY"]),
                try await server.mlflow(.POST, "logged-models/m-0/params", ["model_id": "m-0"]),
                try await server.mlflow(.PATCH, "logged-models/m-0/tags", [:]),
                try await server.mlflow(.DELETE, "logged-models/m-0", [:]),
            ]
            #expect(answers.map(\.verdict) == Array(repeating: "404 RESOURCE_DOES_NOT_EXIST", count: 5))
            let id = try id(try await create(server))
            for body in [["model_id": .string(id)], ["model_id": .string(id), "status": "DONE"]] as [JSON] {
                #expect(try await server.mlflow(.PATCH, "logged-models/\(id)", body).status == 400)
            }
        }
    }

    @Test func metricsOfAModelAreKeptWithTheirDatasets() async throws {
        try await TrackingFixture.serve { fixture, server in
            let id = try id(try await create(server))
            let run = try await fixture.run("r")
            for (value, digest) in [(0.5, "d1"), (0.75, "d2")] {
                try await server.mlflow(
                    "runs/log-metric",
                    [
                        "run_id": .string(run), "key": "auc", "value": .double(value), "timestamp": 1,
                        "model_id": .string(id), "dataset_name": "churn", "dataset_digest": .string(digest),
                    ])
            }
            let metrics = try await server.mlflow(get: "logged-models/\(id)").json["model"]?["data"]?["metrics"]
            #expect(
                metrics?.arrayValue?.first == [
                    "key": "auc", "value": 0.5, "timestamp": 1, "step": 0, "dataset_name": "churn",
                    "dataset_digest": "d1", "model_id": .string(id), "run_id": .string(run),
                ])
            #expect(metrics?.arrayValue?.count == 2)
            let unknown = try await server.mlflow(
                .POST, "runs/log-metric",
                ["run_id": .string(run), "key": "x", "value": 1, "timestamp": 1, "model_id": "m-0"])
            #expect(unknown.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(try await fixture.runs.run(run).metrics.map(\.key) == ["auc"])
        }
    }

    @Test func searchesByFilterDatasetAndOrderPageByPage() async throws {
        try await TrackingFixture.serve { fixture, server in
            let run = try await fixture.run("r")
            for (name, auc, digest) in [("one", 0.5, "d1"), ("two", 0.75, "d2"), ("three", nil, "")] {
                let id = try id(try await create(server, ["name": .string(name), "source_run_id": .string(run)]))
                guard let auc else { continue }
                let point = Metric(
                    key: "auc", value: auc, timestamp: Timestamp(milliseconds: 1), modelID: id,
                    dataset: DatasetName(name: "churn", digest: digest))
                try await fixture.runs.log(RunBatch(metrics: [point]), to: run, by: "ann")
            }
            func names(_ query: JSON) async throws -> [String] {
                let body = query.with("experiment_ids", ["0"])
                let found = try await server.mlflow("logged-models/search", body)["models"]?.arrayValue
                return (found ?? []).compactMap { $0["info"]?["name"]?.stringValue }
            }
            #expect(try await names([:]) == ["three", "two", "one"])
            #expect(try await names(["filter": "metrics.auc > 0.6"]) == ["two"])
            #expect(
                try await names(["filter": .string("source_run_id = '\(run)' AND name LIKE 't%'")]) == ["three", "two"])
            #expect(try await names(["filter": "status = 1"]).count == 3)
            #expect(try await names(["filter": "metrics.auc < 0.6 OR name = 'three'"]) == ["three", "one"])
            #expect(try await names(["filter": "NOT metrics.auc > 0.6"]) == ["three", "one"])
            #expect(try await names(["filter": "NOT source_run_id = 'x'"]).count == 3)
            #expect(try await names(["filter": "best(metrics.auc) BETWEEN 0.6 AND 0.8"]) == ["two"])
            #expect(try await names(["filter": "first(metrics.auc) = 0.5 AND last(metrics.auc) != 0.6"]) == ["one"])
            #expect(try await names(["datasets": [["dataset_name": "churn"]]]) == ["two", "one"])
            #expect(try await names(["datasets": [["dataset_name": "churn", "dataset_digest": "d1"]]]) == ["one"])
            #expect(
                try await names([
                    "filter": "metrics.auc > 0.6", "datasets": [["dataset_name": "churn", "dataset_digest": "d1"]],
                ]) == [])
            #expect(try await names(["order_by": [["field_name": "metrics.auc"]]]) == ["one", "two", "three"])
            #expect(try await names(["order_by": [["field_name": "min(metrics.auc)"]]]) == ["one", "two", "three"])
            #expect(
                try await names(["order_by": [["field_name": "metrics.auc", "ascending": false]]])
                    == ["two", "one", "three"])
            #expect(
                try await names(["order_by": [["field_name": "name", "ascending": true]]]) == ["one", "three", "two"])

            let first = try await server.mlflow("logged-models/search", ["experiment_ids": ["0"], "max_results": 2])
            let token = try #require(first["next_page_token"])
            #expect(try await names(["max_results": 2, "page_token": token]) == ["one"])
            for query in [
                ["experiment_ids": ["0"], "filter": "metric.auc > 1"], ["filter": "name = 'x'"],
                ["experiment_ids": ["0"], "datasets": [["dataset_digest": "d"]]],
                ["experiment_ids": ["0"], "order_by": [["field_name": "params.depth"]]],
                ["experiment_ids": ["0"], "max_results": -1],
            ] as [JSON] {
                let answer = try await server.mlflow(.POST, "logged-models/search", query)
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE", "\(query.text)")
            }
        }
    }
}
