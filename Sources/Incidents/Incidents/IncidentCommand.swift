package import ArgumentParser
import Console
import Wire

/// `martlet incidents`
package struct IncidentCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "incidents", abstract: "See what went wrong, what changed before it, and say what came of it.",
        discussion: """
            Examples:
              martlet incidents list --state open
              martlet incidents get i-019a…
              martlet incidents acknowledge i-019a…
              martlet incidents resolve i-019a… --cause data_change --words "a new lab"
              martlet incidents silence i-019a… --hours 8
              martlet incidents report --days 7
            """,
        subcommands: [
            List.self, Get.self, Acknowledge.self, Assign.self, Comment.self, Resolve.self, Reopen.self, Silence.self,
            Report.self,
        ])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show incidents, newest first.")

        @Option(help: "Only those that are 'open', or 'resolved'.")
        var state: String?

        @Option(help: "Only those of this endpoint.")
        var endpoint: String?

        @Option(help: "How many, 1 to 1000.")
        var limit = 100

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/v1/incidents", query: ["state": state, "endpoint": endpoint, "limit": String(limit)])
                let rows = (answer["incidents"]?.arrayValue ?? []).map { incident in
                    [
                        incident["incident_id"].cell, incident["title"].cell, incident["state"].cell,
                        incident["severity"].cell, incident["owner"].cell, timeCell(incident["opened"]),
                        timeCell(incident["resolved"]), incident["cause"].cell,
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["incident", "title", "state", "severity", "owner", "opened", "resolved", "cause"],
                        rows: rows, empty: "No incidents. The first alert of an endpoint opens one."))
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what changed before an incident, and its time line.")

        @Argument(help: "The incident's id.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let incident = try await client.get("/api/v1/incidents/\(APIClient.escaped(id))")
                return Output(incident, lines: Self.lines(incident))
            }
        }

        private static func lines(_ incident: JSON) -> [String] {
            var lines = [headLine(incident)]
            let suspects = incident["changed_before"]?.arrayValue ?? []
            if !suspects.isEmpty { lines += ["", "Changed shortly before:"] }
            lines += suspects.map { "  \($0["sentence"].cell)" }
            lines += ["", "Time line:"]
            for entry in incident["time_line"]?.arrayValue ?? [] {
                lines.append("  \(timeCell(entry["time"]))  \(entry["words"].cell)")
                lines += (entry["details"]?.arrayValue ?? []).map { "      \($0.cell)" }
            }
            let open = incident["alerts"]?.arrayValue?.first { $0["state"]?.stringValue == "open" }
            return lines + (open.map(adviceLines) ?? [])
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say that you look after an incident.")

        @Argument(help: "The incident's id.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.act("acknowledge", on: id, [:])
        }
    }

    struct Assign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give an incident to somebody.")

        @Argument(help: "The incident's id.")
        var id: String

        @Option(help: "Who is to look after it.")
        var to: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.act("assign", on: id, ["owner": .string(to)])
        }
    }

    struct Comment: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put words on an incident's time line.")

        @Argument(help: "The incident's id.")
        var id: String

        @Argument(help: "The words.")
        var words: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.act("comment", on: id, ["words": .string(words)])
        }
    }

    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End an incident, and say what it was.")

        @Argument(help: "The incident's id.")
        var id: String

        @Option(
            help: ArgumentHelp(
                "What it was: \(Incidents.Cause.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "cause")
        )
        var cause: String

        @Option(help: "More about it.")
        var words: String?

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let body: JSON = .compact(["cause": .string(cause), "words": words.map(JSON.string)])
            try await server.act("resolve", on: id, body)
        }
    }

    struct Reopen: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Open an incident again.")

        @Argument(help: "The incident's id.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.act("reopen", on: id, [:])
        }
    }

    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how soon people came, how soon it was over, and which monitors cried wolf.")

        @Option(help: "Over so many days, 1 to 3660.")
        var days = 30

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let report = try await client.get("/api/v1/incidents/report", query: ["days": String(days)])
                let rows = (report["monitors"]?.arrayValue ?? []).map { line in
                    [
                        line["monitor"].cell, line["family"].cell, line["alerts"].cell, line["without_action"].cell,
                        line["false_alarms"].cell, line["silenced"].cell, line["flaps"].cell,
                    ]
                }
                let table = Table(
                    columns: [
                        "monitor", "family", "alerts", "without action", "false alarms", "silenced", "began again",
                    ], rows: rows, empty: "No alert was opened.")
                let lines = Self.summary(report) + [""] + table.text.split(separator: "\n").map(String.init)
                return Output(report, lines: lines)
            }
        }

        private static func summary(_ report: JSON) -> [String] {
            let noise = report["noise"]?.doubleValue.map { "\(Int((100 * $0).rounded())) %" } ?? "–"
            return [
                "incidents: \(report["incidents"].cell), \(report["open_incidents"].cell) of them still open",
                "mean time to acknowledge \(minutes(report["mtta_ms"])), to resolve \(minutes(report["mttr_ms"]))",
                "alerts without action: \(noise)",
            ]
        }

        private static func minutes(_ milliseconds: JSON?) -> String {
            milliseconds?.doubleValue.map { "\(numberCell(.double($0 / 60_000), digits: 3)) min" } ?? "–"
        }
    }
}

extension ServerOptions {
    /// Does something about an incident and says how it stands then.
    fileprivate func act(_ action: String, on id: String, _ body: JSON) async throws {
        try await run { client in
            let incident = try await client.post("/api/v1/incidents/\(APIClient.escaped(id))/\(action)", body)
            let owner = incident["owner"]?.stringValue.map { ", owner \($0)" } ?? ""
            return Output(incident, lines: ["\(incident["title"].cell): \(incident["state"].cell)\(owner)."])
        }
    }
}
