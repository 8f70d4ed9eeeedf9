import Events
import NIOHTTP1
import Registry
import TestSupport
import Testing
import Tracking
import Web
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct RegisteredModelRoutesTests {
    @Test func aModelIsAnsweredAsItWasCreated() async throws {
        try await RegistryFixture.serve { fixture, server in
            let created = try await server.mlflow(
                "registered-models/create",
                ["name": "churn", "description": "Who leaves", "tags": [["key": "team", "value": "growth"]]])
            #expect(
                created["registered_model"] == [
                    "name": "churn", "creation_timestamp": 1_700_000_001_000,
                    "last_updated_timestamp": 1_700_000_001_000,
                    "description": "Who leaves", "tags": [["key": "team", "value": "growth"]],
                ])
            #expect(try await server.mlflow(get: "registered-models/get?name=churn").json == created)
            let bare = try await server.mlflow("registered-models/create", ["name": "bare"])["registered_model"]
            #expect(bare?.memberList?.map(\.key) == ["name", "creation_timestamp", "last_updated_timestamp"])
            #expect(try await fixture.history() == ["model.created models/churn", "model.created models/bare"])
        }
    }

    @Test(
        arguments: [
            ["name": ""], [:], ["name": " "], ["name": "a/b"], ["name": "a:b"], ["name": "."], ["name": ".."],
            ["name": 1],
            ["name": "x", "tags": [["key": "a//b", "value": "v"]]], ["name": "x", "tags": [["value": "v"]]],
            ["name": "x", "tags": [["key": "k", "value": .string(String(repeating: "v", count: 100_001))]]],
        ] as [JSON])
    func refusesToCreate(body: JSON) async throws {
        try await RegistryFixture.serve { fixture, server in
            let answer = try await server.mlflow(.POST, "registered-models/create", body)
            #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(try await fixture.history().isEmpty)
            #expect(try await server.mlflow(get: "registered-models/search").json == [:])
        }
    }

    @Test func aNameIsGivenOnce() async throws {
        try await RegistryFixture.serve { fixture, server in
            for name in ["churn", "other"] { try await fixture.register(name, versions: 0) }
            let again = try await server.mlflow(.POST, "registered-models/create", ["name": "churn"])
            #expect(again.verdict == "400 RESOURCE_ALREADY_EXISTS")
            let renamed = try await server.mlflow(
                .POST, "registered-models/rename", ["name": "other", "new_name": "churn"])
            #expect(renamed.verdict == "400 RESOURCE_ALREADY_EXISTS")
        }
    }

    @Test func versionsTagsAndAliasesFollowANewName() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 2)
            try await fixture.models.setAlias("champion", of: "churn", to: 1, by: "ann")
            try await fixture.models.set(Tag(key: "k", value: "v"), of: "churn", by: "ann")
            let before = try await fixture.models.model(named: "churn")
            let renamed = try await server.mlflow(
                "registered-models/rename", ["name": "churn", "new_name": "leavers"])["registered_model"]
            #expect(renamed?["name"] == "leavers")
            #expect(renamed?["aliases"] == [["alias": "champion", "version": "1"]])
            #expect(renamed?["tags"] == [["key": "k", "value": "v"]])
            #expect(renamed?["latest_versions"]?.arrayValue?.map { $0["version"] } == ["2"])
            #expect(try #require(renamed?["last_updated_timestamp"]?.integerValue) > before.lastUpdateTime.milliseconds)
            #expect(try await fixture.versions.version(alias: "champion", of: "leavers").path == "leavers/1")
            let old = try await server.mlflow(get: "registered-models/get?name=churn")
            #expect(old.verdict == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(try await fixture.history().last == "model.renamed models/churn")
        }
    }

    @Test func aDeletedModelLeavesNothingAndNumbersStartAgain() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 2)
            try await fixture.models.setAlias("champion", of: "churn", to: 1, by: "ann")
            #expect(try await server.mlflow(.DELETE, "registered-models/delete", ["name": "churn"]).status == 200)
            let again = try await server.mlflow(.DELETE, "registered-models/delete", ["name": "churn"])
            #expect(again.verdict == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(try await server.mlflow(get: "model-versions/search").json == [:])
            try await fixture.register("churn", versions: 1)
            let model = try await fixture.models.model(named: "churn")
            #expect(model.latestVersions.map(\.version) == [1])
            #expect(model.aliases.isEmpty)
        }
    }

    @Test func tagsAreSetChangedAndDeletedAlsoTwice() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 0)
            let before = try await fixture.models.model(named: "churn")
            for value in ["v", "w"] {
                try await server.mlflow(
                    "registered-models/set-tag", ["name": "churn", "key": "k", "value": .string(value)])
            }
            #expect(try await fixture.models.model(named: "churn").tags == [Tag(key: "k", value: "w")])
            for _ in 0..<2 {
                let answer = try await server.mlflow(
                    .DELETE, "registered-models/delete-tag", ["name": "churn", "key": "k"])
                #expect(answer.status == 200)
            }
            #expect(try await fixture.models.model(named: "churn") == before, "Tags do not touch the time.")
            #expect(
                try await fixture.history().dropFirst() == [
                    "model.tagged models/churn", "model.tagged models/churn", "model.untagged models/churn",
                ], "What was not there is not removed.")
        }
    }

    @Test func aDescriptionIsChangedAndCleared() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 0)
            let update = try await server.mlflow(
                .PATCH, "registered-models/update", ["name": "churn", "description": "Who leaves"])
            #expect(try update.json["registered_model"]?["description"] == "Who leaves")
            #expect(try await fixture.history().last == "model.updated models/churn")
            let clear = try await server.mlflow(.PATCH, "registered-models/update", ["name": "churn"])
            #expect(try clear.json["registered_model"]?["description"] == nil)
        }
    }

    @Test func anAliasMovesAndGoes() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 2)
            for version in ["1", "2", "2"] {
                try await server.mlflow(
                    "registered-models/alias", ["name": "churn", "alias": "champion", "version": .string(version)])
            }
            let path = "registered-models/alias?name=churn&alias=champion"
            let found = try await server.mlflow(get: path).json["model_version"]
            #expect(found?["version"] == "2")
            #expect(found?["aliases"] == ["champion"])
            for _ in 0..<2 {
                let answer = try await server.mlflow(
                    .DELETE, "registered-models/alias", ["name": "churn", "alias": "champion"])
                #expect(answer.status == 200)
            }
            // MLflow's client tells an unknown alias by 400, not 404.
            #expect(try await server.mlflow(get: path).verdict == "400 INVALID_PARAMETER_VALUE")
            let events = try await fixture.events.events(after: 0, limit: 100).filter { $0.kind.hasPrefix("alias") }
            #expect(events.map(\.kind) == ["alias.moved", "alias.moved", "alias.removed"])
            #expect(
                events.map(\.data).prefix(2) == [
                    ["alias": "champion", "to": 1], ["alias": "champion", "from": 1, "to": 2],
                ])
        }
    }

    @Test(arguments: [
        ("latest", "1", "400 INVALID_PARAMETER_VALUE"), ("Latest", "1", "400 INVALID_PARAMETER_VALUE"),
        ("v12", "1", "400 INVALID_PARAMETER_VALUE"), ("V1", "1", "400 INVALID_PARAMETER_VALUE"),
        ("a b", "1", "400 INVALID_PARAMETER_VALUE"), ("a/b", "1", "400 INVALID_PARAMETER_VALUE"),
        ("", "1", "400 INVALID_PARAMETER_VALUE"), ("champion", "one", "400 INVALID_PARAMETER_VALUE"),
        (String(repeating: "a", count: 256), "1", "400 INVALID_PARAMETER_VALUE"),
        ("champion", "9", "404 RESOURCE_DOES_NOT_EXIST"), ("champion", "1", "200"), ("1", "1", "200"),
        ("größte_2-b", "1", "200"), ("v", "1", "200"), (String(repeating: "a", count: 255), "1", "200"),
    ])
    func aliasesHaveRules(alias: String, version: String, verdict: String) async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn")
            let answer = try await server.mlflow(
                .POST, "registered-models/alias",
                ["name": "churn", "alias": .string(alias), "version": .string(version)])
            #expect(answer.verdict == verdict)
            #expect(try await fixture.models.model(named: "churn").aliases.isEmpty == (verdict != "200"))
        }
    }

    @Test func theNewestVersionOfEachStageIsTheLatest() async throws {
        try await RegistryFixture.serve { fixture, server in
            try await fixture.register("churn", versions: 4)
            for version in [1, 3] {
                _ = try await fixture.versions.move(
                    Int64(version), of: "churn", to: .production, archivingOthers: false, by: "ann")
            }
            func latest(_ stages: JSON) async throws -> [JSON?] {
                let found = try await server.mlflow(
                    "registered-models/get-latest-versions", ["name": "churn", "stages": stages])
                return (found["model_versions"]?.arrayValue ?? []).map { $0["version"] }
            }
            #expect(try await latest([]) == ["3", "4"])
            #expect(try await latest(["production"]) == ["3"])
            #expect(try await latest(["None", "Archived"]) == ["4"])
            #expect(try await latest(["Staging"]) == [])
            let twin = try await server.mlflow(
                get: "registered-models/get-latest-versions?name=churn&stages=Production&stages=None"
            ).json
            #expect(twin["model_versions"]?.arrayValue?.count == 2)
            let wrong = try await server.mlflow(
                .POST, "registered-models/get-latest-versions", ["name": "churn", "stages": ["Live"]])
            #expect(wrong.verdict == "400 INVALID_PARAMETER_VALUE")
        }
    }

    @Test(
        arguments: [
            ("registered-models/rename", ["new_name": "y"]), ("registered-models/set-tag", ["key": "k", "value": "v"]),
            ("registered-models/alias", ["alias": "a", "version": "1"]), ("registered-models/get-latest-versions", [:]),
            ("model-versions/create", ["source": "s3://b/k"]),
            ("model-versions/transition-stage", ["version": "1", "stage": "Staging"]),
        ] as [(String, JSON)])
    func anUnknownModelIs404(path: String, body: JSON) async throws {
        try await RegistryFixture.serve { fixture, server in
            let answer = try await server.mlflow(.POST, path, body.with("name", "nobody"))
            #expect(answer.verdict == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(answer.message.contains("nobody"))
        }
    }
}
