import Artifacts
import Blobs
import Events
import Foundation
import NIOCore
import Statistics
import Tables
import TestSupport
import Testing
import Tracking
import Wire

@testable import Monitoring
@testable import Predictions

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct ReferenceSourceTests {
    private static let rows: TableQuery = """
        SELECT i / 10.0 AS radius, i % 7 AS visits, CASE WHEN i % 3 = 0 THEN NULL ELSE 'north' END AS ward,
            i % 2 = 0 AS smokes FROM range(300) AS t(i)
        """

    /// A file of rows in a format that DuckDB writes.
    private func file(_ options: TableQuery) async throws -> ByteBuffer {
        let folder = try TemporaryFolder()
        let path = folder.path("rows")
        let database = try await TableEngine.installed.open(TableSettings(memoryBytes: 1 << 28, files: .all))
        try await database.run("COPY (\(Self.rows)) TO \(quoted: path) (\(options))")
        return ByteBuffer(bytes: try Data(contentsOf: URL(filePath: path)))
    }

    private func stream(_ bytes: ByteBuffer) -> AsyncThrowingStream<ByteBuffer, any Error> {
        AsyncThrowingStream { continuation in
            continuation.yield(bytes)
            continuation.finish()
        }
    }

    @Test func aModelThatIsNotRegisteredHereIsSaidToBeUnknown() async throws {
        let fixture = try await MonitoringFixture()
        let log = fixture.log
        let source = ReferenceSource(
            runs: fixture.runs, artifacts: fixture.artifacts, predictions: { log }, tables: .installed
        ) { _ in
            []
        } runID: { model, _ in
            throw MonitorError(.doesNotExist, "Registered Model with name=\(model) not found.")
        }
        let error = await #expect(throws: MonitorError.self) {
            _ = try await source.rows(.standard, endpoint: "fraud", model: "fraud", version: 0)
        }
        #expect(error?.message.hasPrefix("No version 0 of a model 'fraud' is registered here") == true)
        #expect(error?.hint?.contains("martlet monitors reference") == true)
    }

    @Test func leavesTheLogToWhoRunsIt() async throws {
        weak var log: PredictionLog?
        do {
            let fixture = try await MonitoringFixture()
            try await fixture.apply(MonitoringFixture.spec)
            try await fixture.predict(PatientTable(20, seed: 1))
            _ = try await fixture.log.latest(of: "clinic", limit: 1)
            log = fixture.log
            #expect(log != nil)
        }
        // Its observers may be told of the last of it still.
        while let telling = await log?.telling { await telling.value }
        #expect(log == nil)
    }

    /// The reference of a version whose run has an artifact, and perhaps a dataset.
    private func reference(
        _ bytes: ByteBuffer, as path: String, dataset: String?, in fixture: MonitoringFixture
    ) async throws -> Reference? {
        let run = try await fixture.runs.create(
            NewRun(experimentID: ExperimentID(0), startTime: fixture.clock.now), by: "ann")
        let uri = run.info.artifactURI + "/" + path
        _ = try await fixture.artifacts.blobs.put(fixture.artifacts.key(ofURI: uri), stream(bytes))
        if let dataset {
            let source = dataset == "uri" ? (["uri": .string(uri)] as JSON).text : dataset
            let logged = Dataset(name: "patients", digest: "d", sourceType: "code", source: source)
            let input = DatasetInput(dataset: logged, tags: [Tag(key: "mlflow.data.context", value: "training")])
            try await fixture.runs.logInputs([input], models: [], to: run.info.id)
        }
        fixture.runIDs.set(run.info.id, for: 1)
        return try await fixture.references.reference(.standard, endpoint: "clinic", model: "clinic", version: 1)
    }

    @Test(
        arguments: [
            ("FORMAT parquet", "data/training.parquet", "uri"), ("FORMAT parquet", "deep/down/rows.parquet", "uri"),
            ("FORMAT csv, HEADER", "training.csv", nil), ("FORMAT json", "datasets/patients.ndjson", #"{"tags":{}}"#),
        ] as [(String, String, String?)])
    func readsWhatUsersLog(options: String, path: String, dataset: String?) async throws {
        let options: TableQuery =
            switch options {
            case "FORMAT parquet": "FORMAT parquet"
            case "FORMAT json": "FORMAT json"
            default: "FORMAT csv, HEADER"
            }
        let fixture = try await MonitoringFixture()
        let reference = try #require(
            try await reference(try await file(options), as: path, dataset: dataset, in: fixture))
        #expect(reference.rows == 300)
        #expect(reference.columns.map(\.name) == ["radius", "visits", "ward", "smokes"])
        let kinds = reference.columns.map { ColumnKind($0.profile.anchors) }
        #expect(kinds == [.numeric, .numeric, .categorical, .categorical])
        #expect(reference.columns[2].profile.missing == 100)
        // As truth values of requests are spelled.
        #expect(reference.columns[3].profile.anchors == ColumnAnchors.categorical(names: ["false", "true"]))
    }

    @Test func saysWhatToLogWhereThereAreNoRows() async throws {
        let fixture = try await MonitoringFixture()
        let none = try await reference(ByteBuffer(string: "x"), as: "model.bin", dataset: #"{"tags":{}}"#, in: fixture)
        #expect(none == nil)
        let entry = try await fixture.references.entry(
            .standard, endpoint: "clinic", model: "clinic", version: 1)
        guard case .failed(let reason, _) = entry else {
            Issue.record("There is a reference.")
            return
        }
        #expect(reason.contains("patients"))
        #expect(reason.contains("data/training.json"))
    }

    @Test func productionBecomesAReferenceWithItsOutputs() async throws {
        let fixture = try await MonitoringFixture()
        let start = fixture.clock.now
        try await fixture.predict(PatientTable(60, seed: 2))
        let middle = fixture.clock.now + .seconds(1)
        try await fixture.predict(PatientTable(60, seed: 3, scale: 2))
        let choice = ReferenceChoice.production(from: start, to: middle)
        let reference = try #require(
            try await fixture.references.reference(choice, endpoint: "clinic", model: "clinic", version: 1))
        #expect(reference.rows == 60)
        #expect(reference.runID == nil)
        #expect(reference.columns.map(\.role) == [.input, .input, .input, .input, .output])
        #expect(reference.columns.last?.name == "prediction")

        let later = ReferenceChoice.production(
            from: fixture.clock.now + .seconds(9), to: fixture.clock.now + .seconds(99))
        #expect(
            try await fixture.references.reference(later, endpoint: "clinic", model: "clinic", version: 1) == nil)
    }
}
