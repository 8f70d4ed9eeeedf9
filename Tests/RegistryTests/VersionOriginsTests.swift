import Registry
import TestSupport
import Testing
import Tracking
import Wire

/// A version is registered from the artifacts of the run or the logged model that it names, or from another system.
@Suite(.everyEngine) struct VersionOriginsTests {
    /// A place to register from: two runs, each with a logged model, and a run whose files are local.
    private struct Place {
        let fixture: RegistryFixture
        let run: RunInfo
        let other: RunInfo
        let model: LoggedModel
        let local: RunInfo

        init() async throws {
            fixture = try await RegistryFixture()
            run = try await fixture.run()
            other = try await fixture.run()
            model = try await fixture.loggedModel(of: run.id)
            let experiment = try await fixture.experiments.create(
                name: "local", artifactLocation: "/var/files", by: "ann")
            local = try await fixture.run(in: experiment)
            try await fixture.register("churn", versions: 0)
        }

        /// Puts the ids of this place where a source says `{run}`, `{other}`, `{model}` or `{local}`.
        func filled(_ text: String) -> String {
            text.replacing("{run}", with: run.id).replacing("{other}", with: other.id).replacing(
                "{model}", with: model.id
            )
            .replacing("{local}", with: local.id)
        }

        func register(_ source: String, run: String = "", model: String = "") async throws -> ModelVersion {
            let new = NewModelVersion(
                name: "churn", source: filled(source), runID: filled(run), modelID: filled(model))
            return try await fixture.versions.create(new, by: "ann")
        }
    }

    @Test(arguments: [
        ("models:/{model}", "", "{model}", "mlflow-artifacts:/0/models/{model}/artifacts"),
        ("runs:/{run}/model", "{run}", "", "mlflow-artifacts:/0/{run}/artifacts/model"),
        ("mlflow-artifacts:/0/{run}/artifacts/model", "{run}", "", "mlflow-artifacts:/0/{run}/artifacts/model"),
        ("mlflow-artifacts://host:80/0/{run}/artifacts", "{run}", "", "mlflow-artifacts:/0/{run}/artifacts"),
        (
            "mlflow-artifacts:/0/models/{model}/artifacts", "", "{model}",
            "mlflow-artifacts:/0/models/{model}/artifacts"
        ),
        (
            "http://host/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/model", "{run}", "",
            "mlflow-artifacts:/0/{run}/artifacts/model"
        ),
        ("/var/files/{local}/artifacts/model", "{local}", "", "/var/files/{local}/artifacts/model"),
        ("file:///var/files/{local}/artifacts/model", "{local}", "", "file:///var/files/{local}/artifacts/model"),
        ("s3://bucket/a/model", "", "", "s3://bucket/a/model"), ("dbfs:/models/1", "{run}", "", "dbfs:/models/1"),
    ])
    func takes(source: String, run: String, model: String, storage: String) async throws {
        let place = try await Place()
        let version = try await place.register(source, run: run, model: model)
        #expect(version.storageURI == place.filled(storage))
        #expect(version.source == place.filled(source))
        #expect(version.modelID == place.filled(model))
        #expect(version.runID == place.filled(run.isEmpty && !model.isEmpty ? "{run}" : run))
    }

    @Test(arguments: [
        // Of another run, another model, or of nobody.
        ("models:/{model}", "", ""), ("models:/{model}", "{run}", "m-0"), ("runs:/{run}/model", "", ""),
        ("runs:/{run}/model", "{other}", ""), ("runs:/{run}", "{run}", ""), ("runs:/{run}/", "{run}", ""),
        ("mlflow-artifacts:/0/{run}/artifacts/model", "", ""),
        ("mlflow-artifacts:/0/{run}/artifacts/model", "{other}", ""),
        ("mlflow-artifacts:/0/models/{model}/artifacts", "{run}", ""), ("mlflow-artifacts:/0/{run}", "{run}", ""),
        ("mlflow-artifacts:/0/{run}/artifacts-of-mine", "{run}", ""), ("mlflow-artifacts:/", "{run}", ""),
        ("/var/files/{local}/artifacts/model", "", ""), ("/var/files/{local}/artifacts/model", "{run}", ""),
        ("/etc/passwd", "{local}", ""), ("file:///etc/passwd", "{local}", ""), ("FILE:///etc/passwd", "{local}", ""),
        ("file://host/var/files/{local}/artifacts/model", "{local}", ""), (" file:///etc/passwd", "", ""),
        // Climbing, in whatever encoding.
        ("runs:/{run}/../{other}/artifacts", "{run}", ""), ("runs:/{run}/%2e%2e/x", "{run}", ""),
        ("runs:/{run}/a/%252e%252e/%252E%252e/x", "{run}", ""),
        ("mlflow-artifacts:/0/{run}/artifacts/../../{other}", "{run}", ""),
        ("mlflow-artifacts:/0/{run}/artifacts/..%2F..%2FOTHER", "{run}", ""), ("runs:/{run}/..\\x", "{run}", ""),
        ("/var/files/{local}/artifacts/../../../etc", "{local}", ""), ("s3://bucket/a/../../b", "", ""),
        ("s3://bucket/%25252525252525252525252525252e%2e/b", "", ""), ("s3://bucket/a%00b", "", ""),
        ("http://host/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/%2e%2e/%2e%2e/{other}", "{run}", ""),
        // Other hosts, relative places, no places, and what only looks like a URI of this server.
        ("http://evil/model", "{run}", ""), ("https://evil/model", "", "{model}"), ("HTTPS://evil/model", "", ""),
        ("ftp://evil/model", "", ""), ("model", "{run}", ""), ("./model", "{run}", ""), (":/x", "", ""),
        ("RUNS:/{run}/model", "{run}", ""), ("Models:/churn/1", "", ""),
        ("MLFLOW-ARTIFACTS:/0/{run}/artifacts", "{run}", ""),
        ("http://evil/?/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/../x", "{run}", ""),
        ("c:/windows/model", "", ""), ("models:/churn", "", ""), ("models:/churn/0", "", ""),
    ])
    func refuses(source: String, run: String, model: String) async throws {
        let place = try await Place()
        let refusal = await #expect(throws: RegistryError.self) {
            try await place.register(source, run: run, model: model)
        }
        #expect(refusal?.code == .invalidParameterValue, "\(refusal?.message ?? "")")
        #expect(try await place.fixture.versions.versions(of: "churn", limit: 100).elements.isEmpty)
    }

    @Test func whatItNamesMustBeThere() async throws {
        let place = try await Place()
        let absent = "m-" + String(repeating: "0", count: 32)
        for (source, run, model) in [
            ("models:/\(absent)", "", absent), ("mlflow-artifacts:/0/x/artifacts", "f00", ""),
            ("mlflow-artifacts:/0/x/artifacts", "", absent), ("runs:/f00/model", "f00", ""),
        ] {
            let refusal = await #expect(throws: TrackingError.self, "\(source)") {
                try await place.register(source, run: run, model: model)
            }
            #expect(refusal?.code == .doesNotExist)
        }
        for reference in ["models:/nobody/1", "models:/churn/9"] {
            let refusal = await #expect(throws: RegistryError.self, "\(reference)") {
                try await place.register(reference)
            }
            #expect(refusal?.code == .doesNotExist)
        }
    }

    /// MLflow's client sends a word for the source of a prompt; nothing else may come in by that door.
    @Test func aPromptHasNoFiles() async throws {
        let place = try await Place()
        func register(_ source: String) async throws -> ModelVersion {
            let tag = Tag(key: "mlflow.prompt.is_prompt", value: "true")
            let new = NewModelVersion(name: "churn", source: source, tags: [tag])
            return try await place.fixture.versions.create(new, by: "ann")
        }
        #expect(try await register("dummy-source").storageURI.isEmpty)
        for source in ["/etc/passwd", "file:///etc/passwd", "http://evil/x", "../x", "mlflow-artifacts:/0"] {
            await #expect(throws: RegistryError.self, "\(source)") { try await register(source) }
        }
    }

    @Test func aCopyOfAVersionInheritsWhereItCameFrom() async throws {
        let place = try await Place()
        let first = try await place.register("models:/{model}", model: "{model}")
        try await place.fixture.models.setAlias("champion", of: "churn", to: 1, by: "ann")
        _ = try await place.fixture.models.create(name: "copy", by: "ann")
        for source in ["models:/churn/1", "models:/churn@champion", "models:/churn/latest", "models:/churn/None"] {
            let new = NewModelVersion(name: "copy", source: source)
            let copy = try await place.fixture.versions.create(new, by: "ann")
            #expect(copy.source == "models:/churn/1", "An alias moves, so its version is kept.")
            #expect(copy.storageURI == first.storageURI)
            #expect(copy.runID == place.run.id)
            #expect(copy.modelID == place.model.id)
        }
        for (run, model) in [(place.other.id, ""), ("", "m-0")] {
            let wrong = NewModelVersion(name: "copy", source: "models:/churn/1", runID: run, modelID: model)
            await #expect(throws: RegistryError.self) {
                try await place.fixture.versions.create(wrong, by: "ann")
            }
        }
    }
}
