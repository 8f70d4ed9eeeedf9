import ArgumentParser
import Console
import Wire

extension TrashCommand {
    /// `martlet trash purge`
    struct Purge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove things in the trash for good, with their files.",
            discussion: """
                Without KIND and ID everything that nothing else uses goes. What a registered version came from stays, \
                and so does what an endpoint serves, unless --force is given. After an interruption the next purge \
                goes on where the last one stopped.
                """)

        @Argument(help: "The kind; alone it means all of that kind.")
        var kind: String?

        @Argument(help: "The id, as 'martlet trash list' says it.")
        var id: String?

        @Option(
            help: ArgumentHelp(
                "Only what was deleted longer ago, such as 30d, 12h or 2w.", valueName: "age"))
        var olderThan: Age?

        @Flag(help: "Say what would go, and leave it.")
        var dryRun = false

        @Flag(help: "Purge also what something else still uses.")
        var force = false

        @Flag(help: "Do not ask.")
        var yes = false

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let what = [kind, id].compactMap(\.self).joined(separator: " ")
            let scope = what.isEmpty ? "everything in the trash" : what
            try Confirmation.ask("Purge \(scope) for good, with its files?", isGiven: yes || dryRun)
            try await server.run { client in
                let (purged, refused, foreign) = try await purge(with: client)
                let answer: JSON = [
                    "purged": .array(purged), "refused": .array(refused), "foreign_files": .array(foreign),
                ]
                return Output(answer, lines: lines(purged, refused, foreign))
            }
        }

        /// Sends the order until no portion is left.
        private func purge(with client: APIClient) async throws -> (purged: [JSON], refused: [JSON], foreign: [JSON]) {
            let progress = Progress()
            defer { progress.end() }
            var result: (purged: [JSON], refused: [JSON], foreign: [JSON]) = ([], [], [])
            var offset: JSON = 0
            while true {
                let report = try await client.post(
                    "/api/v1/trash/purge",
                    .compact([
                        "kind": kind.map(JSON.string), "id": id.map(JSON.string),
                        "older_than_ms": olderThan.map { .integer($0.milliseconds) }, "dry_run": .bool(dryRun),
                        "force": .bool(force), "offset": offset,
                    ]))
                result.purged += report["purged"]?.arrayValue ?? []
                result.refused += report["refused"]?.arrayValue ?? []
                result.foreign += report["foreign_files"]?.arrayValue ?? []
                guard let next = report["next"] else { return result }
                offset = next
                progress.show("\(result.purged.count) purged")
            }
        }

        private func lines(_ purged: [JSON], _ refused: [JSON], _ foreign: [JSON]) -> [String] {
            var lines = purged.map { "\(dryRun ? "would purge" : "purged") \($0["kind"].cell) \($0["id"].cell)" }
            for refusal in refused {
                let users = (refusal["used_by"]?.arrayValue ?? []).map(\.cell).joined(separator: " and ")
                lines.append(
                    "kept \(refusal["item"]?["kind"].cell ?? "") \(refusal["item"]?["id"].cell ?? ""): used by \(users)"
                )
            }
            for uri in foreign { lines.append("left the files at \(uri.cell), which this server does not keep") }
            lines.append("\(purged.count) \(dryRun ? "would go" : "gone for good"), \(refused.count) kept")
            return lines
        }
    }

    /// How long ago, as people write it.
    struct Age: ExpressibleByArgument {
        let milliseconds: Int64

        init?(argument: String) {
            let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000]
            guard let unit = argument.last.flatMap({ units[$0] }), let count = Int64(argument.dropLast()), count >= 0,
                count <= 100_000
            else { return nil }
            milliseconds = count * unit
        }
    }
}
