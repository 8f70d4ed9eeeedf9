package import Statistics

/// When the differences of a window from its reference are called drift: surely enough, large enough, long enough.
package struct DriftRule: Sendable, Hashable {
    /// Of the columns called drifting in a window, this share may be wrong on average (Benjamini & Hochberg over the
    /// window's columns).
    package let falseDiscoveryRate: Double
    /// No column drifts with less effect, however sure it is: large windows find differences that mean nothing.
    package let minimumEffect: Double
    /// An alert opens when a column drifts in so many windows in a row, and closes after as many without any drift.
    package let windows: Int

    package static let standard = DriftRule(falseDiscoveryRate: 0.01, minimumEffect: 0.2, windows: 2)

    package init(falseDiscoveryRate: Double, minimumEffect: Double, windows: Int) {
        self.falseDiscoveryRate = falseDiscoveryRate
        self.minimumEffect = minimumEffect
        self.windows = windows
    }

    /// Judges all columns of one window together.
    package func verdicts(_ columns: [(name: String, kind: ColumnKind, drift: ColumnDrift)]) -> [ColumnVerdict] {
        let adjusted = MultipleTesting.benjaminiHochberg(columns.map(\.drift.pValue))
        return zip(columns, adjusted).map { column, adjusted in
            ColumnVerdict(
                name: column.name, kind: column.kind, effect: column.drift.effect, test: column.drift.test.rawValue,
                pValue: column.drift.pValue, adjustedPValue: adjusted, referenceRows: column.drift.referenceRows,
                windowRows: column.drift.windowRows, referenceMissingShare: column.drift.referenceMissingShare,
                windowMissingShare: column.drift.windowMissingShare,
                isDrifting: adjusted <= falseDiscoveryRate && column.drift.effect >= minimumEffect)
        }
    }
}
