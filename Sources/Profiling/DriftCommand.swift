package import ArgumentParser
import Console
import Incidents
import Wire

/// `martlet drift`
package struct DriftCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "Compare two tables: which columns are distributed differently, and how much.",
        discussion: """
            Tables are CSV, NDJSON or Parquet, larger than memory: a file, a folder, or a pattern in quotes. Nothing is \
            sent anywhere and no server is needed. A column drifts when the difference is both large (--minimum-effect) \
            and sure (--false-discovery-rate).

            Exit codes: 0 whatever was found, 1 a table cannot be read, 3 it is not there; with --fail-on-drift 6 when \
            something drifts, vanishes or changes its type.

            Examples:
              martlet drift reference.parquet current.parquet
              martlet drift training.csv 'logs/2026-11-*.ndjson' --exclude id --output report.html
              martlet drift --reference-profile reference.profile current.parquet --fail-on-drift
              martlet drift reference.parquet current.parquet --by country --json
            """)

    @Argument(
        help: ArgumentHelp("The reference and the current table; with --reference-profile the current one alone."))
    var tables: [String]

    @Option(
        help: ArgumentHelp(
            "Compare with a profile that 'martlet profile FILE --output NAME.profile' has saved.", valueName: "file"))
    var referenceProfile: String?

    @Option(help: ArgumentHelp("Compare the rows with each value of a column apart, too.", valueName: "column"))
    var by: String?

    @Option(
        help: ArgumentHelp(
            "martlet; evidently or nannyml for the tests, bins and thresholds of these tools.", valueName: "mode"))
    var mode = "martlet"

    @Option(help: ArgumentHelp("A column drifts with at least this effect, 0 to 1.", valueName: "effect"))
    var minimumEffect = DriftLimits.standard.minimumEffect

    @Option(
        help: ArgumentHelp("The share of columns called drifting that may be wrong on average.", valueName: "rate"))
    var falseDiscoveryRate = DriftLimits.standard.falseDiscoveryRate

    @Option(help: ArgumentHelp("Also write the report to report.html or report.json.", valueName: "file"))
    var output: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help: "Compare rows as a whole, too, on samples: columns that no longer go together as they did.")
    var joint = true

    @Flag(help: "End with exit code 6 when there is drift.")
    var failOnDrift = false

    @OptionGroup var options: ProfilingOptions

    package init() {}

    package func run() async throws {
        let order = try order()
        let files = try output.map { try ReportFile($0) }
        let progress = Progress()
        let comparison = DriftComparison(try await options.work()) { line in progress.show(line) }
        let report: DriftReport
        do {
            report = try await comparison.report(order)
        } catch {
            progress.end()
            throw error
        }
        progress.end()
        for file in files {
            switch file.kind {
            case .json: try file.write(Array((report.json(options.names).prettyText + "\n").utf8))
            case .html, .profile: try file.write(DriftReportPage(report, options.names).bytes)
            }
        }
        options.print(Output(report.json(options.names), lines: lines(report)))
        guard failOnDrift, report.isBad else { return }
        throw ProfilingError(.checkFailed, "There is drift. \(report.headline)")
    }

    private func order() throws -> DriftOrder {
        guard let mode = DriftMode(rawValue: mode) else {
            throw ProfilingError.invalid(
                "There is no mode '\(mode)'.", hint: "Modes are martlet, evidently and nannyml.")
        }
        guard (0...1).contains(minimumEffect) else {
            throw ProfilingError.invalid("--minimum-effect is 0 to 1, not \(minimumEffect).")
        }
        guard falseDiscoveryRate > 0, falseDiscoveryRate <= 0.5 else {
            throw ProfilingError.invalid(
                "--false-discovery-rate is above 0 and at most 0.5, not \(falseDiscoveryRate).")
        }
        var order: DriftOrder
        switch (referenceProfile, tables.count) {
        case (nil, 2): order = DriftOrder(reference: .files([tables[0]]), current: [tables[1]])
        case (let profile?, 1): order = DriftOrder(reference: .profile(profile), current: tables)
        case (nil, _):
            throw ProfilingError.invalid(
                "\(tables.count == 1 ? "One table was" : "\(tables.count) tables were") named; two are compared.",
                hint: "Name the reference, then the current one: a file, a folder, or a pattern in quotes.")
        case (_?, _):
            throw ProfilingError.invalid(
                "With --reference-profile one table is named, the current one.",
                hint: "Put a pattern in quotes, so that the shell leaves it alone.")
        }
        order.format = options.format
        order.columns = options.choice
        order.segment = by
        order.mode = mode
        order.isJoint = joint
        order.limits = DriftLimits(minimumEffect: minimumEffect, falseDiscoveryRate: falseDiscoveryRate)
        return order
    }

    // MARK: What is printed

    private func lines(_ report: DriftReport) -> [String] {
        var lines = [report.headline, ""]
        lines += table(report)
        let notes = report.whole.schema + report.remarks + report.whole.columns.flatMap(\.quality)
        let shown = notes.filter { $0.verdict != .fine }
        if !shown.isEmpty { lines += [""] + shown.map { "\(Self.mark($0.verdict)) \($0.words)" } }
        if !report.segments.isEmpty { lines += [""] + segments(report) }
        if !output.isEmpty { lines += ["", "The report is in \(output.joined(separator: " and "))."] }
        return lines
    }

    private func table(_ report: DriftReport) -> [String] {
        let rows = report.whole.columns.map { column in
            let before = column.reference.profile.map { ColumnFacts($0).missingShare.percent } ?? "–"
            let after = column.current.profile.map { ColumnFacts($0).missingShare.percent } ?? "–"
            return [
                column.name, column.kind.rawValue, column.drift.value?.words ?? "–", column.drift.test ?? "–",
                (column.drift.adjustedPValue ?? column.drift.pValue)?.words ?? "–", before, after,
                Self.verdict(column.drift.verdict),
            ]
        }
        let effect = report.mode == .martlet ? "effect" : "score"
        let table = Table(
            columns: ["column", "kind", effect, "test", "p", "missing before", "missing now", "verdict"], rows: rows,
            empty: "Both tables have no column in common that can be compared.")
        return table.text.split(separator: "\n").map(String.init)
    }

    private func segments(_ report: DriftReport) -> [String] {
        let rows = report.segments.enumerated().map { index, segment in
            let drifting = segment.columns.filter { $0.drift.verdict == .bad }
            let worst = drifting.prefix(3).map { "\($0.name) \($0.drift.value?.words ?? "")" }
            return [
                segment.title(options.names, index), segment.referenceRows.words, segment.currentRows.words,
                "\(drifting.count)", worst.joined(separator: ", "),
            ]
        }
        let table = Table(
            columns: ["segment", "rows before", "rows now", "drifting", "most drifted"], rows: rows, empty: "")
        return table.text.split(separator: "\n").map(String.init)
    }

    private static func verdict(_ verdict: Finding.Verdict) -> String {
        switch verdict {
        case .bad: "DRIFT"
        case .notable: "notable"
        case .fine: "same"
        case .unknown: "not to be said"
        }
    }

    private static func mark(_ verdict: Finding.Verdict) -> String {
        verdict == .bad ? "!" : "-"
    }
}
