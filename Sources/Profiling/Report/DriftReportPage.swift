import Incidents
import Statistics
import Web

/// The report of a comparison, for people.
struct DriftReportPage {
    private let report: DriftReport
    private let names: NameDisplay

    init(_ report: DriftReport, _ names: NameDisplay) {
        self.report = report
        self.names = names
    }

    var bytes: [UInt8] {
        let title = "Drift: \(report.currentTitle) against \(report.referenceTitle)"
        return ReportPage(title: title, body: body).bytes
    }

    private var body: HTML {
        """
        <article class="report">
        <h1>\(report.headline) \(HTML.badge(report.isBad ? "drift" : "no drift", report.isBad ? .bad : .good))</h1>
        <p class="quiet">\(report.currentTitle) compared with the reference \(report.referenceTitle).</p>
        \(numbers)
        \(FindingsPage.list(report.whole.schema + report.remarks))
        <h2>Columns <small>the most drifted first</small></h2>
        <p class="key"><span class="before">reference</span><span class="now">current</span></p>
        \(columns(report.whole))
        \(segments)
        <h2>How to read this</h2>
        \(explanation)
        <h2>What this file contains</h2>
        <p>\(contents)</p>
        </article>
        """
    }

    private var numbers: HTML {
        let quality = report.whole.columns.flatMap(\.quality).count { $0.verdict != .fine }
        return HTML.numbers([
            "Columns that drift":
                "\(report.whole.driftingColumns)<small>of \(report.whole.columns.count)</small>",
            "Rows": "\(report.whole.currentRows.words)", "Rows of the reference": "\(report.whole.referenceRows.words)",
            "Other notes on columns": "\(quality)",
            "Mode": "\(report.mode.rawValue)",
        ])
    }

    private func columns(_ slice: SliceReport) -> HTML {
        guard !slice.columns.isEmpty else {
            return "<p class=\"empty\">Both tables have no column in common that can be compared.</p>"
        }
        return """
            <div class="table" tabindex="0" role="region" aria-label="Columns"><table aria-label="Columns">
            <thead><tr><th>Column</th><th>Reference and current</th><th class="number">Effect</th><th></th>\
            <th class="number">p</th><th class="number">Missing before</th><th class="number">Missing now</th>\
            <th>Verdict</th><th>Notes</th></tr></thead>
            <tbody>
            \(slice.columns.map(row))
            </tbody></table></div>
            """
    }

    private func row(_ column: ColumnComparison) -> HTML {
        let before = column.reference.profile.map { ColumnFacts($0) }
        let after = column.current.profile.map { ColumnFacts($0) }
        let picture = column.reference.profile.map { profile in
            HistogramPage(
                ColumnHistogram(profile, column.current.profile, words: column.kind.words), names, hasCurrent: true
            ).html
        }
        let type = column.reference.column.type
        let facts = FactsPage(column.kind, names)
        return """
            <tr><th scope="row">\(column.name)<small>\(type)</small></th>
            <td>\(picture)</td>
            <td class="number">\(column.drift.value.map { Quantity.decimal($0) } ?? "–")</td>
            <td>\(meter(column.drift))</td>
            <td class="number">\((column.drift.adjustedPValue ?? column.drift.pValue).map(Quantity.pValue) ?? "–")</td>
            <td class="number">\(before?.missingShare.percent ?? "–")</td>
            <td class="number">\(after?.missingShare.percent ?? "–")</td>
            <td>\(Self.badge(column.drift.verdict))</td>
            <td class="notes">\(facts.change(before, after))\(column.quality.map(Self.note))</td></tr>

            """
    }

    /// The effect as a bar, and a mark where drift begins.
    private func meter(_ finding: Finding) -> HTML {
        guard let value = finding.value, let limit = finding.limit, finding.measure.hasPrefix("jensen") else {
            return ""
        }
        let tone = finding.verdict == .bad ? "bad" : "plain"
        let part = (min(1, max(0, value)) * 1000).rounded() / 10
        let mark = (min(1, max(0, limit)) * 1000).rounded() / 10
        return """
            <svg class="meter \(tone)" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">\
            <rect width="100" height="10"/><rect class="part" width="\(part)" height="10"/>\
            <line x1="\(mark)" x2="\(mark)" y1="0" y2="10"/></svg>
            """
    }

    static func badge(_ verdict: Finding.Verdict) -> HTML {
        switch verdict {
        case .bad: HTML.badge("drift", .bad)
        case .notable: HTML.badge("notable", .warning)
        case .fine: HTML.badge("same", .good)
        case .unknown: HTML.badge("not to be said", .plain)
        }
    }

    private static func note(_ finding: Finding) -> HTML {
        "<p>\(finding.words)</p>"
    }

    private var segments: HTML {
        guard !report.segments.isEmpty else { return "" }
        let rows = report.segments.enumerated().map { index, segment -> HTML in
            let drifting = segment.columns.filter { $0.drift.verdict == .bad }
            let worst = drifting.prefix(6).map { "\($0.name) \($0.drift.value?.words ?? "")" }.joined(separator: ", ")
            let rest = drifting.count > 6 ? " and \(drifting.count - 6) more" : ""
            return """
                <tr><th scope="row">\(segment.title(names, index))</th>
                <td class="number">\(segment.referenceRows.words)</td><td class="number">\(segment.currentRows.words)</td>
                <td class="number">\(drifting.count)</td><td>\(worst)\(rest)</td></tr>

                """
        }
        return """
            <h2>Segments</h2>
            <div class="table" tabindex="0" role="region" aria-label="Segments"><table aria-label="Segments">
            <thead><tr><th>Segment</th><th class="number">Rows before</th><th class="number">Rows now</th>\
            <th class="number">Columns that drift</th><th>Most drifted</th></tr></thead>
            <tbody>
            \(rows)
            </tbody></table></div>
            """
    }

    private var explanation: HTML {
        guard report.mode == .martlet else {
            return """
                <p>Tests, bins and thresholds are those of \(report.mode.rawValue), on all values of both tables; a column \
                drifts when that tool would say so.</p>
                """
        }
        return """
            <p>The effect is the Jensen–Shannon distance between both distributions: 0 for none, 1 for nothing in common, \
            with what chance alone would give at these sizes taken off. The p-value says how easily chance gives such a \
            difference, corrected for the number of columns. A column drifts when its effect is at least \
            \(report.limits.minimumEffect.words) (the mark in the bar) and its p-value at most \
            \(report.limits.falseDiscoveryRate.words).</p>
            """
    }

    private var contents: HTML {
        let listed: HTML =
            names == .shown
            ? "names that occur in the columns of names (the commonest), and values of the segments' column"
            : "no names: those that columns hold are numbered"
        return """
            The names and types of columns, counts, sums and limits of bins, and \(listed). The least and the greatest value \
            of a column of numbers are single values. No rows.
            """
    }
}
