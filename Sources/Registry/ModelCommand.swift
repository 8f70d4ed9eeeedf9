package import ArgumentParser
import Console
import Wire

/// `martlet models`
package struct ModelCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Look at registered models and their versions.",
        discussion: """
            Examples:
              martlet models list
              martlet models get churn
            """, subcommands: [List.self, Get.self])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show registered models.")

        @Option(help: ArgumentHelp("Only those that fit, such as \"name LIKE 'churn%'\".", valueName: "filter"))
        var filter: String?

        @Option(help: "How many, 1 to 1000.")
        var limit = 100

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/2.0/mlflow/registered-models/search",
                    query: ["filter": filter, "max_results": String(limit)])
                let rows = (answer["registered_models"]?.arrayValue ?? []).map { model in
                    let aliases = (model["aliases"]?.arrayValue ?? []).map {
                        "\($0["alias"].cell) → \($0["version"].cell)"
                    }
                    return [
                        model["name"].cell, aliases.isEmpty ? "–" : aliases.joined(separator: ", "),
                        timeCell(model["last_updated_timestamp"]), model["description"].cell,
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["name", "aliases", "changed", "description"], rows: rows,
                        empty: "No registered models. mlflow's log_model(…, registered_model_name=\"NAME\") makes one.")
                )
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a model's versions, newest first.")

        @Argument(help: "The model's name.")
        var name: String

        @Option(help: "How many versions, 1 to 200000.")
        var limit = 100

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let model = try await client.get("/api/2.0/mlflow/registered-models/get", query: ["name": name])
                let aliases = model["registered_model"]?["aliases"]?.arrayValue ?? []
                let quoted = name.replacing("'", with: "''")
                let found = try await client.get(
                    "/api/2.0/mlflow/model-versions/search",
                    query: [
                        "filter": "name = '\(quoted)'", "order_by": "version_number DESC", "max_results": String(limit),
                    ])
                let versions = found["model_versions"]?.arrayValue ?? []
                let rows = versions.map { version in
                    let names = aliases.filter { $0["version"].cell == version["version"].cell }.map {
                        $0["alias"].cell
                    }
                    return [
                        version["version"].cell, names.isEmpty ? "–" : names.joined(separator: ", "),
                        timeCell(version["creation_timestamp"]), version["run_id"].cell, version["source"].cell,
                    ]
                }
                return Output(
                    .compact(["registered_model": model["registered_model"], "model_versions": .array(versions)]),
                    table: Table(
                        columns: ["version", "aliases", "created", "run", "source"], rows: rows, empty: "No versions."))
            }
        }
    }
}
