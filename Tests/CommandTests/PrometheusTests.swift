import Foundation
import NIOHTTP1
import SystemPackage
import TestSupport
import Testing
import TrainedModels
import Wire

/// What is in `deploy/`, with Debian's Prometheus.
@Suite(.timeLimit(.minutes(10))) struct PrometheusTests {
    private static let deploy = BuiltProgram.package.appending(path: "deploy")

    private static func text(_ file: String) throws -> String {
        try String(contentsOf: deploy.appending(path: file), encoding: .utf8)
    }

    private static func promtool(_ arguments: [String]) async throws -> BuiltProgram.Result {
        try await BuiltProgram.run(
            "/usr/bin/promtool", arguments, environment: [:],
            in: deploy.appending(path: "prometheus").path(percentEncoded: false))
    }

    @Test(arguments: [
        ["check", "config", "prometheus.yml"], ["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml"],
    ])
    func rulesAreGoodAndDoWhatTheirTestsSay(arguments: [String]) async throws {
        let result = try await Self.promtool(arguments)
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
    }

    /// The expressions of the dashboard, for all endpoints and monitors.
    private static func dashboardExpressions() throws -> [String] {
        let dashboard = try JSON.parse(try text("grafana/martlet.json"))
        let panels = dashboard["panels"]?.arrayValue ?? []
        let expressions = panels.flatMap { $0["targets"]?.arrayValue ?? [] }.compactMap { $0["expr"]?.stringValue }
        return expressions.map { $0.replacing("$endpoint", with: ".*").replacing("$monitor", with: ".*") }
    }

    /// The families that an expression asks, without what Prometheus adds to names of histograms.
    private static func families(in text: String) -> Set<String> {
        Set(text.matches(of: /martlet_[a-z_]+/).map { String($0.0).replacing(/_(bucket|sum|count)$/, with: "") })
    }

    /// Those that a machine without a GPU, a disk that does not fill, and a monitor without limits do not have.
    private static let absent: Set<String> = ["martlet_gpu_memory_bytes", "martlet_disk_full_days"]

    /// A model in a Python worker that is served and watched, with prices.
    private static func fill(_ server: RunningServer) async throws {
        let models = try await TrainedModels.get()
        try await server.register(models.path("pipeline"), as: "pipeline")
        try await server.serve("pipeline", spec: "{ variants: [{ name: main, model: \"models:/pipeline/1\" }] }")
        let now = WallClock.system.now
        let manifest = """
            apiVersion: martlet/v1
            kind: Monitor
            metadata: { name: pipeline }
            spec:
              endpoint: pipeline
              reference: { from: "\(now.iso8601)", to: "\((now + .seconds(600)).iso8601)" }
              window: { rows: 50 }
              cost: { cpu_hour: 0.04, gb_hour: 0.005, maximum_per_thousand: 1000 }
            """
        let applied = try await server.client.send(.POST, "/api/v1/apply", body: manifest, type: "application/yaml")
        try #require(applied.status == 200, "\(applied.text)")
        let (columns, rows, _) = try models.expectation("pipeline")
        let names = JSON.strings(columns ?? [])
        let body: JSON = ["dataframe_split": ["columns": names, "data": .array(rows.map(JSON.array))]]
        // What comes within a second of a manifest may be counted by the one before.
        while try await server.client.get("/api/v1/monitors/pipeline").json["last_window"] ?? .null == .null {
            let answer = try await server.client.post("/endpoints/pipeline/invocations", json: body)
            try #require(answer.status == 200, "\(answer.text)")
            try Task.checkCancellation()
        }
    }

    @Test func aRealPrometheusScrapesAndFindsAllThatTheDashboardAsks() async throws {
        let folder = try TemporaryFolder()
        try await RunningServer.run(data: folder.path("data")) { server in
            try await Self.fill(server)
            let metrics = try await server.client.get("/metrics").text
            let known = Set(metrics.matches(of: /# TYPE (\S+)/).map { String($0.1) })
            let asked = try Self.dashboardExpressions()
            #expect(asked.count > 25)
            let rules = try Self.text("prometheus/rules.yml")
            for expression in asked + [rules] {
                let unknown = Self.families(in: expression).subtracting(known).subtracting(Self.absent)
                #expect(unknown.isEmpty, "\(expression.prefix(200))")
            }

            let configuration = try Self.text("prometheus/prometheus.yml")
                .replacing("127.0.0.1:8080", with: server.url.replacing("http://", with: ""))
                .replacing("interval: 15s", with: "interval: 1s")
            try Data(rules.utf8).write(to: URL(filePath: folder.path("rules.yml")))
            try await DebianServer.prometheus(configuration: configuration, in: folder) { prometheus in
                let rows = try await Self.value(of: "sum(martlet_prediction_rows_total)", in: prometheus)
                #expect(rows.flatMap { Double($0) } ?? 0 > 1)
                let target = try await prometheus.get("/api/v1/targets").json["data"]?["activeTargets"]?.arrayValue?
                    .first
                #expect(target?["health"] == "up", "\(target?.text ?? "")")
                for expression in asked {
                    let answer = try await Self.query(expression, in: prometheus)
                    #expect(answer["status"] == "success", "\(expression): \(answer.text)")
                }
                let blind = try await Self.value(of: #"martlet_monitor_blind{monitor="pipeline"}"#, in: prometheus)
                #expect(blind == "0")
                let groups = try await prometheus.get("/api/v1/rules").json["data"]?["groups"]?.arrayValue ?? []
                #expect(groups.count == 2)
            }
        }
    }

    private static func query(_ expression: String, in prometheus: LiveServer) async throws -> JSON {
        let escaped = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return try await prometheus.get("/api/v1/query?query=\(escaped)").json
    }

    /// The value of an expression, once it has one.
    private static func value(of expression: String, in prometheus: LiveServer) async throws -> String? {
        while true {
            let result = try await query(expression, in: prometheus)["data"]?["result"]?.arrayValue ?? []
            if let first = result.first { return first["value"]?.arrayValue?.last?.stringValue }
            try Task.checkCancellation()
        }
    }
}
