import Events
import NIOHTTP1
import Registry
import TestSupport
import Testing
import Tracking
import Web
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct ModelVersionRoutesTests {
    @Test func aVersionOfALoggedModelKnowsItsRunAndIsKnownToTheModel() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 0)
            let run = try await fixture.run()
            let model = try await fixture.loggedModel(of: run.id)
            let body: JSON = [
                "name": "churn", "source": .string("models:/\(model.id)"), "model_id": .string(model.id),
                "tags": [["key": "a", "value": "b"]], "description": "First", "run_link": "http://ci/1",
            ]
            let created = try await server.mlflow("model-versions/create", body)["model_version"]
            let time = try #require(created?["creation_timestamp"])
            #expect(
                created == [
                    "name": "churn", "version": "1", "creation_timestamp": time, "last_updated_timestamp": time,
                    "current_stage": "None", "description": "First", "source": .string("models:/\(model.id)"),
                    "run_id": .string(run.id), "status": "READY", "run_link": "http://ci/1",
                    "tags": [["key": "a", "value": "b"]],
                ])
            let found = try await server.mlflow(get: "model-versions/get?name=churn&version=1").json
            #expect(found["model_version"] == created)
            let place = try await server.mlflow(get: "model-versions/get-download-uri?name=churn&version=1").json
            #expect(place == ["artifact_uri": .string(model.artifactURI)])

            try await server.mlflow("model-versions/create", body)
            let tag = try await fixture.loggedModels.model(model.id).tag("mlflow.modelVersions")
            #expect(
                try tag.map(JSON.parse) == [["name": "churn", "version": 1], ["name": "churn", "version": 2]])
        }
    }

    @Test func aRegistrationTouchesTheModelAndIsAnEvent() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 0)
            let before = try await fixture.models.model(named: "churn").lastUpdateTime
            try await server.mlflow("model-versions/create", ["name": "churn", "source": "s3://bucket/model"])
            #expect(try await fixture.models.model(named: "churn").lastUpdateTime > before)
            let event = try #require(try await fixture.events.events(after: 0, limit: 9).last)
            #expect(event.kind == "version.created")
            #expect(event.subject == "models/churn/1")
            #expect(event.data == ["source": "s3://bucket/model", "run_id": ""])
        }
    }

    @Test func twoRegistrationsAtOnceGetTwoNumbers() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 0)
            let model = try await fixture.loggedModel()
            let body: JSON = [
                "name": "churn", "source": .string("models:/\(model.id)"), "model_id": .string(model.id),
            ]
            let numbers = try await withThrowingTaskGroup(of: String?.self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        try await server.mlflow("model-versions/create", body)["model_version"]?["version"]?.stringValue
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(numbers) == Set((1...8).map(String.init)))
            let tag = try #require(try await fixture.loggedModels.model(model.id).tag("mlflow.modelVersions"))
            #expect(try JSON.parse(tag).arrayValue?.count == 8, "None of them was forgotten.")
        }
    }

    @Test(arguments: [
        "model-versions/get?name=churn&version=2", "model-versions/get?name=other&version=1",
        "model-versions/get-download-uri?name=churn&version=2",
    ])
    func whatIsNotThereIs404(path: String) async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn")
            #expect(try await server.mlflow(get: path).verdict == "404 RESOURCE_DOES_NOT_EXIST")
        }
    }

    @Test(arguments: ["name=churn", "version=1", "name=churn&version=one", "name=churn&version=1.5"])
    func aVersionIsAWholeNumber(query: String) async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn")
            let answer = try await server.mlflow(get: "model-versions/get?\(query)")
            #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
        }
    }

    @Test func aDeletedVersionIsForgottenButItsNumberIsNot() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 2)
            try await fixture.models.setAlias("champion", of: "churn", to: 2, by: "ann")
            let version: JSON = ["name": "churn", "version": "2"]
            try await server.mlflow("model-versions/set-tag", version.with("key", "k").with("value", "v"))
            #expect(try await server.mlflow(.DELETE, "model-versions/delete", version).status == 200)
            let again = try await server.mlflow(.DELETE, "model-versions/delete", version)
            #expect(again.verdict == "404 RESOURCE_DOES_NOT_EXIST")
            let found = try await server.mlflow(get: "model-versions/search").json["model_versions"]?.arrayValue
            #expect(found?.map { $0["version"] } == ["1"])
            let alias = try await server.mlflow(get: "registered-models/alias?name=churn&alias=champion")
            #expect(alias.verdict == "400 INVALID_PARAMETER_VALUE")
            try await server.mlflow("model-versions/create", ["name": "churn", "source": "s3://b/k"])
            let versions = try await fixture.versions.versions(of: "churn", limit: 100).elements
            #expect(versions.map(\.version) == [3, 1])
            #expect(versions.first?.tags == [])
            #expect(
                try await fixture.history().suffix(2) == [
                    "version.deleted models/churn/2", "version.created models/churn/3",
                ])
        }
    }

    @Test func stagesChangeAndMayArchiveWhatWasThere() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 3)
            func move(_ version: String, _ stage: JSON, archive: Bool = false) async throws -> LiveServer.Answer {
                try await server.mlflow(
                    .POST, "model-versions/transition-stage",
                    [
                        "name": "churn", "version": .string(version), "stage": stage,
                        "archive_existing_versions": .bool(archive),
                    ])
            }
            for version in ["1", "2"] { #expect(try await move(version, "production").status == 200) }
            let moved = try await move("3", "Production", archive: true)
            #expect(try moved.json["model_version"]?["current_stage"] == "Production")
            let stages = try await fixture.versions.versions(of: "churn", limit: 100).elements.map(\.stage)
            #expect(stages == [.production, .archived, .archived])
            #expect(try await move("1", "Live").verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(try await move("1", "Archived", archive: true).verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(try await move("9", "Staging").verdict == "404 RESOURCE_DOES_NOT_EXIST")
            // Those that were archived changed too.
            let changed = ["1", "2", "1", "2", "3"].map { "version.staged models/churn/\($0)" }
            #expect(try await fixture.history().filter { $0.hasPrefix("version.staged") } == changed)
        }
    }

    @Test func descriptionsAndTagsChange() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn")
            let version: JSON = ["name": "churn", "version": "1"]
            let update = try await server.mlflow(
                .PATCH, "model-versions/update", version.with("description", "Good"))
            #expect(try update.json["model_version"]?["description"] == "Good")
            #expect(try await server.mlflow(.PATCH, "model-versions/update", version).status == 200)
            for value in ["v", "w"] {
                try await server.mlflow(
                    "model-versions/set-tag", version.with("key", "k").with("value", .string(value)))
            }
            let found = try await fixture.versions.version(1, of: "churn")
            #expect(found.description.isEmpty, "An absent description clears it.")
            #expect(found.tags == [Tag(key: "k", value: "w")])
            for _ in 0..<2 {
                let answer = try await server.mlflow(.DELETE, "model-versions/delete-tag", version.with("key", "k"))
                #expect(answer.status == 200)
            }
            #expect(try await fixture.versions.version(1, of: "churn").tags == [])
            let numeric = try await server.mlflow(
                .POST, "model-versions/set-tag", ["name": "churn", "version": 1, "key": "k", "value": "v"])
            #expect(numeric.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(
                try await fixture.history().dropFirst(2) == [
                    "version.updated models/churn/1", "version.updated models/churn/1", "version.tagged models/churn/1",
                    "version.tagged models/churn/1", "version.untagged models/churn/1",
                ])
        }
    }
}
