package import ArgumentParser
import Console
import Wire

/// `martlet experiments`
package struct ExperimentCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "experiments", abstract: "Look at experiments.",
        discussion: """
            Examples:
              martlet experiments list
              martlet experiments get churn
            """, subcommands: [List.self, Get.self])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show experiments, newest first.")

        @Option(help: ArgumentHelp("Only those that fit, such as \"name LIKE 'churn%'\".", valueName: "filter"))
        var filter: String?

        @Option(help: "How many, 1 to 50000.")
        var limit = 100

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.post(
                    "/api/2.0/mlflow/experiments/search",
                    .compact(["filter": filter.map(JSON.string), "max_results": .integer(Int64(limit))]))
                let rows = (answer["experiments"]?.arrayValue ?? []).map { experiment in
                    [
                        experiment["experiment_id"].cell, experiment["name"].cell,
                        timeCell(experiment["creation_time"]), experiment["artifact_location"].cell,
                    ]
                }
                return Output(
                    answer,
                    table: Table(columns: ["id", "name", "created", "artifacts"], rows: rows, empty: "No experiments."))
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one experiment.")

        @Argument(help: "The experiment's name.")
        var name: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/2.0/mlflow/experiments/get-by-name", query: ["experiment_name": name])
                let experiment = answer["experiment"]
                let lines = [
                    "\(experiment?["name"].cell ?? name), experiment \(experiment?["experiment_id"].cell ?? "–")",
                    "created \(timeCell(experiment?["creation_time"]))",
                    "artifacts in \(experiment?["artifact_location"].cell ?? "–")",
                    "look at it:  \(client.url)/experiments/\(experiment?["experiment_id"].cell ?? "")",
                ]
                return Output(answer, lines: lines)
            }
        }
    }
}
