import ArgumentParser
import Console
import Wire

extension MonitorCommand {
    struct Performance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how good a monitor's model is, by the labels there are.",
            discussion: "Measures are of all windows shown together.")

        @Argument(help: "The monitor's name.")
        var name: String

        @Option(help: "How many of the newest windows, 1 to 200.")
        var limit = 20

        @Flag(help: "Show the slices of the newest window with labels instead.")
        var slices = false

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/v1/monitors/\(APIClient.escaped(name))/performance", query: ["limit": String(limit)])
                if slices { return Output(answer, table: Self.sliceTable(answer)) }
                let table = Self.measureTable(answer).text.split(separator: "\n").map(String.init)
                return Output(answer, lines: Self.heading(answer) + table)
            }
        }

        /// Which version the measures are of, and on what they stand; nothing before there are any.
        private static func heading(_ answer: JSON) -> [String] {
            guard let labelled = answer["merged"]?["labelled"]?.integerValue, labelled > 0 else { return [] }
            let basis = answer["basis"]?["words"]?.stringValue.map { ", compared with \($0)" } ?? ""
            return ["\(answer["model"].cell)/\(answer["version"].cell), \(labelled) labelled rows\(basis)", ""]
        }

        private static func measureTable(_ answer: JSON) -> Table {
            let rows = (answer["merged"]?["metrics"]?.memberList ?? []).map { metric in
                [
                    metric.key, numberCell(metric.value["value"], digits: 4),
                    numberCell(metric.value["low"], digits: 4), numberCell(metric.value["high"], digits: 4),
                    numberCell(metric.value["expected"], digits: 4),
                ]
            }
            return Table(
                columns: ["measure", "value", "low", "high", "basis"], rows: rows,
                empty: "No label could be read yet. Labels are sent to /api/v1/labels.")
        }

        private static func sliceTable(_ answer: JSON) -> Table {
            // The newest windows still wait for their labels.
            let labelled = answer["windows"]?.arrayValue?.last { $0["labelled"]?.integerValue ?? 0 > 0 }
            let parts = labelled?["parts"]?.arrayValue ?? []
            let rows = parts.flatMap { part in
                (part["metrics"]?.memberList ?? []).map { metric in
                    [
                        part["words"].cell, part["labelled"].cell, metric.key,
                        numberCell(metric.value["value"], digits: 4), numberCell(metric.value["low"], digits: 4),
                        numberCell(metric.value["high"], digits: 4),
                    ]
                }
            }
            return Table(
                columns: ["slice", "labelled", "measure", "value", "low", "high"], rows: rows,
                empty: "No label could be read yet. Labels are sent to /api/v1/labels.")
        }
    }

    struct Slices: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the parts of the rows that stand out, found by search.")

        @Argument(help: "The monitor's name.")
        var name: String

        @Option(help: "How many of the newest windows, 1 to 200.")
        var limit = 5

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/v1/monitors/\(APIClient.escaped(name))/slices", query: ["limit": String(limit)])
                let rows = (answer["windows"]?.arrayValue ?? []).flatMap { window in
                    (window["slices"]?.arrayValue ?? []).map { slice in
                        [
                            window["number"].cell, slice["condition"].cell,
                            slice["kind"]?.stringValue == "loss" ? "higher loss" : "more rows", slice["rows"].cell,
                            numberCell(slice["effect"], digits: 3), numberCell(slice["mean"], digits: 3),
                            numberCell(slice["rest_mean"], digits: 3), numberCell(slice["adjusted_p_value"], digits: 2),
                        ]
                    }
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["window", "where", "what", "rows", "effect", "mean", "elsewhere", "adjusted p"],
                        rows: rows, empty: "No slice stands out in these windows."))
            }
        }
    }
}
