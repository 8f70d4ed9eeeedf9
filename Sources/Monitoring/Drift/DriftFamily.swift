package import Incidents
import Statistics

/// Whether what comes in and goes out is distributed as in the reference.
package enum DriftFamily {
    /// One finding for each column that both have, and one for rows as a whole where the rule wants it. Columns that the reference
    /// has in other cells are named.
    package static func findings(_ view: WindowView, by rule: DriftRule) -> [Finding] {
        let pairs = view.pairs
        var findings: [Finding] = []
        if rule.mode == .martlet {
            findings = columns(view, pairs.alike, by: rule)
            for (column, reference) in pairs.unlike where limit(of: column, by: rule) != nil {
                findings.append(Finding(unlike: column, reference, in: view.slice))
            }
        } else {
            // Tools compare values, whatever the cells.
            findings = ToolDrift(view, rule)?.findings ?? []
        }
        if let drift = RowDrift(view, by: rule) { findings.append(drift.finding) }
        return findings
    }

    /// Columns are judged together: one drifts when its effect is as large as the rule says and its p-value as small: corrected
    /// for all columns of the slice below the rule's false discovery rate, and by itself below the level of the monitor's
    /// alarms.
    private static func columns(_ view: WindowView, _ pairs: [WindowView.Pair], by rule: DriftRule) -> [Finding] {
        let compared = pairs.compactMap { column, former -> Comparison? in
            limit(of: column, by: rule).map { limit in
                Comparison(
                    column: column, limit: limit, drift: ColumnDrift(reference: former, window: column.profile))
            }
        }
        let adjusted = MultipleTesting.benjaminiHochberg(compared.map(\.drift.pValue))
        return zip(compared, adjusted).map { each, adjusted in
            let isSure = adjusted <= rule.falseDiscoveryRate && each.drift.pValue <= view.level.pValue
            let isBad = view.isJudged && isSure && each.drift.effect >= each.limit
            return Finding(
                driftOf: each.column.name, ColumnKind(each.column.profile.anchors), each.drift, in: view.slice,
                isBad: isBad, minimumEffect: each.limit, adjustedPValue: adjusted)
        }
    }

    /// The least effect of a column that counts; nil where it is not to be compared.
    private static func limit(of column: WindowView.Column, by rule: DriftRule) -> Double? {
        rule.hasOutputs || column.role == .input ? rule.minimumEffect(of: column.name) : nil
    }

    private struct Comparison {
        let column: WindowView.Column
        /// The least effect that counts.
        let limit: Double
        let drift: ColumnDrift
    }
}
