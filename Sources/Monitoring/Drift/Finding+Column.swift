package import Incidents
import Statistics
package import Wire

extension Finding {
    /// The code of what is said of one column's distribution.
    package static let driftCode = "drift"

    /// The code of what is said of a column that cannot be compared, with the reason.
    static let notCompared = "not_compared"

    /// Says that a column cannot be compared in cells, because the reference has others.
    init(unlike column: WindowView.Column, _ reference: ColumnProfile, in slice: TrafficSlice) {
        self.init(
            .drift, Self.notCompared, of: column.name, in: slice, verdict: .unknown, measure: ColumnDrift.measure,
            rows: column.profile.rows, referenceRows: reference.rows,
            words: "\(column.name) was sorted into other cells than in the reference: what was counted in them is not "
                + "compared.")
    }

    /// Whether it tells of the distribution of one column.
    package var isColumnDrift: Bool { family == .drift && code == Self.driftCode && subject != nil }

    /// What is said of one column in one window: how far it lies from the reference, how sure that is, on how many rows.
    init(
        driftOf column: String, _ kind: ColumnKind, _ drift: ColumnDrift, in slice: TrafficSlice, isBad: Bool,
        minimumEffect: Double, adjustedPValue: Double
    ) {
        let effect = "effect \(drift.effect.words())"
        let change =
            isBad
            ? "is distributed differently: \(effect), \(minimumEffect.words()) or more counts"
            : drift.effect < minimumEffect
                ? "is distributed as before: \(effect)" : "may be distributed as before: \(effect) can be chance"
        self.init(
            .drift, Self.driftCode, of: column, in: slice, verdict: isBad ? .bad : .fine, value: drift.effect,
            limit: minimumEffect, measure: ColumnDrift.measure, test: drift.test.rawValue, pValue: drift.pValue,
            adjustedPValue: adjustedPValue, rows: drift.windowRows, referenceRows: drift.referenceRows,
            words: "\(column) \(change) (\(drift.windowRows) rows against \(drift.referenceRows)).",
            details: [
                "kind": .string(kind.rawValue), "reference_missing_share": .double(drift.referenceMissingShare),
                "window_missing_share": .double(drift.windowMissingShare),
            ])
    }
}
