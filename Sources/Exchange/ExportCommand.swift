package import ArgumentParser
import Console
import Wire

/// `martlet export`
package struct ExportCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write everything out in open formats.",
        discussion: """
            Records are written as NDJSON, files as files, with a SHA-256 sum each and a manifest. 'martlet import \
            martlet DIR' reads it back.

            Examples:
              martlet export ./backup
              martlet export ./churn --experiment churn --model churn
            """)

    @Argument(help: "The folder, new or empty.")
    var folder: String

    @Option(help: ArgumentHelp("Only this experiment, with its runs; may be repeated.", valueName: "name"))
    var experiment: [String] = []

    @Option(help: ArgumentHelp("Only this run, with its experiment; may be repeated.", valueName: "id"))
    var run: [String] = []

    @Option(help: ArgumentHelp("Only this registered model, with its versions; may be repeated.", valueName: "name"))
    var model: [String] = []

    @OptionGroup var server: ServerOptions

    package init() {}

    package func run() async throws {
        var report = TransferReport()
        let root = ImportCommand.absolute(folder)
        try await server.run { client in
            let progress = Progress()
            defer { progress.end() }
            let target = try ExportFolder(root: root)
            let begin = WallClock.system.now
            let source = RESTSourceClient(api: client)
            let transfer = Transfer(from: source, to: target, selection: selection) { progress.show($0.progress) }
            try await transfer.run()
            report = transfer.report
            try checkAllFound(report)
            try await target.finish(source: client.url, at: begin)
            progress.end()
            let rows = report.shownRows.map { [$0, String($1.imported), String($1.failed)] }
            let table = Table(columns: ["kind", "written", "failed"], rows: rows, empty: "")
            var lines = [Output(.null, table: table).text(asJSON: false)]
            if let first = report.elsewhere.first {
                lines.append("\(report.elsewhere.count) keep their files elsewhere, such as \(first)")
            }
            lines += report.problemLines
            lines.append("Written to \(root). To read it back: martlet import martlet \(root)")
            return Output(report.json, lines: lines)
        }
        guard report.isWhole else {
            throw ConsoleError(
                ProblemCode(name: "EXPORT_INCOMPLETE", status: 409), "Not everything could be exported.",
                hint: "The list above says what and why; what could be is in the folder.")
        }
    }

    private var selection: TransferSelection {
        var selection = TransferSelection()
        if !experiment.isEmpty { selection.experiments = Set(experiment) }
        if !run.isEmpty { selection.onlyRuns = Set(run) }
        if !model.isEmpty { selection.models = Set(model) }
        return selection
    }

    /// - Throws: `ConsoleError` 404 when something that was named is not there.
    private func checkAllFound(_ report: TransferReport) throws {
        let wanted: [(kind: RecordKind, names: [String])] = [
            (.runs, run), (.experiments, run.isEmpty ? experiment : []), (.models, model),
        ]
        for (kind, names) in wanted where (report.counts[kind]?.found ?? 0) < Set(names).count {
            throw ConsoleError(
                .doesNotExist, "Not all of the \(kind.title) that were named are on the server.",
                hint: "'martlet experiments list', 'martlet runs list' and 'martlet models list' show what is.")
        }
    }
}
