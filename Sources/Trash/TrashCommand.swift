package import ArgumentParser
import Console
import Tracking
import Wire

/// `martlet trash`
package struct TrashCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "trash", abstract: "Look at what was deleted, take it back, or purge it for good.",
        discussion: """
            Kinds are experiment, run, logged-model, model (registered) and version (NAME/VERSION).

            Examples:
              martlet trash list --kind run
              martlet trash restore model 4 --name churn-2025
              martlet trash purge --older-than 30d --dry-run
            """, subcommands: [List.self, Restore.self, Purge.self])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what is in the trash, last deleted first.")

        @Option(help: "Only this kind.")
        var kind: String?

        @Option(help: "How many, 1 to 1000.")
        var limit = 100

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get("/api/v1/trash", query: ["kind": kind, "limit": String(limit)])
                let rows = (answer["items"]?.arrayValue ?? []).map { item in
                    [
                        item["kind"].cell, item["id"].cell, item["name"].cell, timeCell(item["deleted_at"]),
                        TrashCommand.remark(item),
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["kind", "id", "name", "deleted", "with"], rows: rows, empty: "The trash is empty."))
            }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take something out of the trash.",
            discussion: "An experiment comes back with all its runs, a registered model with its versions and aliases.")

        @Argument(help: "The kind, as 'martlet trash list' says it.")
        var kind: String

        @Argument(help: "The id, as 'martlet trash list' says it.")
        var id: String

        @Option(help: "For a registered model: what it is called from now on, when its name was taken meanwhile.")
        var name: String?

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.post(
                    "/api/v1/trash/restore",
                    .compact(["kind": .string(kind), "id": .string(id), "name": name.map(JSON.string)]))
                return Output(answer, lines: ["The \(kind) \(id) is back."])
            }
        }
    }

    /// What else there is to say of an item of the list.
    static func remark(_ item: JSON) -> String {
        if let experiment = item["experiment_id"]?.stringValue { return "of experiment \(experiment)" }
        guard let contents = item["contents"]?.integerValue else { return "–" }
        return item["kind"] == "experiment" ? "\(contents) runs" : "\(contents) versions"
    }
}
