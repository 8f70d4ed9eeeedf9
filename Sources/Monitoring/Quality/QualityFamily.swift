package import Incidents
import Statistics
import Wire

/// Whether the rows are what a model can work with: there, of the right type, within what the reference had, in time.
package enum QualityFamily {
    /// Only what is worth a word: `bad` where more rows are in trouble than the rule allows and chance explains, `notable`
    /// where chance does not explain it but the rule allows it.
    package static func findings(_ view: WindowView, by rule: QualityRule) -> [Finding] {
        let unreadable = unreadable(view)
        guard view.isJudged else { return unreadable }
        var findings = unreadable + times(view, by: rule)
        if let limit = rule.unmatchedLabels, let labels = view.labels {
            findings += [LabelMatch.finding(labels, limit: limit, view)].compactMap(\.self)
        }
        if rule.hasShapeChecks { findings += TableShape.findings(view, view.reference) }
        guard let reference = view.reference else { return findings }
        if rule.hasShapeChecks { findings += shape(view, reference) + RowQuality.dimension(view, reference) }
        findings += RowQuality.duplicates(view, reference, limit: rule.duplicates)
        for (column, former) in view.pairs.alike {
            let quality = ColumnQuality(reference: former, window: column.profile)
            let limits = rule.limits(of: column.name)
            let changes = quality.changes.filter { limits[$0.check] != nil }
            findings += changes.compactMap { check, change in
                let isTolerated = check == .range && !rule.isRangeStrict && !quality.isFarOut
                return finding(
                    check, change, of: column.name, limit: isTolerated ? 1 : limits[check] ?? 1,
                    checks: changes.count, view, reference)
            }
            if rule.hasShapeChecks, !limits.isEmpty, let chance = quality.constancy, chance <= view.level.pValue {
                findings.append(constant(column, chance, view, reference))
            }
        }
        return findings
    }

    /// What was counted and cannot be read any more.
    private static func unreadable(_ view: WindowView) -> [Finding] {
        let records = view.record.unreadable
        guard records > 0 else { return [] }
        return [
            Finding(
                .quality, "unreadable_records", in: view.slice, verdict: .notable, value: Double(records), expected: 0,
                measure: "records", rows: view.rows,
                words:
                    "\(records) stored records of this time are damaged; their rows are missing in what is said of it.")
        ]
    }

    /// - Parameter checks: how many checks of the column were tested; together they may be wrong as often as one test.
    private static func finding(
        _ check: QualityRule.Check, _ change: ShareChange, of column: String, limit: Double, checks: Int,
        _ view: WindowView, _ reference: Reference
    ) -> Finding? {
        let adjusted = min(1, change.pValue * Double(checks))
        guard adjusted <= view.level.pValue else { return nil }
        return Finding(
            .quality, check.code, of: column, in: view.slice, verdict: change.effect > limit ? .bad : .notable,
            value: change.share, expected: change.expected, limit: min(1, change.expected + limit), measure: "share",
            test: change.test, pValue: change.pValue, adjustedPValue: adjusted, rows: change.rows,
            referenceRows: reference.rows,
            words: "\(change.count) of \(change.rows) rows (\(change.share.percent)) of \(column) \(check.words), "
                + "\(change.expected.percent) of the reference.")
    }

    private static func constant(
        _ column: WindowView.Column, _ chance: Double, _ view: WindowView, _ reference: Reference
    ) -> Finding {
        Finding(
            .quality, "constant", of: column.name, in: view.slice, verdict: .bad, value: 1, measure: "distinct_values",
            test: "repeats", pValue: chance, adjustedPValue: chance, rows: view.rows, referenceRows: reference.rows,
            words: "\(column.name) holds one value in all \(view.rows) rows, several in the reference.")
    }

    /// Columns that are not there any more, and new ones.
    private static func shape(_ view: WindowView, _ reference: Reference) -> [Finding] {
        let present = Set(view.columns.map(\.name))
        let known = Set(reference.columns.map(\.name))
        let lacking = reference.columns.map(\.name).filter { !present.contains($0) }
        let vanished = view.former(lacking).map { name in
            Finding(
                .quality, "column_vanished", of: name, in: view.slice, verdict: .bad, value: 0, expected: 1,
                measure: "columns", rows: view.rows, referenceRows: reference.rows,
                words: "\(name) is in none of \(view.rows) rows; the reference has it.")
        }
        let inputs = view.columns.filter { $0.role == .input }.map(\.name)
        let appeared = inputs.filter { !known.contains($0) }.map { name in
            Finding(
                .quality, "column_appeared", of: name, in: view.slice, verdict: .notable, value: 1, expected: 0,
                measure: "columns", rows: view.rows, referenceRows: reference.rows,
                words: "\(name) came with \(view.rows) rows; the reference does not have it.")
        }
        return vanished + appeared
    }

    /// Rows whose own time is not about now.
    private static func times(_ view: WindowView, by rule: QualityRule) -> [Finding] {
        let ahead = view.end.milliseconds - view.now.milliseconds
        let behind = view.now.milliseconds - view.start.milliseconds
        if ahead > Int64(rule.futureMinutes) * 60_000 {
            let minutes = Double(ahead) / 60_000
            return [
                Finding(
                    .quality, "future_timestamps", in: view.slice, verdict: .bad, value: minutes,
                    limit: Double(rule.futureMinutes), measure: "minutes", rows: view.rows,
                    words: "Rows say that they are of \(view.end.iso8601), \(minutes.words()) minutes ahead of now.")
            ]
        }
        guard behind > Int64(rule.lateDays) * 86_400_000, !view.isReevaluation else { return [] }
        let days = Double(behind) / 86_400_000
        return [
            Finding(
                .quality, "late_timestamps", in: view.slice, verdict: .bad, value: days, limit: Double(rule.lateDays),
                measure: "days", rows: view.rows,
                words: "Rows say that they are of \(view.start.iso8601), \(days.words()) days ago.")
        ]
    }
}

extension QualityRule.Check {
    /// Of the finding.
    package var code: String {
        switch self {
        case .missing: "missing"
        case .nan: "not_a_number"
        case .infinite: "infinite"
        case .type: "type_changed"
        case .range: "out_of_range"
        case .unseen: "unseen_category"
        }
    }

    /// Behind `12 of 50 rows of age`.
    fileprivate var words: String {
        switch self {
        case .missing: "are missing"
        case .nan: "are NaN"
        case .infinite: "are infinite"
        case .type: "hold text instead of a number"
        case .range: "lie outside of the reference's range"
        case .unseen: "have a category that the reference never had"
        }
    }
}
