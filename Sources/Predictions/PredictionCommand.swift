package import ArgumentParser
import Console
import Foundation
import NIOCore
import Wire

/// `martlet predictions`
package struct PredictionCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "predictions", abstract: "Look at what was predicted, and take it along.",
        discussion: """
            Moments are days in UTC, which mean their beginning, or moments such as 2026-11-21T08:00:00Z.

            Examples:
              martlet predictions list --endpoint churn --limit 5
              martlet predictions get p-019a3185c5000000123456789abcdef0
              martlet predictions import scored.parquet --set endpoint=churn --map time=scored_at --map output=score
              martlet predictions export churn.parquet --endpoint churn --from 2026-11-01 --to 2026-12-01
              martlet predictions export labelled.ndjson --labelled
              martlet predictions usage
            """,
        subcommands: [List.self, Get.self, Import.self, Export.self, Usage.self])

    package init() {}

    /// Which predictions.
    struct Range: ParsableArguments {
        @Option(help: ArgumentHelp("Only those of this endpoint.", valueName: "name"))
        var endpoint: String?

        @Option(help: ArgumentHelp("Only those at or after this moment.", valueName: "moment"))
        var from: String?

        @Option(help: ArgumentHelp("Only those before this moment.", valueName: "moment"))
        var to: String?

        @Flag(inversion: .prefixedNo, help: "Only those with a label, or only those without.")
        var labelled: Bool?

        var query: [String: String] {
            let given = [
                "endpoint": endpoint, "from": from, "to": to, "labelled": labelled.map { $0 ? "true" : "false" },
            ]
            return given.compactMapValues(\.self)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show predictions, oldest first.")

        @OptionGroup var range: Range

        @Option(help: "How many, at most 1000.")
        var limit = 20

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let query = range.query.merging(["limit": String(limit)]) { $1 }
                let answer = try await client.get("/api/v1/predictions", query: query)
                let rows = (answer["predictions"]?.arrayValue ?? []).map { prediction in
                    let time = prediction["time"]?.integerValue.map { Timestamp(milliseconds: $0).iso8601 }
                    return [
                        prediction["prediction_id"].cell, time ?? "–", prediction["endpoint"].cell,
                        prediction["variant"].cell, "\(prediction["model"].cell)/\(prediction["version"].cell)",
                        prediction["output"]?.excerpt(40) ?? "–", prediction["label"]?.excerpt(20) ?? "–",
                    ]
                }
                let columns = ["id", "time", "endpoint", "variant", "version", "output", "label"]
                return Output(
                    answer, table: Table(columns: columns, rows: rows, empty: "There are no such predictions."))
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one prediction with all that is known of it.")

        @Argument(help: "The prediction's id, from the header X-Martlet-Prediction-Id of its answer.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let prediction = try await client.get("/api/v1/predictions/\(APIClient.escaped(id))")
                let members = prediction.memberList ?? []
                let width = members.map(\.key.count).max() ?? 0
                let lines = members.flatMap { name, value in
                    if name == "printed" { return ["printed"] + (value.arrayValue ?? []).map { "  \($0.cell)" } }
                    let isMoment = name == "time" || name == "label_time"
                    let moment = isMoment ? value.integerValue.map { Timestamp(milliseconds: $0).iso8601 } : nil
                    let text = moment ?? value.stringValue ?? value.excerpt(2000)
                    return [name + String(repeating: " ", count: width - name.count + 2) + text]
                }
                return Output(prediction, lines: lines)
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write predictions to a file, oldest first.",
            discussion: "The file is there whole or not at all.")

        @Argument(help: "The file: Parquet when its name ends in .parquet, otherwise NDJSON.")
        var file: String

        @OptionGroup var range: Range

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let format = file.hasSuffix(".parquet") ? "parquet" : "ndjson"
                let query = range.query.merging(["format": format]) { $1 }.sorted { $0.key < $1.key }
                    .map { "\($0.key)=\(APIClient.escaped($0.value))" }
                let path = "/api/v1/predictions/export?\(query.joined(separator: "&"))"
                let size = try await Self.write(try await client.download(path), to: file)
                let json: JSON = ["file": .string(file), "size_bytes": .integer(Int64(size))]
                return Output(json, lines: ["\(size) bytes are in \(file)."])
            }
        }

        /// Writes beside the file and puts it in its place at the end.
        private static func write(
            _ chunks: any AsyncSequence<ByteBuffer, any Error> & Sendable, to path: String
        ) async throws -> Int {
            let partial = path + ".partial"
            guard FileManager.default.createFile(atPath: partial, contents: nil),
                let handle = FileHandle(forWritingAtPath: partial)
            else {
                throw ConsoleError(.invalidParameterValue, "\(path) cannot be written.", hint: "Name another file.")
            }
            let progress = Progress()
            defer { progress.end() }
            do {
                var size = 0
                for try await chunk in chunks {
                    try handle.write(contentsOf: Data(chunk.readableBytesView))
                    size += chunk.readableBytes
                    progress.show("\(size >> 20) MiB")
                }
                try handle.close()
                guard rename(partial, path) == 0 else {
                    throw ConsoleError(.invalidParameterValue, "\(path) cannot be written.", hint: "Name another file.")
                }
                return size
            } catch {
                try? FileManager.default.removeItem(atPath: partial)
                throw error
            }
        }
    }

    struct Usage: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the predictions take on the server's disk.")

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let answer = try await client.get("/api/v1/predictions/usage")
                var rows = (answer["days"]?.arrayValue ?? []).map { [$0["day"].cell, $0["size_bytes"].cell] }
                rows.append(["journal", answer["journal_bytes"].cell])
                rows.append(["all", answer["size_bytes"].cell])
                return Output(answer, table: Table(columns: ["day", "bytes"], rows: rows, empty: ""))
            }
        }
    }
}
