package import ArgumentParser
import Console
import Foundation
import Wire

/// `martlet import`
package struct ImportCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring in experiments, runs, models and traces from elsewhere.",
        discussion: """
            Ids, times and version numbers are kept. What is there already is compared and not doubled, so an import \
            that was interrupted goes on when it is given again. It ends with a table of what was found and what \
            arrived, and with exit code 1 when anything is missing or different.

            Examples:
              martlet import mlflow http://mlflow.example.com:5000
              martlet import mlflow ./mlruns
              martlet import mlflow sqlite:///mlflow.db --artifacts ./mlartifacts
              martlet import martlet ./export
            """, subcommands: [MLflow.self, Martlet.self])

    package init() {}

    struct MLflow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mlflow",
            abstract: "Bring in everything of an MLflow server, an mlruns folder or an mlflow.db.")

        @Argument(
            help: ArgumentHelp(
                "The server's address, the folder, or the SQLite file (also as sqlite:///PATH).", valueName: "uri"))
        var uri: String

        @Option(
            help: ArgumentHelp(
                "For a file: the folder that the server kept artifacts in (default mlartifacts beside it).",
                valueName: "folder"))
        var artifacts: String?

        @Option(help: "The source server's token; also MLFLOW_TRACKING_USERNAME and _PASSWORD for basic login.")
        var sourceToken: String?

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let source = try await source()
            try await ImportCommand.carry(from: source, server)
        }

        private func source() async throws -> any ExchangeSource {
            if uri.hasPrefix("http://") || uri.hasPrefix("https://") {
                let settings = try await Settings.load()
                return RESTSourceClient(api: try settings.client(of: uri, token: sourceToken))
            }
            if let scheme = uri.firstMatch(of: /^(postgres|mysql|mssql)[a-z0-9+]*:\/\//) {
                throw ExchangeError(
                    .invalidParameterValue, "MLflow's database behind \(scheme.0)… is not read directly.",
                    hint: "Start its server over it and name that: martlet import mlflow http://127.0.0.1:5000")
            }
            let path = ImportCommand.absolute(Self.path(uri))
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw ExchangeError(
                    .doesNotExist, "There is nothing at \(path).",
                    hint: "Name a server (http://…), an mlruns folder, or an mlflow.db file.")
            }
            if isFolder.boolValue { return try MLflowFolderSource(root: path) }
            return try await MLflowDatabaseStore(path: path, artifactFolder: artifacts.map(ImportCommand.absolute))
        }

        /// The path in a URI as MLflow writes them.
        private static func path(_ uri: String) -> String {
            if uri.hasPrefix("sqlite:///") { return String(uri.dropFirst("sqlite:///".count)) }
            return LocalFileTree.path(ofURI: uri) ?? uri
        }
    }

    struct Martlet: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "martlet", abstract: "Bring in what 'martlet export' wrote, after checking its sums.")

        @Argument(help: "The folder.")
        var folder: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let source = try await ExportFolderSource(root: ImportCommand.absolute(folder))
            try await ImportCommand.carry(from: source, server)
        }
    }

    static func absolute(_ path: String) -> String {
        let path = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Carries everything to the server and prints what became of it.
    private static func carry(from source: any ExchangeSource, _ server: ServerOptions) async throws {
        var report = TransferReport()
        try await server.run { client in
            let progress = Progress()
            defer { progress.end() }
            let transfer = Transfer(from: source, to: ServerTargetClient(api: client)) { report in
                progress.show(report.progress)
            }
            do {
                try await transfer.run()
            } catch let problem as any Problem {
                throw stopped(problem, after: transfer.report)
            }
            report = transfer.report
            progress.end()
            return Output(report.json, lines: lines(report, of: source.place, at: client.url))
        }
        guard report.isWhole else {
            throw ConsoleError(
                ProblemCode(name: "IMPORT_INCOMPLETE", status: 409),
                "Not everything of \(source.place) is on the server as it was.",
                hint: "The list above says what and why. Importing again only carries what is missing.")
        }
    }

    private static func stopped(_ problem: any Problem, after report: TransferReport) -> any Error {
        guard !report.progress.isEmpty else { return problem }
        return ExchangeError(
            problem.code, "The import stopped after \(report.progress). \(problem.message)",
            hint: [problem.hint ?? "", "Give the same command again: it goes on where it stopped."]
                .filter { !$0.isEmpty }.joined(separator: " "))
    }

    private static func lines(_ report: TransferReport, of source: String, at url: String) -> [String] {
        let rows = report.shownRows.map { kind, count in
            [
                kind, String(count.found), String(count.imported), String(count.present), String(count.different),
                String(count.failed),
            ]
        }
        let table = Table(
            columns: ["kind", "found", "imported", "already there", "different", "failed"], rows: rows, empty: "")
        var lines = [Output(.null, table: table).text(asJSON: false)] + report.remarks + report.problemLines
        if report.isWhole {
            lines.append("All of \(source) is at \(url). Point the scripts there: export MLFLOW_TRACKING_URI=\(url)")
        }
        return lines
    }
}
