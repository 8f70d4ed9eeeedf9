package import ArgumentParser
import Console
import Wire

/// `martlet monitors`
package struct MonitorCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "monitors", abstract: "See what monitors see.",
        discussion: """
            Every endpoint has a monitor of its name from its first request on.

            Examples:
              martlet monitors list
              martlet monitors get churn
              martlet monitors drift churn --family quality
              martlet monitors performance churn
              martlet monitors cost churn
              martlet monitors reference churn --file rows.parquet
              martlet get monitors churn
            """,
        subcommands: [
            List.self, Get.self, Windows.self, Drift.self, Performance.self, Slices.self, Cost.self, Reference.self,
            Delete.self,
        ])

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
                        empty: "No monitors. Every endpoint gets one by itself: 'martlet apply -f endpoint.yaml'."))
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
                let empty = monitor["message"]?.stringValue ?? Self.nothing(monitor)
                return Output(
                    monitor, table: verdictTable(monitor["last_window"]?["columns"], empty: empty))
            }
        }

        /// Why there is no column to show.
        private static func nothing(_ monitor: JSON) -> String {
            guard let last = monitor["last_window"]?["number"]?.integerValue else {
                return
                    "No window is complete yet; one holds \(length(monitor["window"])). It counts what comes from now on."
            }
            return "No column of window \(last) could be compared. "
                + "'martlet monitors drift \(monitor["name"].cell)' says what was found in it."
        }

        private static func length(_ window: JSON?) -> String {
            window?["rows"]?.integerValue.map { "\($0) rows" }
                ?? window?["minutes"]?.integerValue.map { "\($0) minutes" } ?? "some rows"
        }
    }

    struct Windows: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a monitor's windows, oldest first.")

        @Argument(help: "The monitor's name.")
        var name: String

        @Option(help: "How many of the newest, 1 to 1000.")
        var limit = 50

        @Option(help: "Those of the monitor (window), or the hours or days that they are merged into (hour, day).")
        var length = "window"

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/v1/monitors/\(APIClient.escaped(name))/windows",
                    query: ["limit": String(limit), "length": length])
                let rows = (answer["windows"]?.arrayValue ?? []).map { window in
                    [
                        window["number"].cell, timeCell(window["start"]), timeCell(window["end"]),
                        Self.version(window), window["rows"].cell,
                        Self.state(window), Self.verdict(window),
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["window", "from", "to", "version", "rows", "state", "out of limits"], rows: rows,
                        empty: length == "window"
                            ? "No window is complete yet."
                            : "No \(length) is complete yet. 'merged: [\(length)]' in the manifest asks for them."))
            }
        }

        /// Which version answered; in stretches of the clock calls are counted, of all versions.
        private static func version(_ window: JSON) -> String {
            guard let model = window["model"]?.stringValue, !model.isEmpty else { return "all calls" }
            return "\(model)/\(window["version"].cell)"
        }

        /// Whether labels may still change it, and what has.
        private static func state(_ window: JSON) -> String {
            let state = window["provisional"]?.boolValue == true ? "provisional" : "final"
            guard let changes = window["changes"]?.stringValue, !changes.isEmpty else { return state }
            return "\(state), \(changes)"
        }

        /// What was bad, each once.
        private static func verdict(_ window: JSON) -> String {
            guard window["judged"]?.boolValue == true else { return "too few rows to judge" }
            var seen: Set<String> = []
            let bad = (window["findings"]?.arrayValue ?? []).filter { $0["verdict"]?.stringValue == "bad" }
                .map { $0["subject"]?.stringValue ?? $0["code"].cell }
                .filter { seen.insert($0).inserted }
            return bad.isEmpty ? "nothing" : bad.joined(separator: ", ")
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
