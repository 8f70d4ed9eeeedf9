import ArgumentParser
import Console
import Foundation
import Incidents
import NIOCore
import Wire

extension MonitorCommand {
    struct Reference: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Choose what a monitor compares with.",
            discussion: """
                Examples:
                  martlet monitors reference churn --context validation
                  martlet monitors reference churn --file rows.parquet
                  martlet monitors reference churn --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z
                  martlet monitors reference churn --season week
                """)

        @Argument(help: "The monitor's name.")
        var name: String

        @Option(help: "The context of a dataset that the version's run logged.")
        var context: String?

        @Option(help: "A file of rows: .parquet, .csv, .ndjson, or .json in pandas' split form.")
        var file: String?

        @Option(help: "What was sent from this moment on (RFC 3339), together with --to.")
        var from: String?

        @Option(help: "Until before this moment.")
        var to: String?

        @Option(help: "So many windows before each.")
        var previous: Int?

        @Option(help: "The same hours of the 'day' or the 'week' before.")
        var season: String?

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let path = "/api/v1/monitors/\(APIClient.escaped(name))/reference"
                if let file {
                    let url = URL(filePath: file)
                    try await client.upload("\(path)/\(APIClient.escaped(url.lastPathComponent))", Self.chunks(of: url))
                } else {
                    let chosen: JSON = .compact([
                        "context": context.map(JSON.string), "from": from.map(JSON.string), "to": to.map(JSON.string),
                        "previous": previous.map { .integer(Int64($0)) }, "season": season.map(JSON.string),
                    ])
                    _ = try await client.post(path, chosen)
                }
                let monitor = try await client.get("/api/v1/monitors/\(APIClient.escaped(name))")
                let rows = monitor["reference"]?["rows"]?.integerValue.map { "It has \($0) rows." }
                let state = rows ?? monitor["message"]?.stringValue ?? "It is read when the next window closes."
                return Output(
                    monitor, lines: ["Monitor \(name) compares with \(monitor["compared_with_words"].cell).", state])
            }
        }

        func validate() throws {
            let said = [context, file, from, previous.map(String.init), season].count { $0 != nil }
            guard said == 1, (from == nil) == (to == nil) else {
                throw ValidationError("Say one of --context, --file, --from with --to, --previous, --season.")
            }
            if let season, ReferenceChoice.Season(rawValue: season) == nil {
                throw ValidationError("--season is day or week, not '\(season)'.")
            }
        }

        private static func chunks(of url: URL) throws -> AsyncThrowingStream<ByteBuffer, any Error> {
            guard let file = try? FileHandle(forReadingFrom: url) else {
                throw ConsoleError(
                    .doesNotExist, "There is no file to read at '\(url.relativePath)'.",
                    hint: "It holds rows: .parquet, .csv, .ndjson, or .json in pandas' split form.")
            }
            return AsyncThrowingStream {
                guard let bytes = try file.read(upToCount: 1 << 20), !bytes.isEmpty else { return nil }
                return ByteBuffer(bytes: bytes)
            }
        }
    }

    struct Drift: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what was found in a monitor's newest windows.",
            discussion: """
                Examples:
                  martlet monitors drift churn
                  martlet monitors drift churn --family quality --limit 3
                  martlet monitors drift churn --all --json
                """)

        @Argument(help: "The monitor's name.")
        var name: String

        @Option(help: "How many of the newest windows, 1 to 1000.")
        var limit = 10

        @Option(help: "Only findings of this family.")
        var family: Finding.Family?

        @Flag(help: "Also what is as it should be.")
        var all = false

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get(
                    "/api/v1/monitors/\(APIClient.escaped(name))/windows", query: ["limit": String(limit)])
                let rows = (answer["windows"]?.arrayValue ?? []).flatMap { window in
                    (window["findings"]?.arrayValue ?? []).filter(isWanted).map { finding in
                        [
                            window["number"].cell, finding["family"].cell, finding["code"].cell,
                            finding["verdict"].cell, finding["subject"].cell, finding["slice"]?["segment"].cell ?? "–",
                            numberCell(finding["value"], digits: 3), numberCell(finding["adjusted_p_value"], digits: 2),
                            finding["rows"].cell,
                        ]
                    }
                }
                return Output(
                    answer,
                    table: Table(
                        columns: [
                            "window", "family", "code", "verdict", "about", "segment", "value", "adjusted p", "rows",
                        ], rows: rows,
                        empty: all
                            ? "No window has such a finding yet."
                            : "Nothing is out of its limits in these windows; --all shows everything."))
            }
        }

        private func isWanted(_ finding: JSON) -> Bool {
            let isOfFamily = family == nil || finding["family"]?.stringValue == family?.rawValue
            return isOfFamily && (all || finding["verdict"]?.stringValue != "fine")
        }
    }
}
