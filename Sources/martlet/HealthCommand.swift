import ArgumentParser
import Console
import Wire

/// `martlet health`
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask a server whether it is well; exit with 7 when it does not answer.",
        discussion: """
            Examples:
              martlet health
              martlet health --server http://127.0.0.1:9000
            """)

    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await server.run { client in
            _ = try await client.get("/health")
            let details = try await client.get("/api/v1/server")
            return Output(
                details, lines: ["\(client.url) is well: martlet \(details["version"].cell)."])
        }
    }
}
