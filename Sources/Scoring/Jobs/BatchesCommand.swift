package import ArgumentParser
import Console
import Wire

/// `martlet batches`
package struct BatchesCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "batches", abstract: "Look at the batches that the server scores, and cancel them.",
        discussion: """
            Batches are begun with 'martlet batch --on-server'.

            Examples:
              martlet batches list --state running
              martlet batches get b-0193…
              martlet batches cancel b-0193…
            """, subcommands: [List.self, Get.self, Cancel.self])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show batches, newest first.")

        @Option(help: "Only these: queued, running, done, failed or canceled.")
        var state: String?

        @Option(help: "How many, 1 to 1000.")
        var limit = 100

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get("/api/v1/batches", query: ["state": state, "limit": String(limit)])
                let rows = (answer["batches"]?.arrayValue ?? []).map { batch in
                    [
                        batch["batch_id"].cell, batch["state"].cell, batch["model"].cell, batch["rows"].cell,
                        batch["failed_rows"].cell, timeCell(batch["created"]), batch["output"].cell,
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["id", "state", "model", "rows", "refused", "created", "output"], rows: rows,
                        empty: "No batch. Begin one with 'martlet batch --on-server'."))
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one batch and how far it is.")

        @Argument(help: "The batch's id.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let batch = try await client.get("/api/v1/batches/\(APIClient.escaped(id))")
                return Output(batch, lines: BatchesCommand.lines(batch))
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a batch; it leaves no output.")

        @Argument(help: "The batch's id.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let batch = try await client.post("/api/v1/batches/\(APIClient.escaped(id))/cancel", [:])
                return Output(batch, lines: ["The batch \(id) is canceled."])
            }
        }
    }

    /// What there is to say of a batch.
    static func lines(_ batch: JSON) -> [String] {
        let total = batch["total_rows"].map { " of \($0.cell)" } ?? ""
        var lines = ["\(batch["batch_id"].cell) is \(batch["state"].cell): \(batch["rows"].cell)\(total) rows"]
        if let message = batch["message"]?.stringValue { lines.append(message) }
        lines.append("  model   \(batch["version"]?.stringValue ?? batch["model"].cell)")
        lines.append("  input   \(batch["input"].cell)")
        lines.append("  output  \(batch["output"].cell)")
        if let failed = batch["failed_rows"]?.integerValue, failed > 0 {
            lines.append("  \(failed) rows were refused; \(batch["failed_output"].cell) says why")
        }
        return lines
    }
}
