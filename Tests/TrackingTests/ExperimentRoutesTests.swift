import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Web
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct ExperimentRoutesTests {
    @Test func theFirstExperimentIsThereFromTheStart() async throws {
        try await TrackingFixture.serve { _, server in
            let experiment = try await server.mlflow(get: "experiments/get?experiment_id=0").json["experiment"]
            #expect(
                experiment == [
                    "experiment_id": "0", "name": "Default", "artifact_location": "mlflow-artifacts:/0",
                    "lifecycle_stage": "active", "last_update_time": 1_700_000_000_000,
                    "creation_time": 1_700_000_000_000, "workspace": "default",
                ])
        }
    }

    @Test func isFoundByIdAndByNameOnBothPaths() async throws {
        try await TrackingFixture.serve { _, server in
            let created = try await server.mlflow(
                "experiments/create", ["name": "churn & co", "tags": [["key": "team", "value": "growth"]]])
            #expect(created == ["experiment_id": "1"])
            let byID = try await server.mlflow(get: "experiments/get?experiment_id=1").json
            #expect(byID["experiment"]?["tags"] == [["key": "team", "value": "growth"]])
            #expect(byID["experiment"]?["artifact_location"] == "mlflow-artifacts:/1")
            let byName = try await server.mlflow(get: "experiments/get-by-name?experiment_name=churn+%26%20co").json
            #expect(byName == byID)
            #expect(try await server.get("/ajax-api/2.0/mlflow/experiments/get?experiment_id=1").json == byID)
        }
    }

    @Test(arguments: [
        (path: "experiments/get?experiment_id=7", verdict: "404 RESOURCE_DOES_NOT_EXIST"),
        (path: "experiments/get?experiment_id=seven", verdict: "400 INVALID_PARAMETER_VALUE"),
        (path: "experiments/get", verdict: "400 INVALID_PARAMETER_VALUE"),
        (path: "experiments/get-by-name?experiment_name=nobody", verdict: "404 RESOURCE_DOES_NOT_EXIST"),
        (path: "experiments/search", verdict: "400 INVALID_PARAMETER_VALUE"),
        (path: "experiments/search?max_results=50001", verdict: "400 INVALID_PARAMETER_VALUE"),
        (path: "experiments/search?max_results=5&page_token=x", verdict: "400 INVALID_PARAMETER_VALUE"),
    ])
    func refusesQuestionsWithoutAnAnswer(path: String, verdict: String) async throws {
        try await TrackingFixture.serve { (_, server) async throws in
            #expect(try await server.mlflow(get: path).verdict == verdict)
        }
    }

    @Test(
        arguments: [
            (body: [:], start: "Missing value for required parameter 'name'"),
            (body: ["name": 123], start: "Invalid value 123 for parameter 'name'"),
            (body: ["name": ""], start: "Missing value for required parameter 'name'"),
            (body: ["name": .string(String(repeating: "é", count: 501))], start: "Invalid value 'é"),
            (body: ["name": "x", "artifact_location": "http://host/x"], start: "'artifact_location' cannot use"),
            (body: ["name": "x", "artifact_location": "runs:/1/x"], start: "'artifact_location' cannot use"),
            (
                body: ["name": "x", "artifact_location": "mlflow-artifacts://host/x"],
                start: "'artifact_location' cannot"
            ),
            (body: ["name": "x", "artifact_location": "mlflow-artifacts:/../x"], start: "'artifact_location' may not"),
            (
                body: ["name": "x", "artifact_location": .string(String(repeating: "x", count: 2049))],
                start: "'artifact_location' has more than 2048"
            ),
        ] as [(JSON, String)])
    func refusesToCreate(body: JSON, start: String) async throws {
        try await TrackingFixture.serve { fixture, server in
            let answer = try await server.mlflow(.POST, "experiments/create", body)
            #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(answer.message.hasPrefix(start), "\(answer.message)")
            #expect(try await fixture.eventKinds().isEmpty)
        }
    }

    @Test func aNameOf500CharactersOfAnyScriptIsKept() async throws {
        try await TrackingFixture.serve { _, server in
            let name = String(repeating: "é", count: 500)
            try await server.mlflow("experiments/create", ["name": .string(name)])
            let found = try await server.mlflow(get: "experiments/get?experiment_id=1").json
            #expect(found["experiment"]?["name"] == .string(name))
        }
    }

    @Test func aRelativeLocationIsAFolderOfTheServersMachine() async throws {
        try await TrackingFixture.serve { _, server in
            try await server.mlflow("experiments/create", ["name": "x", "artifact_location": "./files"])
            let found = try await server.mlflow(get: "experiments/get?experiment_id=1").json
            #expect(found["experiment"]?["artifact_location"] == "/home/ann/files")
        }
    }

    @Test func aNameIsTakenAlsoByWhatWasDeleted() async throws {
        try await TrackingFixture.serve { _, server in
            try await server.mlflow("experiments/create", ["name": "x"])
            let again = try await server.mlflow(.POST, "experiments/create", ["name": "x"])
            #expect(again.verdict == "400 RESOURCE_ALREADY_EXISTS")
            try await server.mlflow("experiments/delete", ["experiment_id": "1"])
            let deleted = try await server.mlflow(.POST, "experiments/create", ["name": "x"])
            #expect(deleted.verdict == "400 RESOURCE_ALREADY_EXISTS")
            #expect(deleted.message.contains("deleted state"))
            let renamed = try await server.mlflow(
                .POST, "experiments/update", ["experiment_id": "0", "new_name": "x"])
            #expect(renamed.verdict == "400 RESOURCE_ALREADY_EXISTS")
        }
    }

    @Test func deletingAndRestoringCarriesTheRunsAlong() async throws {
        try await TrackingFixture.serve { fixture, server in
            try await server.mlflow("experiments/create", ["name": "x"])
            let kept = try await fixture.run("kept", in: ExperimentID(1))
            let binned = try await fixture.run("binned", in: ExperimentID(1))
            try await server.mlflow("runs/delete", ["run_id": .string(binned)])

            try await server.mlflow("experiments/delete", ["experiment_id": "1"])
            let deleted = try await server.mlflow(get: "experiments/get?experiment_id=1").json["experiment"]
            #expect(deleted?["lifecycle_stage"] == "deleted")
            #expect(try await fixture.runs.run(kept).info.stage == .deleted)
            let again = try await server.mlflow(.POST, "experiments/delete", ["experiment_id": "1"])
            #expect(again.verdict == "404 RESOURCE_DOES_NOT_EXIST")
            let run = try await server.mlflow(.POST, "runs/create", ["experiment_id": "1"])
            #expect(run.verdict == "400 INVALID_PARAMETER_VALUE")
            for (path, body) in [
                ("experiments/update", ["experiment_id": "1", "new_name": "y"]),
                ("experiments/set-experiment-tag", ["experiment_id": "1", "key": "k", "value": "v"]),
            ] as [(String, JSON)] {
                #expect(try await server.mlflow(.POST, path, body).verdict == "400 INVALID_PARAMETER_VALUE", "\(path)")
            }

            try await server.mlflow("experiments/restore", ["experiment_id": "1"])
            // Also the run that was deleted on its own, as MLflow's server does.
            for id in [kept, binned] { #expect(try await fixture.runs.run(id).info.stage == .active) }
            let twice = try await server.mlflow(.POST, "experiments/restore", ["experiment_id": "1"])
            #expect(twice.verdict == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(
                try await fixture.eventKinds() == [
                    "experiment.created", "run.created", "run.created", "run.deleted", "experiment.deleted",
                    "experiment.restored",
                ])
        }
    }

    @Test func tagsAreSetChangedAndDeletedWithoutTouchingTheTime() async throws {
        try await TrackingFixture.serve { fixture, server in
            func tags() async throws -> JSON? {
                try await server.mlflow(get: "experiments/get?experiment_id=0").json["experiment"]?["tags"]
            }
            for value in ["v", "w"] {
                try await server.mlflow(
                    "experiments/set-experiment-tag", ["experiment_id": "0", "key": "k", "value": .string(value)])
            }
            #expect(try await tags() == [["key": "k", "value": "w"]])
            #expect(try await fixture.experiments.experiment(.first).lastUpdateTime == TrackingFixture.start)
            let delete: JSON = ["experiment_id": "0", "key": "k"]
            try await server.mlflow("experiments/delete-experiment-tag", delete)
            #expect(try await tags() == nil)
            let again = try await server.mlflow(.POST, "experiments/delete-experiment-tag", delete)
            #expect(again.verdict == "404 RESOURCE_DOES_NOT_EXIST")
            let long = try await server.mlflow(
                .POST, "experiments/set-experiment-tag",
                ["experiment_id": "0", "key": "k", "value": .string(String(repeating: "x", count: 20_001))])
            #expect(long.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(try await tags() == nil)
        }
    }

    @Test func renamingIsAnEventAndTouchesTheTime() async throws {
        try await TrackingFixture.serve { fixture, server in
            try await server.mlflow("experiments/update", ["experiment_id": "0", "new_name": "Baseline"])
            let experiment = try await fixture.experiments.experiment(named: "Baseline")
            #expect(experiment.lastUpdateTime > TrackingFixture.start)
            #expect(try await fixture.eventKinds() == ["experiment.renamed"])
            try await server.mlflow("experiments/update", ["experiment_id": "0", "new_name": "Baseline"])
            #expect(try await fixture.eventKinds() == ["experiment.renamed"], "The same name again is no change.")
        }
    }

    @Test func searchesByViewFilterAndOrderPageByPage() async throws {
        try await TrackingFixture.serve { _, server in
            for name in ["alpha", "beta", "Beta two", "gamma"] {
                let tags: JSON = name.hasPrefix("b") ? [["key": "kind", "value": "b"]] : []
                try await server.mlflow("experiments/create", ["name": .string(name), "tags": tags])
            }
            try await server.mlflow("experiments/delete", ["experiment_id": "4"])
            func names(_ query: JSON) async throws -> [JSON] {
                let found = try await server.mlflow("experiments/search", query)["experiments"]?.arrayValue ?? []
                return found.compactMap { $0["name"] }
            }
            #expect(try await names(["max_results": 9]) == ["Beta two", "beta", "alpha", "Default"])
            #expect(try await names(["max_results": 9, "view_type": "DELETED_ONLY"]) == ["gamma"])
            #expect(try await names(["max_results": 9, "view_type": "ALL"]).count == 5)
            #expect(try await names(["max_results": 9, "filter": "name LIKE 'b%'"]) == ["beta"])
            #expect(try await names(["max_results": 9, "filter": "name ILIKE 'b%'"]) == ["Beta two", "beta"])
            #expect(try await names(["max_results": 9, "filter": "tags.kind = 'b'"]) == ["beta"])
            #expect(
                try await names(["max_results": 9, "filter": "experiment_id IN ('0', '1')"]) == ["alpha", "Default"])
            #expect(try await names(["max_results": 2, "order_by": ["name DESC"]]) == ["beta", "alpha"])
            #expect(try await server.mlflow("experiments/search", ["max_results": 9, "filter": "name = 'x'"]) == [:])

            let first = try await server.mlflow("experiments/search", ["max_results": 3])
            let token = try #require(first["next_page_token"])
            let rest = try await server.mlflow("experiments/search", ["max_results": 3, "page_token": token])
            #expect(rest["experiments"]?.arrayValue?.compactMap { $0["name"] } == ["Default"])
            #expect(rest["next_page_token"] == nil)
            let bad = try await server.mlflow(
                .POST, "experiments/search", ["max_results": 9, "filter": "nmae = 'x'"])
            #expect(bad.verdict == "400 INVALID_PARAMETER_VALUE")
        }
    }

    @Test func summarisesTheDatasetsThatRunsUsed() async throws {
        try await TrackingFixture.serve { fixture, server in
            for context in ["training", "training", "eval"] {
                let input = DatasetInput(
                    dataset: Dataset(name: "churn", digest: "d1", sourceType: "local", source: "{}"),
                    tags: [Tag(key: "mlflow.data.context", value: context)])
                try await fixture.runs.logInputs([input], models: [], to: try await fixture.run("r"))
            }
            let path = "/ajax-api/2.0/mlflow/experiments/search-datasets"
            let found = try await server.post(path, json: ["experiment_ids": ["0", "5"]])
            #expect(
                try found.json["dataset_summaries"] == [
                    ["experiment_id": "0", "name": "churn", "digest": "d1", "context": "eval"],
                    ["experiment_id": "0", "name": "churn", "digest": "d1", "context": "training"],
                ])
            let many = JSON.array((0..<21).map { .string("\($0)") })
            for ids in [[], many] as [JSON] {
                #expect(try await server.post(path, json: ["experiment_ids": ids]).status == 400)
            }
        }
    }
}
