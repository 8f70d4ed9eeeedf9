import Foundation
import TestSupport
import Testing
import Wire

/// `docs/reference/mlflow-compatibility.md` is made from what a server answers to; `UPDATE_DOCS=1 make test` rewrites it.
@Suite struct CompatibilityTests {
    private struct Endpoint {
        let use: String
        let method: String
        let path: String

        /// Names of components differ, their places do not.
        var shape: String { "\(method) \(path.replacing(/\{[^}]*\}/, with: "{}"))" }
    }

    @Test func theTableSaysWhatTheServerAnswers() async throws {
        let folder = try TemporaryFolder()
        let (answered, _) = try await RunningServer.run(data: folder.path("data")) { server in
            let routes = try await server.client.get("/api/v1/routes").json["routes"]?.arrayValue ?? []
            return Set(
                routes.map { route in
                    Endpoint(
                        use: "", method: route["method"]?.stringValue ?? "", path: route["path"]?.stringValue ?? ""
                    ).shape
                })
        }
        let endpoints = try Self.endpoints()
        let missing = endpoints.filter { $0.use != "RARE" && !answered.contains($0.shape) }.map(\.shape)
        #expect(missing == [])
        let document = Self.document(endpoints, answered)
        let place = BuiltProgram.package.appending(path: "docs/reference/mlflow-compatibility.md")
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] != nil { try Data(document.utf8).write(to: place) }
        #expect(try String(contentsOf: place, encoding: .utf8) == document, "Run 'UPDATE_DOCS=1 make test'.")
    }

    private static func endpoints() throws -> [Endpoint] {
        let list = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Compatibility/mlflow-endpoints.txt")
        return try String(contentsOf: list, encoding: .utf8).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            return line.hasPrefix("#") ? nil : Endpoint(use: words[0], method: words[1], path: words[2])
        }
    }

    private static func document(_ endpoints: [Endpoint], _ answered: Set<String>) -> String {
        let titles = [
            ("CORE", "What every training script and registry client uses"), ("COMMON", "Normal, but not daily"),
            ("RARE", "Traces, assessments, evaluation datasets, links to a bucket"),
        ]
        let tables = titles.map { use, title in
            let rows = endpoints.filter { $0.use == use }.map { endpoint in
                let state = answered.contains(endpoint.shape) ? "answered" : "not there"
                return "| `\(endpoint.method) \(endpoint.path)` | \(state) |"
            }
            return "## \(title)\n\n| endpoint | state |\n|---|---|\n\(rows.joined(separator: "\n"))"
        }
        let count = endpoints.count { answered.contains($0.shape) }
        return """
            # Compatibility with MLflow

            Made from the routes of the server (`GET /api/v1/routes`); the paths are those of MLflow 3.17. Paths under `/api`
            are answered under `/ajax-api` too. \(count) of the \(endpoints.count) endpoints below are answered.

            Not listed are the families that classical machine learning does not reach (gateway, scorers, review queues, label
            schemas, prompt optimisation, issues, workspaces): they get the error `ENDPOINT_NOT_FOUND`, at which clients fall
            back or say so.

            \(tables.joined(separator: "\n\n"))

            """
    }
}
