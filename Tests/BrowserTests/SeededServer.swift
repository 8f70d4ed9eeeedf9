import AsyncHTTPClient
import NIOHTTP1
import TestSupport
import Testing
import Wire

/// How much a server has.
enum DataSize: String, CaseIterable, Sendable {
    /// As on the first day.
    case empty
    /// Three of most things, with names that pages may stumble over.
    case three
    /// The same, and ten thousand runs, with hundreds of other things.
    case many
}

/// The built program over one data set that went in through its own interfaces.
struct SeededServer: Sendable {
    let server: RunningServer
    let size: DataSize
    /// What the addresses of pages need.
    let places: Places

    /// The ids that the server gave.
    struct Places: Sendable {
        var experiment = "0"
        var run = ""
        /// In the order in which they began; the first one is under way.
        var runs: [String] = []
        /// Runs that differ in two params.
        var sweep: [String] = []
        var prediction = ""
        var incident = ""
        var alert = ""
        var trace = ""
        var batch = ""
        var webhook = ""
    }

    var url: String { server.url }

    init(_ server: RunningServer, size: DataSize) async throws {
        self.server = server
        self.size = size
        guard size != .empty else {
            places = Places()
            return
        }
        var places = Places()
        try await SweepSeed(client: server.client).sow(into: &places)
        try await TrackingSeed(client: server.client).sow(into: &places)
        try await ServingSeed(server: server).sow(into: &places)
        try await TraceSeed(client: server.client).sow(into: &places)
        try await MonitoringSeed(client: server.client).sow(into: &places)
        try await HouseholdSeed(client: server.client).sow(into: &places)
        if size == .many { try await Crowd(client: server.client).sow(into: places) }
        self.places = places
    }
}

/// Names that a page has to show as they are.
enum Awkward {
    static let markup = "<script>alert(1)</script>"
    static let rightToLeft = "تجارب القلب"
    static let emoji = "🌳 forests & 🚀"
    /// Registered models are called so; it may have no '/' and no ':'.
    static let model = "triage <b> & 🏥"
    static let longTag = String(repeating: "ten thousand letters ", count: 500).prefix(10_000)
}

extension LiveServer {
    /// Applies a manifest.
    /// - Parameter spec: YAML in flow style.
    func apply(_ kind: String, _ name: String, _ spec: String) async throws {
        let yaml = "apiVersion: martlet/v1\nkind: \(kind)\nmetadata: { name: \(name) }\nspec: \(spec)\n"
        let applied = try await send(.POST, "/api/v1/apply", body: yaml, type: "application/yaml")
        try #require(applied.status == 200, "\(applied.text)")
    }

    /// Sends a file of a run.
    func upload(_ text: String, to path: String, ofRun run: String, experiment: String) async throws {
        try await upload(Array(text.utf8), to: path, ofRun: run, experiment: experiment)
    }

    func upload(_ bytes: [UInt8], to path: String, ofRun run: String, experiment: String) async throws {
        var request = HTTPClientRequest(
            url: "\(url)/api/2.0/mlflow-artifacts/artifacts/\(experiment)/\(run)/artifacts/\(path)")
        request.method = .PUT
        request.body = .bytes(bytes)
        let answer = try await send(request)
        try #require(answer.status == 200, "\(answer.text)")
    }

    /// Asks until there is what is wanted.
    func await<Value>(_ path: String, _ read: (JSON) throws -> Value?) async throws -> Value {
        while true {
            try Task.checkCancellation()
            if let value = try read(try await get(path).json) { return value }
        }
    }
}
