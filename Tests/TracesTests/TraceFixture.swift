import AsyncHTTPClient
import Database
import Events
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Traces
import Tracking
import Web
import Wire

/// The stores of traces on a database of one test's own.
struct TraceFixture {
    let home: TestDatabase
    let database: Database
    let events: EventLog
    let experiments: ExperimentStore
    let runs: RunStore
    let traces: TraceStore

    /// The trace of the fixtures `export.pb` and `export.json`.
    static let traceID = "tr-0102030405060708090a0b0c0d0e0f10"

    init() async throws {
        home = try await TestDatabase()
        database = try home.open()
        let clock = WallClock { Timestamp(milliseconds: 1_700_000_000_000) }
        try await database.migrate(
            EventSchema.migrations + TrackingSchema.migrations(now: clock.now) + TraceSchema.migrations)
        events = EventLog(database: database, clock: clock)
        experiments = ExperimentStore(database: database, events: events, clock: clock, workingFolder: "/home/ann")
        runs = RunStore(database: database, events: events, entropy: .system)
        traces = TraceStore(database: database, events: events, clock: clock, entropy: .system)
    }

    /// A server of the routes of traces over a database of its own.
    static func serve(_ body: (TraceFixture, LiveServer) async throws -> Void) async throws {
        let fixture = try await TraceFixture()
        var routes = Routes()
        TraceRoutes(store: fixture.traces, experiments: fixture.experiments).routes(into: &routes)
        try await LiveServer.run(routes) { server in try await body(fixture, server) }
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        let url = Bundle.module.resourceURL ?? URL(filePath: ".")
        return Array(try Data(contentsOf: url.appending(path: "Fixtures/\(name)")))
    }

    static func json(_ name: String) throws -> JSON {
        try JSON.parse(bytes(name))
    }
}

extension LiveServer {
    /// Sends an export as an exporter does.
    func export(
        _ body: [UInt8], type: String = "application/x-protobuf", coding: String? = nil,
        headers: HTTPHeaders = ["x-mlflow-experiment-id": "0"]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + "/v1/traces")
        request.method = .POST
        request.headers = headers
        request.headers.add(name: "Content-Type", value: type)
        if let coding { request.headers.add(name: "Content-Encoding", value: coding) }
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await send(request)
    }

    /// What a GET of the third version of the API answers.
    func mlflow3(_ path: String) async throws -> Answer {
        try await get("/api/3.0/mlflow/\(path)")
    }

    /// What a call of the third version of the API with a body answers.
    func mlflow3(_ method: HTTPMethod, _ path: String, _ body: JSON) async throws -> Answer {
        try await send(method, "/api/3.0/mlflow/\(path)", body: body.text, type: "application/json")
    }
}

extension JSON {
    /// In alphabetical order and with integers as text, as protobuf's own mapping writes them and MLflow does not.
    var integersAsText: JSON {
        switch self {
        case .integer(let number): .string(String(number))
        case .array(let values): .array(values.map(\.integersAsText))
        case .object(let members):
            .members(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.integersAsText) })
        default: self
        }
    }
}
