package import ArgumentParser
import Console
import Wire

/// `martlet rewards`
package struct RewardCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rewards", abstract: "Tell what units did, and see what follows for the experiment.",
        discussion: """
            Examples:
              martlet rewards send churn --prediction p-019a… --value 1
              martlet rewards send churn --unit customer-7 --value 19.90 --metric revenue
              martlet rewards result churn
            """,
        subcommands: [Send.self, Result.self])

    package init() {}

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send one reward.")

        @Argument(help: "The endpoint's name.")
        var endpoint: String

        @Option(help: ArgumentHelp("The prediction that it is about.", valueName: "id"))
        var prediction: String?

        @Option(help: "The unit that it is about, if no prediction is named.")
        var unit: String?

        @Option(help: "What the unit did: 1 for a conversion, or an amount.")
        var value: Double

        @Option(help: "The reward's name; that of the experiment's metric when left out.")
        var metric: String?

        @OptionGroup var server: ServerOptions

        func validate() throws {
            guard (prediction == nil) != (unit == nil) else {
                throw ValidationError("Name either '--prediction' or '--unit'.")
            }
        }

        func run() async throws {
            try await server.run { client in
                let reward = JSON.compact([
                    "prediction_id": prediction.map(JSON.string), "unit": unit.map(JSON.string),
                    "value": .double(value), "metric": metric.map(JSON.string),
                ])
                let answer = try await client.post(
                    "/api/v1/endpoints/\(APIClient.escaped(endpoint))/rewards", ["rewards": [reward]])
                let line =
                    if answer["late"] == 1 {
                        "The reward came after the bandit's window and does not count."
                    } else if answer["outside"] == 1 {
                        "The prediction was in no experiment, and no rollout asks for the reward: it does not count."
                    } else {
                        "The reward counts."
                    }
                return Output(answer, lines: [line])
            }
        }
    }

    struct Result: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what an endpoint's experiment or bandit has shown so far.")

        @Argument(help: "The endpoint's name.")
        var endpoint: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let result = try await client.get("/api/v1/endpoints/\(APIClient.escaped(endpoint))/experiment")
                var lines = [result["experiment"].cell]
                for arm in result["arms"]?.arrayValue ?? [] {
                    let count = arm["units"] ?? arm["tries"]
                    let what = arm["units"] == nil ? "tries" : "units"
                    lines.append("  \(arm["variant"].cell): \(count.cell) \(what), mean \(arm["mean"].cell)")
                }
                lines += Self.effects(result)
                for guardrail in result["guardrails"]?.arrayValue ?? [] where guardrail["state"] == "violated" {
                    lines.append("  \(guardrail["variant"].cell) violates \((guardrail["guardrail"]?["metric"]).cell)")
                }
                if result["sample_ratio"]?["alarm"] == true {
                    lines.append("  Units do not fall into the arms as intended.")
                }
                if result["multiple_exposures"]?["alarm"] == true {
                    lines.append("  \((result["multiple_exposures"]?["units"]).cell) units met several arms.")
                }
                if let reason = result["verdict"]?["reason"]?.stringValue { lines.append(reason) }
                return Output(result, lines: lines)
            }
        }

        /// Each candidate against control, with the interval that decides.
        private static func effects(_ result: JSON) -> [String] {
            let isFixed = result["spec"]?["decision"]?["method"] == "fixed"
            return (result["comparisons"]?.arrayValue ?? []).map { comparison in
                let estimate = comparison["adjusted"] ?? comparison["absolute"]
                let interval = estimate?[isFixed ? "fixed" : "always_valid"]
                return
                    "  \(comparison["variant"].cell) against control: \(numberCell(estimate?["effect"], digits: 4)), "
                    + "\(isFixed ? "interval" : "interval at any look") \(numberCell(interval?["low"], digits: 4)) to "
                    + "\(numberCell(interval?["high"], digits: 4)), p \(numberCell(interval?["p_value"], digits: 2))"
            }
        }
    }
}
