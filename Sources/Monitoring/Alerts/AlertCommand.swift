package import ArgumentParser
import Console
import Wire

/// `martlet alerts`
package struct AlertCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "See which drift lasted, and what was done about it.",
        discussion: """
            Examples:
              martlet alerts list --state open
              martlet alerts get a-019a…
            """, subcommands: [List.self, Get.self])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show alerts, newest first.")

        @Option(help: "Only those that are open, or closed.")
        var state: String?

        @Option(help: "Only those of this monitor.")
        var monitor: String?

        @Option(help: "How many, 1 to 1000.")
        var limit = 100

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/v1/alerts", query: ["state": state, "monitor": monitor, "limit": String(limit)])
                let rows = (answer["alerts"]?.arrayValue ?? []).map { alert in
                    [
                        alert["alert_id"].cell, alert["monitor"].cell, alert["state"].cell,
                        timeCell(alert["opened"]), timeCell(alert["closed"]),
                        (alert["columns"]?.arrayValue ?? []).map { $0["name"].cell }.joined(separator: ", "),
                        alert["trigger"]?["state"].cell ?? "–",
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["alert", "monitor", "state", "opened", "closed", "columns", "command"], rows: rows,
                        empty: "No alerts."))
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show an alert's evidence.")

        @Argument(help: "The alert's id.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let alert = try await client.get("/api/v1/alerts/\(APIClient.escaped(id))")
                return Output(alert, table: verdictTable(alert["columns"], empty: "No columns."))
            }
        }
    }
}
