package import ArgumentParser
import Console
import Wire

/// `martlet channels`
package struct ChannelCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "channels", abstract: "See where incidents are told, and whether that works.",
        discussion: """
            Examples:
              martlet apply -f channel.yaml
              martlet channels list
              martlet channels test team-slack
            """, subcommands: [List.self, Test.self, Delete.self])

    package init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all channels with what came of them last.")

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get("/api/v1/channels")
                let rows = (answer["channels"]?.arrayValue ?? []).map { channel in
                    [
                        channel["name"].cell, channel["kind"].cell, timeCell(channel["told"]),
                        timeCell(channel["failed"]), channel["failure"].cell,
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["name", "kind", "told", "failed", "failure"], rows: rows,
                        empty:
                            "No channels: nobody is told of incidents. Apply one with 'martlet apply -f channel.yaml'.")
                )
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send an example to a channel; exit with 6 when it does not arrive.")

        @Argument(help: "The channel's name.")
        var name: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            var result: JSON = .null
            try await server.run { client in
                result = try await client.post("/api/v1/channels/\(APIClient.escaped(name))/test", [:])
                let works = result["success"]?.boolValue == true
                return Output(result, lines: works ? ["Channel \(name) took the example."] : [])
            }
            guard result["success"]?.boolValue == true else {
                throw ConsoleError(.checkFailed, "Channel \(name) does not work: \(result["failure"].cell)")
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a channel.")

        @Argument(help: "The channel's name.")
        var name: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.delete("/api/v1/channels/\(APIClient.escaped(name))")
                return Output(answer, lines: ["Channel \(name) is deleted."])
            }
        }
    }
}
