import ArgumentParser
import Console
import Wire

/// The verbs of `martlet endpoints` about versions that come and go.
enum RolloutCommand {
    struct Options: ParsableArguments {
        @Argument(help: "The endpoint's name.")
        var name: String

        @Option(help: "One of its variants; by default the one that changed last.")
        var variant: String?

        @OptionGroup var server: ServerOptions

        /// Asks for something to be done about the newest rollout.
        func ask(_ verb: String, reason: String? = nil, _ words: @escaping @Sendable (JSON) -> String) async throws {
            let path = "/api/v1/endpoints/\(APIClient.escaped(name))/\(verb)"
            let body = JSON.compact(["variant": variant.map(JSON.string), "reason": reason.map(JSON.string)])
            try await server.run { client in
                let rollout = try await client.post(path, body)
                return Output(rollout, lines: [words(rollout)])
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rollouts", abstract: "Show which versions came to answer, how, and what was found.")

        @Argument(help: "The endpoint's name.")
        var name: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get("/api/v1/endpoints/\(APIClient.escaped(name))/rollouts")
                let rows = (answer["rollouts"]?.arrayValue ?? []).map { rollout in
                    [
                        rollout["id"].cell, rollout["variant"].cell, rollout["from"].cell, rollout["to"].cell,
                        rollout["state"].cell, rollout["percent"].cell, rollout["reason"].cell,
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["id", "variant", "from", "to", "state", "percent", "reason"], rows: rows,
                        empty: "No version has been deployed yet."))
            }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let the version that is being tried out answer for all.")

        @OptionGroup var options: Options

        func run() async throws {
            try await options.ask("promote") { rollout in
                "\(rollout["to"].cell) answers for \(rollout["variant"].cell) from now on."
            }
        }
    }

    struct RollBack: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rollback", abstract: "Return to the version from before.",
            discussion: """
                The version that is taken back is not tried again by itself: move the alias to another one, or say
                'martlet endpoints retry'.
                """)

        @OptionGroup var options: Options

        @Option(help: "Why, for those who read the history.")
        var reason: String?

        func run() async throws {
            try await options.ask("rollback", reason: reason) { rollout in
                "\(rollout["variant"].cell) returns from \(rollout["to"].cell) to \(rollout["from"].cell)."
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a version that was rolled back be deployed again.")

        @OptionGroup var options: Options

        func run() async throws {
            try await options.ask("retry") { rollout in
                "\(rollout["to"].cell) may answer for \(rollout["variant"].cell) again."
            }
        }
    }
}
