package import ArgumentParser
package import Console
package import Wire

/// `martlet alerts`
package struct AlertCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "See which trouble lasted, and what was done about it.",
        discussion: """
            Examples:
              martlet alerts list --state open
              martlet alerts get a-019a…
              martlet alerts silence --monitor churn --family drift --subject age --hours 8 --words "a new lab"
            """, subcommands: [List.self, Get.self, Silence.self, Silences.self, Unsilence.self])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show alerts, newest first.")

        @Option(help: "Only those in this state.")
        var state: Alert.State?

        @Option(help: "Only those of this monitor.")
        var monitor: String?

        @Option(help: "How many, 1 to 1000.")
        var limit = 100

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/v1/alerts", query: ["state": state?.rawValue, "monitor": monitor, "limit": String(limit)])
                let rows = (answer["alerts"]?.arrayValue ?? []).map { alert in
                    [
                        alert["alert_id"].cell, alert["monitor"].cell, alert["state"].cell,
                        timeCell(alert["opened"]), timeCell(alert["closed"]),
                        alert["title"].cell, alert["severity"].cell,
                        alert["trigger"]?["state"].cell ?? "–",
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["alert", "monitor", "state", "opened", "closed", "about", "severity", "action"],
                        rows: rows,
                        empty: "No alerts. A monitor opens one when trouble lasts; 'martlet monitors list' shows them.")
                )
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show an alert's evidence, and what to do next.")

        @Argument(help: "The alert's id.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let alert = try await client.get("/api/v1/alerts/\(APIClient.escaped(id))")
                return Output(alert, lines: Self.lines(alert))
            }
        }

        private static func lines(_ alert: JSON) -> [String] {
            var lines = [
                headLine(alert), "Monitor: \(alert["monitor"].cell)",
                "Incident: \(alert["incident_id"].cell)", "Runbook: \(alert["runbook"].cell)",
            ]
            if let trigger = alert["trigger"] {
                let code = trigger["exit_code"]?.integerValue.map { ", exit code \($0)" } ?? ""
                lines.append("Action: \(trigger["state"].cell)\(code)")
                lines += (trigger["log"]?.stringValue ?? "").split(separator: "\n").suffix(20).map { "  \($0)" }
            }
            lines.append("")
            lines += findingTable(alert["findings"], empty: "No findings.").text.split(separator: "\n").map(String.init)
            return lines + adviceLines(alert)
        }
    }
}

/// What an alert or an incident is, how it stands and whose it is.
func headLine(_ trouble: JSON) -> String {
    "\(trouble["title"].cell): \(trouble["state"].cell), \(trouble["severity"].cell), "
        + "owner \(trouble["owner"]?.stringValue ?? "nobody")"
}

/// What to do next about an alert, under a heading; nothing for one that is closed.
func adviceLines(_ alert: JSON) -> [String] {
    let advice = alert["advice"]?.arrayValue ?? []
    guard !advice.isEmpty else { return [] }
    return ["", "What to do next:"]
        + advice.flatMap { each in
            ["  \(each["words"].cell)"] + (each["command"]?.stringValue.map { ["      \($0)"] } ?? [])
        }
}

extension Alert.State: ExpressibleByArgument {}
extension Finding.Family: ExpressibleByArgument {}

/// The findings of an alert or a window.
package func findingTable(_ findings: JSON?, empty: String) -> Table {
    let rows = (findings?.arrayValue ?? []).map { finding in
        [
            finding["subject"].cell, finding["code"].cell, finding["verdict"].cell,
            numberCell(finding["value"], digits: 3), numberCell(finding["expected"], digits: 3),
            numberCell(finding["limit"], digits: 3), finding["measure"].cell,
            numberCell(finding["adjusted_p_value"], digits: 2), finding["reference_rows"].cell, finding["rows"].cell,
        ]
    }
    return Table(
        columns: [
            "about", "found", "verdict", "value", "expected", "limit", "measure", "adjusted p", "reference rows",
            "rows",
        ], rows: rows, empty: empty)
}
