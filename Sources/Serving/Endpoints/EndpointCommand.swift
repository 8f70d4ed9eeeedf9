package import ArgumentParser
import Console
import Wire

/// `martlet endpoints`
package struct EndpointCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "endpoints", abstract: "Look at what is served.",
        discussion: """
            Endpoints are declared with 'martlet apply -f FILE'.

            Examples:
              martlet endpoints list
              martlet endpoints get breast-cancer --json
              martlet endpoints rollouts breast-cancer
              martlet endpoints rollback breast-cancer --reason "wrong units"
              martlet endpoints printed breast-cancer
              martlet endpoints delete breast-cancer
            """,
        subcommands: [
            List.self, Get.self, RolloutCommand.List.self, RolloutCommand.Promote.self, RolloutCommand.RollBack.self,
            RolloutCommand.Retry.self, Printed.self, Delete.self,
        ])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all endpoints.")

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get("/api/v1/endpoints")
                // A line for each variant.
                let rows = (answer["endpoints"]?.arrayValue ?? []).flatMap { endpoint in
                    let variants = endpoint["variants"]?.arrayValue ?? []
                    return (variants.isEmpty ? [.null] : variants).map { variant in
                        [
                            endpoint["name"].cell, endpoint["state"].cell, variant["name"].cell,
                            variant["weight"].cell, variant.servedVersion, variant["runtime"].cell,
                            endpoint["team"].cell, (variant["message"] ?? endpoint["message"]).cell,
                        ]
                    }
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["name", "state", "variant", "weight", "version", "runtime", "team", "message"],
                        rows: rows,
                        empty: "No endpoint is declared. Apply one with 'martlet apply -f FILE'."))
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one endpoint and its last hour.")

        @Argument(help: "The endpoint's name.")
        var name: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let endpoint = try await client.get("/api/v1/endpoints/\(APIClient.escaped(name))")
                var lines = ["\(endpoint["name"].cell) is \(endpoint["state"].cell)"]
                if let message = endpoint["message"]?.stringValue { lines.append(message) }
                for variant in endpoint["variants"]?.arrayValue ?? [] {
                    lines.append(
                        "  \(variant["name"].cell), \(variant["weight"].cell) %: \(variant.servedVersion), run by "
                            + "\(variant["runtime"].cell)\(variant.workers)")
                    if let candidate = variant["candidate"] {
                        lines.append("    \(candidate.servedVersion) gets \(candidate["percent"].cell) % of it")
                    }
                }
                if let traffic = endpoint["traffic"] {
                    lines.append(
                        "last hour: \(traffic["calls"].cell) calls, \(traffic["refused"].cell) refused, "
                            + "\(traffic["failed"].cell) failed, p50 \(microseconds(traffic["p50_us"])), "
                            + "p95 \(microseconds(traffic["p95_us"]))")
                }
                lines.append("ask it:  curl \(client.url)/endpoints/\(name)/invocations \\")
                lines.append(#"  -H 'Content-Type: application/json' -d '{"dataframe_records": [{…}]}'"#)
                return Output(endpoint, lines: lines)
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop serving; requests under way are answered. Logged predictions stay.")

        @Argument(help: "The endpoint's name.")
        var name: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.delete("/api/v1/endpoints/\(APIClient.escaped(name))")
                return Output(answer, lines: ["\(name) is no longer served."])
            }
        }
    }
}

/// A latency with its unit; a dash where nothing was answered.
private func microseconds(_ value: JSON?) -> String {
    value?.doubleValue == nil ? "–" : "\(value.cell) µs"
}

extension JSON {
    /// Such as `churn/3`; a dash where nothing is deployed.
    fileprivate var servedVersion: String {
        self["model"] == nil ? "–" : "\(self["model"].cell)/\(self["version"].cell)"
    }

    /// The processes of a variant, where there are any.
    fileprivate var workers: String {
        guard let workers = self["workers"] else { return "" }
        let restarts = workers["restarts"] == 0 ? "" : ", restarted \(workers["restarts"].cell) times"
        return " in \(workers["ready"].cell) of \(workers["wanted"].cell) processes\(restarts)"
    }
}
