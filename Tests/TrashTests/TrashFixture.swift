import Artifacts
import Blobs
import Database
import Events
import NIOCore
import NIOHTTP1
import Registry
import Synchronization
import TestSupport
import Testing
import Traces
import Tracking
import Trash
import Web
import Wire

/// The trash over everything that can be in it, on a database of one test's own, with a clock that moves a second at
/// each look.
struct TrashFixture {
    let folder: TemporaryFolder
    let home: TestDatabase
    let database: Database
    let events: EventLog
    let experiments: ExperimentStore
    let runs: RunStore
    let metrics: MetricStore
    let loggedModels: LoggedModelStore
    let models: RegisteredModelStore
    let versions: ModelVersionStore
    let traces: TraceStore
    let evaluationDatasets: EvaluationDatasetStore
    let artifacts: ArtifactStore
    let trash: TrashStore
    /// What endpoints serve: labels of things in the trash.
    let served = Served()

    static let start = Timestamp(milliseconds: 1_700_000_000_000)

    init() async throws {
        folder = try TemporaryFolder()
        home = try await TestDatabase()
        database = try home.open()
        try await database.migrate(
            EventSchema.migrations + TrackingSchema.migrations(now: Self.start) + TraceSchema.migrations
                + EvaluationDatasetSchema.migrations + RegistrySchema.migrations + TrashSchema.migrations)
        let ticks = Served()
        let clock = WallClock { Timestamp(milliseconds: Self.start.milliseconds + ticks.tick() * 1000) }
        events = EventLog(database: database, clock: clock)
        experiments = ExperimentStore(database: database, events: events, clock: clock, workingFolder: folder.path)
        runs = RunStore(database: database, events: events, entropy: .system)
        metrics = MetricStore(database: database)
        loggedModels = LoggedModelStore(database: database, events: events, clock: clock, entropy: .system)
        // On PostgreSQL the files are in a bucket, as on a cluster.
        let place: BlobPlace = TestEngine.current == .postgres ? .bucket : .folder
        artifacts = ArtifactStore(blobs: try await place.store(in: folder))
        models = RegisteredModelStore(database: database, events: events, clock: clock)
        versions = ModelVersionStore(
            database: database, events: events, clock: clock, runs: runs, loggedModels: loggedModels)
        traces = TraceStore(database: database, events: events, clock: clock, entropy: .system)
        evaluationDatasets = EvaluationDatasetStore(
            database: database, events: events, clock: clock, entropy: .system)
        let served = served
        trash = TrashStore(
            database: database, events: events, clock: clock, artifacts: artifacts,
            tracked: TrashStore.Tracked(
                experiments: experiments, runs: runs, loggedModels: loggedModels, models: models, versions: versions),
            witness: TrashWitness { item in served.has(item.label) ? ["endpoint 'live'"] : [] })
    }

    static func serve(_ body: (TrashFixture, LiveServer) async throws -> Void) async throws {
        let fixture = try await TrashFixture()
        var routes = Routes()
        TrashRoutes(store: fixture.trash).routes(into: &routes)
        TraceRoutes(store: fixture.traces, experiments: fixture.experiments).routes(into: &routes)
        try await LiveServer.run(routes) { server in try await body(fixture, server) }
    }

    /// A run with a bit of everything: points, a param, a tag, a dataset, a file.
    func run(in experiment: ExperimentID = .first, points: Int = 3) async throws -> RunInfo {
        let new = try NewRun(experimentID: experiment, startTime: Timestamp(milliseconds: 0), name: "r")
        let run = try await runs.create(new, by: "ann").info
        let logged = (0..<points).map {
            Metric(key: "loss", value: Double($0), timestamp: Timestamp(milliseconds: Int64($0)), step: Int64($0))
        }
        try await runs.log(
            RunBatch(metrics: logged, params: [Param(key: "p", value: "1")], tags: [Tag(key: "t", value: "v")]),
            to: run.id, by: "ann")
        let dataset = Dataset(name: "rows", digest: "d", sourceType: "local", source: "{}")
        try await runs.logInputs(
            [DatasetInput(dataset: dataset, tags: [Tag(key: "mlflow.data.context", value: "training")])], models: [],
            to: run.id)
        try await write("hello", to: run.artifactURI + "/notes/a.txt")
        return run
    }

    /// A logged model with a file, linked to its run.
    func loggedModel(of run: RunInfo) async throws -> LoggedModel {
        let new = try NewLoggedModel(
            experimentID: run.experimentID, name: "model", sourceRunID: run.id, params: [Param(key: "k", value: "v")])
        let model = try await loggedModels.create(new, by: "ann")
        try await runs.logOutputs([ModelOutput(modelID: model.id, step: 0)], to: run.id)
        let point = Metric(key: "auc", value: 0.5, timestamp: Timestamp(milliseconds: 1), modelID: model.id)
        try await runs.log(RunBatch(metrics: [point]), to: run.id, by: "ann")
        try await write("weights", to: model.artifactURI + "/MLmodel")
        return model
    }

    /// A trace that a run left behind, with a bit of everything: tags, metadata, a prompt, an assessment, two spans, a file.
    /// - Parameter number: one of its own for each trace.
    func trace(_ number: Int, of run: RunInfo, through server: LiveServer) async throws -> String {
        let id = String(repeating: "0", count: 28) + String(1000 + number)
        let attributes: JSON = [["key": "session.id", "value": ["string_value": "s"]]]
        let spans: JSON = [
            ["trace_id": .string(id), "span_id": "00000000000000a1", "name": "root", "attributes": attributes],
            [
                "trace_id": .string(id), "span_id": "00000000000000b2", "parent_span_id": "00000000000000a1",
                "name": "child", "attributes": attributes,
            ],
        ]
        let headers = ["x-mlflow-experiment-id": run.experimentID.text, "x-mlflow-run-id": run.id]
        let answer = try await server.post(
            "/v1/traces", json: ["resource_spans": [["scope_spans": [["spans": spans]]]]],
            headers: HTTPHeaders(Array(headers)))
        let trace = "tr-" + id
        try await traces.set(Tag(key: "mood", value: "good"), of: trace)
        try await traces.link(prompts: ["greeting/1"], to: trace)
        let assessed = try await server.post(
            "/api/3.0/mlflow/traces/\(trace)/assessments",
            json: ["assessment": ["assessment_name": "q", "feedback": ["value": 1]]])
        #expect([answer.status, assessed.status] == [200, 200])
        let experiment = try await experiments.experiment(run.experimentID)
        try await write("{}", to: ArtifactLocation.ofTrace(trace, in: experiment.artifactLocation) + "/traces.json")
        return trace
    }

    /// A registered model with so many versions, from a bucket elsewhere unless from a run.
    func register(_ name: String, versions count: Int = 1, run: RunInfo? = nil) async throws {
        _ = try await models.create(name: name, tags: [Tag(key: "k", value: "v")], by: "ann")
        for number in 0..<count {
            let source = run.map { "runs:/\($0.id)/model" } ?? "s3://bucket/\(name)/\(number + 1)"
            let new = NewModelVersion(
                name: name, source: source, runID: run?.id ?? "", tags: [Tag(key: "vk", value: "vv")])
            _ = try await versions.create(new, by: "ann")
        }
    }

    func write(_ text: String, to uri: String) async throws {
        let chunks = AsyncThrowingStream<ByteBuffer, any Error> { stream in
            stream.yield(ByteBuffer(string: text))
            stream.finish()
        }
        try await artifacts.blobs.put(artifacts.key(ofURI: uri), chunks)
    }

    /// Whether there are files at a place.
    func hasFiles(_ uri: String) async throws -> Bool {
        try await !artifacts.blobs.list(artifacts.key(ofURI: uri)).isEmpty
    }

    /// How many rows each table has that is not empty, but for those that a fresh database has too.
    func rows() async throws -> [String: Int] {
        let query = TestDatabase.tables
        return try await database.read { reader in
            let tables = try reader.values(query, as: String.self)
            var counts: [String: Int] = [:]
            for table in tables where !["events", "event_head", "migrations", "experiment_keys"].contains(table) {
                let count = try reader.value("SELECT COUNT(*) FROM \(SQL(stringLiteral: table))", as: Int.self) ?? 0
                if count > 0 { counts[table] = count }
            }
            return counts
        }
    }

    /// Purges until no portion is left.
    @discardableResult
    func purge(_ order: PurgeOrder = PurgeOrder()) async throws -> PurgeReport {
        var order = order
        var whole = PurgeReport()
        while true {
            let report = try await trash.purge(order, by: "ann")
            whole.purged += report.purged
            whole.refused += report.refused
            whole.foreignFiles += report.foreignFiles
            guard let next = report.next else { return whole }
            order.offset = next
        }
    }

    func labels(_ kind: DeletedKind? = nil) async throws -> [String] {
        try await trash.items(kind: kind, limit: 1000).elements.map(\.label)
    }
}

/// Names that a test adds to, and a count.
final class Served: Sendable {
    private let state = Mutex<(names: Set<String>, ticks: Int64)>(([], 0))

    func add(_ name: String) { state.withLock { _ = $0.names.insert(name) } }
    func has(_ name: String) -> Bool { state.withLock { $0.names.contains(name) } }

    func tick() -> Int64 {
        state.withLock { state in
            state.ticks += 1
            return state.ticks
        }
    }
}

extension PurgeOrder {
    static func one(_ kind: DeletedKind, _ id: String, isForced: Bool = false) -> PurgeOrder {
        var order = PurgeOrder()
        order.kind = kind
        order.id = id
        order.isForced = isForced
        return order
    }
}
