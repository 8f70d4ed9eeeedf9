package import ArgumentParser
import Console
import Wire

/// `martlet audit`
package struct AuditCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read and verify the log of everything that changed.",
        discussion: """
            Examples:
              martlet audit list --subject models/churn
              martlet audit verify
            """, subcommands: [List.self, Verify.self])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show events, oldest first.")

        @Option(help: "Only events after this number.")
        var after = 0

        @Option(help: "Only events of this subject, such as runs/4f2a… or models/churn.")
        var subject: String?

        @Option(help: "How many, 1 to 1000.")
        var limit = 100

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/v1/audit/events",
                    query: ["after": String(after), "subject": subject, "limit": String(limit)])
                let rows = (answer["events"]?.arrayValue ?? []).map { event in
                    [
                        event["sequence"].cell, timeCell(event["time"]), event["actor"].cell, event["kind"].cell,
                        event["subject"].cell,
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["number", "time", "actor", "kind", "subject"], rows: rows, empty: "No events."))
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Walk the hash chain; exit with 6 at the first broken link.")

        @OptionGroup var server: ServerOptions

        func run() async throws {
            var verdict: JSON = .null
            try await server.run { client in
                verdict = try await client.get("/api/v1/audit/verify")
                let isIntact = verdict["ok"]?.boolValue == true
                return Output(
                    verdict,
                    lines: isIntact ? ["The chain of \(verdict["events"].cell) events is intact."] : [])
            }
            guard verdict["ok"]?.boolValue == true else {
                throw ConsoleError(
                    .checkFailed,
                    "The chain is broken at event \(verdict["broken_at"].cell): \(verdict["reason"].cell).",
                    hint:
                        "Compare with a backup: 'martlet audit list --after N --json' prints the events from there on.")
            }
        }
    }
}
