package import ArgumentParser
import Console
import Wire

/// `martlet monitors`
package struct MonitorCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "monitors", abstract: "See what monitors see.",
        discussion: """
            Examples:
              martlet apply -f monitor.yaml
              martlet monitors list
              martlet monitors windows churn --limit 10
            """, subcommands: [List.self, Get.self, Windows.self, Delete.self])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all monitors.")

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get("/api/v1/monitors")
                let rows = (answer["monitors"]?.arrayValue ?? []).map { monitor in
                    [
                        monitor["name"].cell, monitor["endpoint"].cell, monitor["state"].cell,
                        monitor["windows"].cell, names(monitor["drifting"]),
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["name", "endpoint", "state", "windows", "drifting"], rows: rows,
                        empty: "No monitors. Apply one with 'martlet apply -f monitor.yaml'."))
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a monitor's last window, column by column.")

        @Argument(help: "The monitor's name.")
        var name: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let monitor = try await client.get("/api/v1/monitors/\(APIClient.escaped(name))")
                let empty = monitor["message"]?.stringValue ?? "No window is complete yet."
                return Output(
                    monitor, table: verdictTable(monitor["last_window"]?["columns"], empty: empty))
            }
        }
    }

    struct Windows: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a monitor's windows, oldest first.")

        @Argument(help: "The monitor's name.")
        var name: String

        @Option(help: "How many of the newest, 1 to 1000.")
        var limit = 50

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/v1/monitors/\(APIClient.escaped(name))/windows", query: ["limit": String(limit)])
                let rows = (answer["windows"]?.arrayValue ?? []).map { window in
                    [
                        window["number"].cell, timeCell(window["start"]), timeCell(window["end"]),
                        "\(window["model"].cell)/\(window["version"].cell)", window["rows"].cell,
                        names(window["drifting"]),
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["number", "from", "to", "version", "rows", "drifting"], rows: rows,
                        empty: "No window is complete yet."))
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a monitor and its windows; its alerts are kept.")

        @Argument(help: "The monitor's name.")
        var name: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.delete("/api/v1/monitors/\(APIClient.escaped(name))")
                return Output(answer, lines: ["Monitor \(name) is deleted."])
            }
        }
    }
}

/// Names as one cell.
func names(_ list: JSON?) -> String {
    let names = (list?.arrayValue ?? []).compactMap(\.stringValue)
    return names.isEmpty ? "–" : names.joined(separator: ", ")
}

/// The verdicts of a window or an alert, largest effect first.
func verdictTable(_ columns: JSON?, empty: String) -> Table {
    let sorted = (columns?.arrayValue ?? []).sorted { a, b in
        (a["effect"]?.doubleValue ?? 0) > (b["effect"]?.doubleValue ?? 0)
    }
    let rows = sorted.map { column in
        [
            column["name"].cell, column["drift"]?.boolValue == true ? "drift" : "–",
            numberCell(column["effect"], digits: 3),
            numberCell(column["p_value"], digits: 2), numberCell(column["adjusted_p_value"], digits: 2),
            column["reference_rows"].cell,
            column["window_rows"].cell,
        ]
    }
    return Table(
        columns: ["column", "verdict", "effect", "p", "adjusted p", "reference rows", "window rows"], rows: rows,
        empty: empty)
}
