package import ArgumentParser
import Console
import Wire

/// `martlet runs`
package struct RunCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Search runs and look at them.",
        discussion: """
            Examples:
              martlet runs list churn --filter "metrics.auc > 0.9" --order-by "metrics.auc DESC"
              martlet runs list churn --filter "params.model IN ('tree', 'forest') AND NOT best(metrics.loss) > 0.2"
              martlet runs get 3f2c…
            """, subcommands: [List.self, Get.self])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the runs of an experiment, latest first.")

        @Argument(help: "The experiment's name.")
        var experiment: String

        @Option(
            help: ArgumentHelp(
                "Only those that fit, such as \"metrics.auc > 0.9\"; AND, OR, NOT, IN, BETWEEN and best(…) work too.",
                valueName: "filter"))
        var filter: String?

        @Option(
            help: ArgumentHelp(
                "What to sort by, such as \"metrics.auc DESC\" or \"best(metrics.loss)\".", valueName: "order"))
        var orderBy: String?

        @Option(help: "How many, 1 to 50000.")
        var limit = 50

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let found = try await client.get(
                    "/api/2.0/mlflow/experiments/get-by-name", query: ["experiment_name": experiment])
                let id = found["experiment"]?["experiment_id"] ?? .null
                let answer = try await client.post(
                    "/api/2.0/mlflow/runs/search",
                    .compact([
                        "experiment_ids": [id], "filter": filter.map(JSON.string),
                        "order_by": orderBy.map { [.string($0)] }, "max_results": .integer(Int64(limit)),
                    ]))
                return Output(answer, table: Self.table(answer["runs"]?.arrayValue ?? []))
            }
        }

        private static func table(_ runs: [JSON]) -> Table {
            var keys: [String] = []
            for run in runs {
                for metric in run["data"]?["metrics"]?.arrayValue ?? [] {
                    let key = metric["key"].cell
                    if !keys.contains(key), keys.count < 6 { keys.append(key) }
                }
            }
            let rows = runs.map { run in
                let info = run["info"]
                let metrics = run["data"]?["metrics"]?.arrayValue ?? []
                let values = keys.map { key in numberCell(metrics.first { $0["key"].cell == key }?["value"]) }
                return [
                    info?["run_id"].cell ?? "–", info?["run_name"].cell ?? "–", info?["status"].cell ?? "–",
                    timeCell(info?["start_time"]),
                ] + values
            }
            return Table(columns: ["run", "name", "state", "started"] + keys, rows: rows, empty: "No runs.")
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one run.")

        @Argument(help: "The run's id.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get("/api/2.0/mlflow/runs/get", query: ["run_id": id])
                let info = answer["run"]?["info"]
                let data = answer["run"]?["data"]
                var lines = [
                    "\(info?["run_name"].cell ?? id) is \(info?["status"].cell ?? "–")",
                    "started \(timeCell(info?["start_time"])), ended \(timeCell(info?["end_time"]))",
                ]
                for (title, list) in [("metrics", "metrics"), ("params", "params")] {
                    let values = data?[list]?.arrayValue ?? []
                    if !values.isEmpty { lines.append("\(title):") }
                    lines += values.map { "  \($0["key"].cell) = \($0["value"].cell)" }
                }
                lines.append("look at it:  \(client.url)/runs/\(id)")
                return Output(answer, lines: lines)
            }
        }
    }
}
