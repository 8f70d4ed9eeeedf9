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
            commandName: "rollouts", abstract: "Show which versions came to answer, how, and what was found.",
            discussion: """
                Of a rollout under way it says what its step waits for. '--guardrails' shows what each guardrail of the newest
                ones has found, with its numbers.
                """)

        @Argument(help: "The endpoint's name.")
        var name: String

        @Flag(help: "Show the guardrails in place of the rollouts.")
        var guardrails = false

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get("/api/v1/endpoints/\(APIClient.escaped(name))/rollouts")
                let rollouts = answer["rollouts"]?.arrayValue ?? []
                guard !guardrails else { return Output(answer, table: Self.guardrails(of: rollouts)) }
                let rows = rollouts.map { rollout in
                    [
                        rollout["id"].cell, rollout["variant"].cell, rollout["from"].cell, rollout["to"].cell,
                        rollout["state"].cell, rollout["percent"].cell,
                        (rollout["progress"] ?? rollout["reason"]).cell,
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["id", "variant", "from", "to", "state", "percent", "reason"], rows: rows,
                        empty: "No version has been deployed yet."))
            }
        }

        private static func guardrails(of rollouts: [JSON]) -> Table {
            let rows = rollouts.flatMap { rollout in
                (rollout["guardrails"]?.arrayValue ?? []).map { found in
                    [
                        rollout["id"].cell, rollout["to"].cell, found["guardrail"].cell, found["verdict"].cell,
                        numberCell(found["p_value"], digits: 3), tally(found["candidate"]), tally(found["control"]),
                    ]
                }
            }
            return Table(
                columns: ["id", "to", "guardrail", "verdict", "p", "new version", "former version"], rows: rows,
                empty: "No version has been tried out behind guardrails yet.")
        }

        /// Such as `0.021 of 480`.
        private static func tally(_ json: JSON?) -> String {
            guard let mean = json?["mean"] else { return "–" }
            return "\(numberCell(mean, digits: 3)) of \((json?["count"]).cell)"
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
