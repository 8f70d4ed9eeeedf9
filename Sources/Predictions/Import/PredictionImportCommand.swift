import ArgumentParser
import Console
import Foundation
import NIOPosix
import Natives
import Tables
import Wire

extension PredictionCommand {
    /// `martlet predictions import`
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add predictions of a model that lives elsewhere, from a file.",
            discussion: """
                Columns that are called like a field are that field: \(SentPrediction.fieldNames.joined(separator: ", ")). \
                All others are inputs. An import that was interrupted goes on when the same command is given again, and one \
                that is done twice adds nothing.

                Examples:
                  martlet predictions import scored.parquet --set endpoint=churn --map time=scored_at --map output=score
                  martlet predictions import log.csv.gz --set endpoint=fraud --map prediction_id=order \\
                    --map output=label,score --map unit=card --ignore row_hash
                """)

        @Argument(help: "The rows: a .csv, .ndjson or .parquet file (.gz too).")
        var file: String

        @Option(
            help: ArgumentHelp(
                "Which column is which field; 'output' and 'inputs' may be several, with commas between them.",
                valueName: "field=column"))
        var map: [String] = []

        @Option(help: ArgumentHelp("What a field is in all rows.", valueName: "field=value"))
        var set: [String] = []

        @Option(help: ArgumentHelp("Columns that are no inputs, with commas between them.", valueName: "columns"))
        var ignore: [String] = []

        @Option(help: ArgumentHelp("csv, ndjson or parquet, whatever the name.", valueName: "format"))
        var format: String?

        @Flag(help: "Begin anew, whatever an earlier import has done.")
        var restart = false

        @Option(help: ArgumentHelp("The Python beside which DuckDB is installed (default python3).", valueName: "path"))
        var python: String?

        @OptionGroup var server: ServerOptions

        /// What is sent at once.
        private static let requestBytes = 1 << 20
        private static let tableBytes = 512 << 20
        private static let attempts = 20

        func run() async throws {
            var refused = 0
            try await server.run { client in
                let done = try await send(to: client)
                refused = done.refused
                return Output(done.json, lines: Self.lines(done))
            }
            if refused > 0 { throw ExitCode(ProblemCode.checkFailed.exitCode) }
        }

        private func send(to client: APIClient) async throws -> ImportProgress {
            let path = URL(filePath: file).standardizedFileURL.path(percentEncoded: false)
            let rows = try await ImportFile(path: path, format: format)
            let database = try await tables(try await Settings.load()).open(
                TableSettings(memoryBytes: Self.tableBytes, threads: 2, files: .only([path])))
            let table = try await rows.columns(in: database)
            let ignored = ignore.flatMap { $0.split(separator: ",").map(String.init) }
            let columns = try ImportColumns(of: table, mapping: map, constants: set, ignored: ignored)
            let identity: JSON = [
                "digest": .string(rows.digest), "server": .string(client.url), "map": .strings(map),
                "set": .strings(set), "ignore": .strings(ignored),
            ]
            var progress =
                restart ? ImportProgress(identity: identity) : ImportProgress(identity: identity, of: path)
            let shown = Progress()
            defer { shown.end() }
            var body: [UInt8] = []
            var count = 0
            let lines = try await rows.lines(columns, of: table, after: progress.rows, in: database)
            while let chunk = try await lines.next() {
                for row in 0..<chunk.rowCount {
                    guard case .text(let line) = chunk.vectors[0][row] else { continue }
                    body += line.utf8
                    body.append(UInt8(ascii: "\n"))
                    count += 1
                    guard body.count >= Self.requestBytes else { continue }
                    progress.add(try await Self.post(body, to: client), of: count)
                    progress.save(of: path)
                    shown.show("\(progress.rows) rows")
                    (body, count) = ([], 0)
                }
            }
            if count > 0 { progress.add(try await Self.post(body, to: client), of: count) }
            ImportProgress.remove(of: path)
            return progress
        }

        /// Sends lines, again for a while when the server says that it cannot keep up; not when there is none.
        private static func post(_ body: [UInt8], to client: APIClient) async throws -> JSON {
            var attempt = 1
            while true {
                do {
                    return try await client.post(
                        "/api/v1/predictions?receipt=always", body: body, type: "application/x-ndjson")
                } catch let problem as any Problem
                    where problem.code.name == ProblemCode.unavailable.name && !(problem is ConsoleError)
                    && attempt < attempts
                {
                    try await Task.sleep(for: .milliseconds(min(5000, 100 << attempt)))
                    attempt += 1
                }
            }
        }

        private func tables(_ settings: Settings) -> TableEngine {
            let python = python ?? settings.string("python") ?? "python3"
            let threads = NIOThreadPool(numberOfThreads: 2)
            threads.start()
            return TableEngine(
                python: PythonInterpreter(executable: python, environment: settings.environment),
                file: settings.environment["DUCKDB_LIB"], threads: threads)
        }

        private static func lines(_ done: ImportProgress) -> [String] {
            var lines = [
                "\(done.rows) rows: \(done.accepted) added, \(done.duplicates) were there before, \(done.refused) refused."
            ]
            if done.late > 0 { lines.append("\(done.late) of the added ones are more than a day old.") }
            for row in done.refusedRows { lines.append("  row \(row["row"].cell): \(row["reason"].cell)") }
            if done.refused > done.refusedRows.count {
                lines.append("  and \(done.refused - done.refusedRows.count) more")
            }
            return lines
        }
    }
}
