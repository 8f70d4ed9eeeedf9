import Incidents
import Statistics
import Web

/// The profile of one table, for people.
struct TableReportPage {
    private let report: TableReport
    private let names: NameDisplay

    init(_ report: TableReport, _ names: NameDisplay) {
        self.report = report
        self.names = names
    }

    var bytes: [UInt8] {
        ReportPage(title: "Profile of \(report.table.title)", body: body).bytes
    }

    private var body: HTML {
        """
        <article class="report">
        <h1>\(report.table.title)</h1>
        \(HTML.numbers([
            "Rows": "\(report.table.rowCount.words)", "Columns": "\(report.table.columns.count)",
        ]))
        <div class="table" tabindex="0" role="region" aria-label="Columns"><table aria-label="Columns">
        <thead><tr><th>Column</th><th>Values</th><th class="number">Missing</th><th class="number">Unusable</th>\
        <th>In short</th></tr></thead>
        <tbody>
        \(report.table.columns.map(row))
        </tbody></table></div>
        <h2>What this file contains</h2>
        <p>The names and types of columns, counts, means, the least and the greatest value of columns of numbers, and \
        \(names == .shown ? "the commonest names" : "no names") of columns of names. No rows.</p>
        </article>
        """
    }

    private func row(_ column: ProfiledColumn) -> HTML {
        guard let profile = column.profile else {
            return """
                <tr><th scope="row">\(column.column.name)<small>\(column.column.type)</small></th>
                <td colspan="4" class="quiet">not profiled</td></tr>

                """
        }
        let facts = ColumnFacts(profile)
        let kind = column.column.kind
        let picture = HistogramPage(ColumnHistogram(profile, nil, words: kind.words), names, hasCurrent: false)
        return """
            <tr><th scope="row">\(column.column.name)<small>\(column.column.type)</small></th>
            <td>\(picture.html)</td>
            <td class="number">\(facts.missingShare.percent)</td>
            <td class="number">\((facts.unusable + facts.infinities).words)</td>
            <td class="notes">\(FactsPage(kind, names).line(facts))</td></tr>

            """
    }
}
