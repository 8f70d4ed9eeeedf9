package import ArgumentParser
import Console
import Wire

/// `martlet get`
package struct GetCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show applied manifests.",
        discussion: """
            Examples:
              martlet get endpoints
              martlet get monitors churn --json
            """)

    @Argument(help: "The kind: endpoints, monitors or channels.")
    var kind: String

    @Argument(help: "The name; all of the kind when left out.")
    var name: String?

    @OptionGroup var server: ServerOptions

    package init() {}

    package func run() async throws {
        try await server.run { client in
            let path = "/api/v1/manifests/\(APIClient.escaped(kind))"
            if let name {
                let manifest = try await client.get("\(path)/\(APIClient.escaped(name))")
                return Output(manifest, lines: [manifest.prettyText])
            }
            let answer = try await client.get(path)
            let rows = (answer["manifests"]?.arrayValue ?? []).map { manifest in
                [
                    manifest["kind"].cell, manifest["metadata"]?["name"].cell ?? "–",
                    manifest["metadata"]?["team"].cell ?? "–",
                ]
            }
            return Output(
                answer,
                table: Table(
                    columns: ["kind", "name", "team"], rows: rows,
                    empty: "There are no \(kind). Apply one with 'martlet apply -f FILE'."))
        }
    }
}
