import ArgumentParser
import Console
import Wire

/// How long a silence is and why, as commands take it.
struct SilenceOptions: ParsableArguments {
    @Option(help: "For so many hours, at most 2160.")
    var hours = 1.0

    @Option(help: "Why.")
    var words: String?

    /// - Throws: `ConsoleError` for a length that no silence has.
    func minutes() throws -> Int64 {
        guard hours > 0, hours <= 2160 else {
            throw ConsoleError(.invalidParameterValue, "A silence lasts up to 2160 hours (90 days).")
        }
        return max(1, Int64((hours * 60).rounded()))
    }
}

extension IncidentCommand {
    struct Silence: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hear nothing more of what the alerts of an incident are about for a while.")

        @Argument(help: "The incident's id.")
        var id: String

        @OptionGroup var silence: SilenceOptions

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let body: JSON = .compact([
                "minutes": .integer(try silence.minutes()), "words": silence.words.map(JSON.string),
            ])
            try await server.run { client in
                let answer = try await client.post("/api/v1/incidents/\(APIClient.escaped(id))/silence", body)
                let lines = (answer["silences"]?.arrayValue ?? []).map { silence in
                    "Silence \(silence["silence_id"].cell), \(silence["family"].cell) of monitor "
                        + "\(silence["monitor"].cell), ends at \(timeCell(silence["ends"])) UTC."
                }
                return Output(answer, lines: lines)
            }
        }
    }
}

extension AlertCommand {
    struct Silence: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hear nothing of a monitor, a family or a column for a while.")

        @Option(help: "The monitor's name.")
        var monitor: String

        @Option(help: "Only this family.")
        var family: Finding.Family?

        @Option(help: "Only this column, caller or resource.")
        var subject: String?

        @OptionGroup var silence: SilenceOptions

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let body: JSON = .compact([
                "monitor": .string(monitor), "family": family.map { .string($0.rawValue) },
                "subject": subject.map(JSON.string), "minutes": .integer(try silence.minutes()),
                "words": silence.words.map(JSON.string),
            ])
            try await server.run { client in
                // A misspelt name would silence nothing, and nobody would notice.
                _ = try await client.get("/api/v1/monitors/\(APIClient.escaped(monitor))")
                let silence = try await client.post("/api/v1/silences", body)
                return Output(
                    silence,
                    lines: ["Silence \(silence["silence_id"].cell) ends at \(timeCell(silence["ends"])) UTC."])
            }
        }
    }

    struct Silences: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the silences in force.")

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get("/api/v1/silences")
                let rows = (answer["silences"]?.arrayValue ?? []).map { silence in
                    [
                        silence["silence_id"].cell, silence["monitor"].cell, silence["family"].cell,
                        silence["subject"].cell, timeCell(silence["ends"]), silence["created_by"].cell,
                        silence["words"].cell,
                    ]
                }
                return Output(
                    answer,
                    table: Table(
                        columns: ["silence", "monitor", "family", "subject", "ends", "by", "words"], rows: rows,
                        empty: "No silences."))
            }
        }
    }

    struct Unsilence: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a silence now.")

        @Argument(help: "The silence's id.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.delete("/api/v1/silences/\(APIClient.escaped(id))")
                return Output(answer, lines: ["Silence \(id) is over."])
            }
        }
    }
}
