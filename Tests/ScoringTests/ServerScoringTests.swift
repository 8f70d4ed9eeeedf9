import Artifacts
import Blobs
import Database
import Events
import Foundation
import Jobs
import NIOCore
import NIOHTTP1
import Registry
import Tables
import TestSupport
import Testing
import Tracking
import TrainedModels
import Web
import Wire

@testable import Scoring

@Suite(.timeLimit(.minutes(5))) struct ServerScoringTests {
    @Test(.everyEngine) func theServerScoresArtifactsAndTellsOfIt() async throws {
        let fixture = try await ServerFixture()
        try await fixture.serve { server in
            let sent = try await server.post("/api/v1/batches", json: fixture.request("scored.parquet"))
            #expect(sent.status == 200)
            #expect(["queued", "running"].contains(try sent.json["state"]))
            let batch = try await fixture.end(of: sent, at: server)
            #expect(batch["state"] == "done", "\(batch.text)")
            #expect(batch["version"] == "models:/cancer/1")
            #expect(batch["rows"] == 400)
            #expect(batch["total_rows"] == 400)
            let list = try await server.get("/api/v1/batches?state=done")
            #expect(try list.json["batches"]?.arrayValue?.count == 1)
            let again = try await server.post("/api/v1/batches", json: fixture.request("scored.parquet"))
            #expect(again.status == 400)
            let page = try await server.get("/batches/\(batch["batch_id"].cellText)").text
            #expect(
                page.contains("done") && page.contains("href=\"/models/cancer/versions/1\"")
                    && !page.contains("Cancel it"))
            #expect(try await server.get("/batches").text.contains("href=\"/batches/\(batch["batch_id"].cellText)\""))
            #expect(try await server.get("/batches?state=queued").text.contains("No batch is queued"))
            #expect(try await server.get("/batches?state=odd").status == 400)
            let late = try await server.post("/api/v1/batches/\(batch["batch_id"].cellText)/cancel", json: [:])
            #expect(late.status == 409)
        }
        let scored = try await fixture.rows(of: "scored.parquet")
        let expected = try fixture.batch.models.expectation("booster").predictions.arrayValue ?? []
        #expect(scored == (0..<400).map { expected[$0 % expected.count].doubleValue })
        let kinds = try await fixture.events.latest(limit: 2).map(\.kind)
        #expect(kinds == ["batch.done", "batch.created"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.batch.path("batches")).isEmpty)
    }

    @Test func placesThatAreNoArtifactsAndWhatIsNotThereAreRefused() async throws {
        let fixture = try await ServerFixture()
        try await fixture.serve { server in
            let wrong: [(String, JSON)] = [
                ("input", "/etc/passwd.csv"), ("input", "file:///etc/passwd.csv"), ("output", "../../x.csv"),
                ("output", "mlflow-artifacts:/../x.csv"), ("input", "mlflow-artifacts:/nothing.csv"),
                ("input", "runs:/0123/x.csv"), ("model", "models:/nobody/1"), ("model", "./folder"),
                ("batch_rows", 0), ("limit_failures", "some"), ("output", "mlflow-artifacts:/x.xlsx"),
            ]
            for (name, value) in wrong {
                let answer = try await server.post("/api/v1/batches", json: fixture.request("x.csv", [name: value]))
                #expect([400, 404].contains(answer.status), "\(name) \(value.text): \(answer.status)")
            }
            #expect(try await server.get("/api/v1/batches/b-0").status == 404)
            #expect(try await server.get("/batches/b-0").status == 404)
            #expect(try await server.get("/batches").text.contains("martlet batch --on-server --server \(server.url)"))
            let none = try await server.get("/api/v1/batches")
            #expect(try none.json["batches"]?.arrayValue?.isEmpty == true)
        }
    }

    @Test func aBatchSurvivesARestartAndGoesOnWhereItWas() async throws {
        let fixture = try await ServerFixture(times: 200)
        let request = fixture.request("scored.csv", ["batch_rows": 50])
        let id = try await fixture.serve { server in
            let sent = try await server.post("/api/v1/batches", json: request)
            let batch = try await fixture.wait(for: sent, at: server) { ($0["rows"]?.integerValue ?? 0) > 0 }
            return batch["batch_id"].cellText
        }
        try await fixture.jobs.releaseAbandoned()
        try await fixture.serve { server in
            let batch = try await fixture.end(of: server.get("/api/v1/batches/\(id)"), at: server)
            #expect(batch["state"] == "done", "\(batch.text)")
            #expect(batch["rows"] == 8000)
        }
        let expected = try fixture.batch.models.expectation("booster").predictions.arrayValue ?? []
        #expect(
            try await fixture.rows(of: "scored.csv") == (0..<8000).map { expected[$0 % expected.count].doubleValue })
    }

    @Test func aCanceledBatchEndsWithoutAnOutput() async throws {
        let fixture = try await ServerFixture(times: 500)
        let request = fixture.request("scored.csv", ["batch_rows": 1])
        try await fixture.serve { server in
            let sent = try await server.post("/api/v1/batches", json: request)
            let running = try await fixture.wait(for: sent, at: server) { ($0["rows"]?.integerValue ?? 0) > 0 }
            let path = "/api/v1/batches/\(running["batch_id"].cellText)/cancel"
            for _ in 0..<2 {
                let canceled = try await server.post(path, json: [:])
                #expect(try canceled.json["state"] == "canceled")
            }
            // The next batch shows that the worker has let go of it.
            let next = try await fixture.end(
                of: server.post("/api/v1/batches", json: fixture.request("next.csv")), at: server)
            #expect(next["state"] == "done")
        }
        #expect(try await fixture.artifacts.blobs.info(fixture.key("scored.csv")) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.batch.path("batches")).isEmpty)
    }

    @Test func aBatchThatCannotBeScoredFailsWithTheReason() async throws {
        let fixture = try await ServerFixture()
        try await fixture.put("a,b\n1,2\n", at: "other.csv")
        try await fixture.serve { server in
            let request = fixture.request("scored.csv", ["input": "mlflow-artifacts:/other.csv"])
            let batch = try await fixture.end(of: server.post("/api/v1/batches", json: request), at: server)
            #expect(batch["state"] == "failed")
            #expect(batch["message"]?.stringValue?.contains("'mean radius'") == true)
        }
    }
}

/// A server that scores batches, with a registered model and its input.
private struct ServerFixture {
    let batch: BatchFixture
    let home: TestDatabase
    let database: Database
    let events: EventLog
    let jobs: JobQueue
    let artifacts: ArtifactStore
    let versions: ModelVersionStore
    let runs: RunStore
    let store: ScoringJobStore

    init(times: Int = 10) async throws {
        batch = try await BatchFixture()
        home = try await TestDatabase()
        database = try home.open()
        let clock = WallClock.system
        try await database.migrate(
            EventSchema.migrations + JobSchema.migrations + TrackingSchema.migrations(now: clock.now)
                + RegistrySchema.migrations + ScoringSchema.migrations)
        events = EventLog(database: database, clock: clock)
        jobs = JobQueue(database: database, clock: clock, entropy: .system)
        runs = RunStore(database: database, events: events, entropy: .system)
        // On PostgreSQL the files are in a bucket, as on a cluster.
        let place: BlobPlace = TestEngine.current == .postgres ? .bucket : .folder
        artifacts = ArtifactStore(blobs: try await place.store(in: batch.folder))
        versions = ModelVersionStore(
            database: database, events: events, clock: clock, runs: runs,
            loggedModels: LoggedModelStore(database: database, events: events, clock: clock, entropy: .system))
        store = ScoringJobStore(database: database, events: events, jobs: jobs, clock: clock, entropy: .system)
        try await register()
        try await batch.write(try batch.example("booster", times: times), to: "data.parquet")
        try await put(try Data(contentsOf: URL(filePath: batch.path("data.parquet"))), at: "in/data.parquet")
    }

    private func register() async throws {
        let run = try await runs.create(
            NewRun(experimentID: ExperimentID(0), startTime: Timestamp(milliseconds: 0)), by: "ann")
        let files = batch.models.path("booster")
        for path in try FileManager.default.subpathsOfDirectory(atPath: files) {
            guard let content = FileManager.default.contents(atPath: "\(files)/\(path)") else { continue }
            try await put(content, at: artifacts.key(ofURI: "\(run.info.artifactURI)/model/\(path)").path)
        }
        _ = try await RegisteredModelStore(database: database, events: events, clock: .system)
            .create(name: "cancer", by: "ann")
        _ = try await versions.create(
            NewModelVersion(name: "cancer", source: "runs:/\(run.info.id)/model", runID: run.info.id), by: "ann")
    }

    func put(_ content: some Sequence<UInt8> & Sendable, at path: String) async throws {
        let chunk = ByteBuffer(bytes: content)
        try await artifacts.blobs.put(
            key(path),
            AsyncThrowingStream { feed in
                feed.yield(chunk)
                feed.finish()
            })
    }

    func put(_ text: String, at path: String) async throws {
        try await put(Array(text.utf8), at: path)
    }

    func key(_ path: String) throws -> BlobKey { try BlobKey(path) }

    /// - Parameter changes: members that are other than usual.
    func request(_ output: String, _ changes: [String: JSON] = [:]) -> JSON {
        let usual: [(String, JSON)] = [
            ("model", "models:/cancer/latest"), ("input", "mlflow-artifacts:/in/data.parquet"),
            ("output", .string("mlflow-artifacts:/\(output)")), ("columns", ["id"]),
        ]
        return .members(usual + changes.map { ($0.key, $0.value) })
    }

    /// The predictions of an output.
    func rows(of output: String) async throws -> [Double?] {
        let content = try await artifacts.blobs.contents(key(output), limit: 1 << 24)
        try Data(content.readableBytesView).write(to: URL(filePath: batch.path(output)))
        return try await batch.rows("SELECT prediction FROM \(quoted: batch.path(output))").map { $0[0].number }
    }

    @discardableResult
    func serve<Value>(_ body: (LiveServer) async throws -> Value) async throws -> Value {
        let places = ScoringPlaces(artifacts: artifacts, runs: runs)
        var routes = Routes()
        ScoringRoutes(store: store, places: places, versions: versions).routes(into: &routes)
        let scoring = ServerScoring(
            store: store, places: places, versions: versions, artifacts: artifacts,
            runtimes: TrainedModels.runtimes(.batches), tables: .installed, folder: batch.path("batches"),
            concurrency: 1)
        let worker = JobWorker(queue: jobs, handlers: [scoring.handler], logger: LiveServer.quiet)
        return try await LiveServer.run(routes, beside: [worker], body)
    }

    func end(of answer: LiveServer.Answer, at server: LiveServer) async throws -> JSON {
        try await wait(for: answer, at: server) { !["queued", "running"].contains($0["state"]?.stringValue) }
    }

    /// Asks until a batch is as it is waited for.
    func wait(for answer: LiveServer.Answer, at server: LiveServer, until isReached: (JSON) -> Bool) async throws
        -> JSON
    {
        let path = "/api/v1/batches/\(try answer.json["batch_id"].cellText)"
        while true {
            let batch = try await server.get(path).json
            if isReached(batch) { return batch }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension JSON? {
    fileprivate var cellText: String { self?.stringValue ?? "" }
}
