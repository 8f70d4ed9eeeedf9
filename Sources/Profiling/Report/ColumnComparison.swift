import Incidents
import Statistics
import Wire

/// One column of both tables: how it is distributed in each, and what is said of the difference.
struct ColumnComparison: Sendable {
    let name: String
    let reference: ProfiledColumn
    let current: ProfiledColumn
    /// The finding about its distribution.
    let drift: Finding
    /// What else there is to say of it: missing, unseen, out of range.
    let quality: [Finding]
}

extension Finding {
    /// How far a column lies from its reference, by profiles.
    static func drift(
        of name: String, _ drift: ColumnDrift, in slice: TrafficSlice, _ limits: DriftLimits, adjusted: Double
    ) -> Finding {
        let isJudged = drift.referenceRows > 0 && drift.windowRows > 0
        let isBad = isJudged && adjusted <= limits.falseDiscoveryRate && drift.effect >= limits.minimumEffect
        let sizes = "\(drift.windowRows) rows against \(drift.referenceRows)"
        let words =
            isJudged
            ? "\(name) lies \(drift.effect.words) from its reference, p \(adjusted.words) over all columns (\(sizes))."
            : "\(name) cannot be compared: \(sizes)."
        return Finding(
            .drift, "drift", of: name, in: slice, verdict: isJudged ? (isBad ? .bad : .fine) : .unknown,
            value: isJudged ? drift.effect : nil, limit: limits.minimumEffect, measure: ColumnDrift.measure,
            test: drift.test.rawValue, pValue: isJudged ? drift.pValue : nil,
            adjustedPValue: isJudged ? adjusted : nil, rows: drift.windowRows, referenceRows: drift.referenceRows,
            words: words,
            details: [
                "reference_missing_share": .double(drift.referenceMissingShare),
                "current_missing_share": .double(drift.windowMissingShare),
            ])
    }

    /// A column of which nothing can be said, and why.
    static func notCompared(
        _ name: String, in slice: TrafficSlice, because reason: String, rows: Int, referenceRows: Int
    ) -> Finding {
        Finding(
            .drift, "not_compared", of: name, in: slice, verdict: .unknown, measure: ColumnDrift.measure, rows: rows,
            referenceRows: referenceRows, words: "\(name) is not compared: \(reason).")
    }
}
