package import ArgumentParser
import Console
import Foundation
import Wire

/// `martlet import`
package struct ImportCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring in experiments, runs and models from elsewhere.",
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
            try await transfer.run()
            report = transfer.report
            progress.end()
            return Output(report.json, lines: lines(report))
        }
        guard report.isWhole else {
            throw ConsoleError(
                ProblemCode(name: "IMPORT_INCOMPLETE", status: 409),
                "Not everything of \(source.place) is on the server as it was.",
                hint: "The list above says what and why. Importing again only carries what is missing.")
        }
    }

    private static func lines(_ report: TransferReport) -> [String] {
        let rows = report.rows.map { kind, count in
            [
                kind, String(count.found), String(count.imported), String(count.present), String(count.different),
                String(count.failed),
            ]
        }
        let table = Table(
            columns: ["kind", "found", "imported", "already there", "different", "failed"], rows: rows, empty: "")
        var lines = [Output(.null, table: table).text(asJSON: false).withoutLastNewline]
        for (name, old, new) in report.renumbered {
            lines.append("experiment '\(name)' had number \(old), which was taken: it is number \(new) here")
        }
        if let first = report.elsewhere.first {
            lines.append("\(report.elsewhere.count) keep their files where they are, such as \(first)")
        }
        for problem in report.problems.prefix(20) {
            lines.append("\(problem.kind) \(problem.id): \(problem.reason)")
        }
        if report.problems.count > 20 { lines.append("… and \(report.problems.count - 20) more; see --json") }
        return lines
    }
}

extension String {
    fileprivate var withoutLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
