import ArgumentParser
import Console
import Wire

extension EndpointCommand {
    /// `martlet endpoints printed`
    struct Printed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what models in Python printed with their requests, newest last.",
            discussion: """
                The server remembers the newest outputs since it was started; its log has all of them.

                Examples:
                  martlet endpoints printed churn
                  martlet endpoints printed churn --request 6f1c0d7a2b9e4c53
                """)

        @Argument(help: "The endpoint's name.")
        var name: String

        @Option(
            help: ArgumentHelp(
                "Only of this request, from the header X-Request-Id of its answer or request_id of its error.",
                valueName: "id"))
        var request: String?

        @Option(help: "Of how many requests, at most 1000.")
        var limit = 20

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                var query = ["limit": String(limit)]
                query["request_id"] = request
                let answer = try await client.get(
                    "/api/v1/endpoints/\(APIClient.escaped(name))/printed", query: query)
                let outputs = (answer["printed"]?.arrayValue ?? []).reversed()
                let lines = outputs.flatMap { output in
                    [Self.heading(output)] + (output["lines"]?.arrayValue ?? []).map { "  \($0.cell)" }
                }
                return Output(answer, lines: lines.isEmpty ? ["Nothing is remembered that was printed."] : lines)
            }
        }

        private static func heading(_ output: JSON) -> String {
            let version = "\(output["variant"].cell) \(output["model"].cell)/\(output["version"].cell)"
            let prediction = output["prediction_id"].map { ", prediction \($0.cell)" } ?? ""
            return "\(timeCell(output["time"]))  \(version)  request \(output["request_id"].cell)\(prediction)"
        }
    }
}
