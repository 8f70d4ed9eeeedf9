package import ArgumentParser

/// The options of every command that talks to a server.
package struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server's address.",
            discussion:
                "Also MARTLET_URL, MLFLOW_TRACKING_URI or 'url' in martlet.yaml; http://127.0.0.1:8080 otherwise.",
            valueName: "url"))
    package var server: String?

    @Option(help: "The server's token; also MARTLET_TOKEN or MLFLOW_TRACKING_TOKEN.")
    package var token: String?

    @Flag(help: "Print JSON, which is stable for scripts.")
    package var json = false

    package init() {}

    /// Runs `body` with a client of the server and prints what it returns.
    package func run(_ body: (APIClient) async throws -> Output) async throws {
        let settings = try await Settings.load()
        let client = APIClient(url: server ?? settings.serverURL, token: token ?? settings.clientToken)
        let output = try await body(client)
        print(output.text(asJSON: json), terminator: "")
    }
}
