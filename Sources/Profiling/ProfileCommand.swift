package import ArgumentParser
import Console
import Incidents
import Wire

/// `martlet profile`
package struct ProfileCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "Say what is in a table: counts, ranges, missing values, common names.",
        discussion: """
            Tables are CSV, NDJSON or Parquet, larger than memory. Several files, folders and patterns are one table. A \
            profile that is saved stands for the table in later comparisons, without its rows.

            Examples:
              martlet profile data.parquet
              martlet profile 'logs/*.ndjson' --output report.html
              martlet profile training.parquet --output reference.profile
              martlet drift --reference-profile reference.profile current.parquet
            """)

    @Argument(help: ArgumentHelp("The files of one table; folders and patterns, too.", valueName: "file"))
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "Also write report.html, report.json, or reference.profile to compare with later.", valueName: "file"))
    var output: [String] = []

    @Flag(help: "Keep a sample of 10,000 rows in the saved profile, so that whole rows can be compared later.")
    var withRows = false

    @OptionGroup var options: ProfilingOptions

    package init() {}

    package func run() async throws {
        let outputs = try output.map { try ReportFile($0, kinds: [.html, .json, .profile]) }
        let progress = Progress()
        let profiling = TableProfiling(try await options.work()) { line in progress.show(line) }
        let table: ProfiledTable
        do {
            table = try await profiling.profile(files, format: options.format, options.choice)
        } catch {
            progress.end()
            throw error
        }
        progress.end()
        let report = TableReport(table)
        for file in outputs {
            switch file.kind {
            case .json: try file.write(Array((report.json(options.names).prettyText + "\n").utf8))
            case .html: try file.write(TableReportPage(report, options.names).bytes)
            case .profile: try file.write(ProfileFile(table).bytes(withRows: withRows))
            }
        }
        options.print(Output(report.json(options.names), lines: lines(report)))
    }

    private func lines(_ report: TableReport) -> [String] {
        let rows = report.table.columns.map { column in
            guard let profile = column.profile else {
                return [column.column.name, column.column.type, "–", "–", "not profiled"]
            }
            let facts = ColumnFacts(profile)
            return [
                column.column.name, column.column.type, facts.missingShare.percent,
                (facts.unusable + facts.infinities).words,
                FactsPage(column.column.kind, options.names).line(facts),
            ]
        }
        let table = Table(
            columns: ["column", "type", "missing", "unusable", "in short"], rows: rows, empty: "There is no column.")
        let title = "\(report.table.title): \(report.table.rowCount.counted("row"))."
        let written = output.isEmpty ? [] : ["", "Written: \(output.joined(separator: ", "))."]
        return [title, ""] + table.text.split(separator: "\n").map(String.init) + written
    }
}
