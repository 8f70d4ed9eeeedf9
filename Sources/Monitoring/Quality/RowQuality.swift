import Incidents
import Statistics
import Wire

/// Whether rows are as wide as they should be, and not the same again and again.
enum RowQuality {
    // MARK: Dimension

    /// A width that so few rows of the reference have is an accident there.
    private static let usualShare = 0.05
    /// So many more rows than in the reference may have another number of values.
    private static let dimensionLimit = 0.01

    /// Rows with more or fewer inputs than those they are compared with, be they columns or elements of a vector.
    static func dimension(_ view: WindowView, _ reference: Reference) -> [Finding] {
        guard let former = reference.widths, former.rows > 0 else { return [] }
        let now = view.record.widths
        let usual = Set(former.counts.filter { Double($0.value) >= usualShare * Double(former.rows) }.map(\.key))
        guard !usual.isEmpty, now.rows > 0 else { return [] }
        func unusual(_ widths: RowWidths) -> Int {
            widths.rows - usual.reduce(0) { $0 + (widths.counts[$1] ?? 0) }
        }
        let change = ShareChange(unusual(now), of: now.rows, reference: unusual(former), of: former.rows)
        guard change.count > 0, change.pValue <= view.level.pValue else { return [] }
        let strange = now.counts.filter { !usual.contains($0.key) }.max { ($0.value, $1.key) < ($1.value, $0.key) }
        let found = strange.map { "most of them \($0.key)" } ?? "many more"
        let expected = usual.sorted().map { "\($0)" }.joined(separator: " or ")
        return [
            Finding(
                .quality, "dimension", in: view.slice, verdict: change.effect > dimensionLimit ? .bad : .notable,
                value: change.share, expected: change.expected, limit: min(1, change.expected + dimensionLimit),
                measure: "share", test: change.test, pValue: change.pValue, adjustedPValue: change.pValue,
                rows: change.rows, referenceRows: former.rows,
                words:
                    "\(change.count) of \(change.rows) rows (\(change.share.percent)) do not have \(expected) inputs, "
                    + "as those before had; \(found).")
        ]
    }

    // MARK: Duplicates

    /// Rows that are there already.
    ///
    /// More rows have more in common: the share of duplicates d(n) among n rows of one law grows, and ever more slowly, so that
    /// d(m) ≥ d(n)·m/n for m < n. So a smaller window is held against the share in all sampled rows of the reference, and of a
    /// larger one so much is, as there are surely among as few rows as the reference has.
    static func duplicates(_ view: WindowView, _ reference: Reference, limit: Double?) -> [Finding] {
        let uniqueness = view.record.uniqueness
        guard let limit, uniqueness.rows >= MonitorWindow.minimumRows, let sample = reference.samples.first else {
            return []
        }
        let share = Double(uniqueness.duplicates) / Double(uniqueness.rows)
        // Nothing is wrong with so few, and the rows of the reference need not be looked at.
        guard share > limit else { return [] }
        let hashes = hashes(of: sample, columns: view.columns.filter { $0.role == .input }.map(\.name))
        guard hashes.count >= MonitorWindow.minimumRows else { return [] }
        let rows = min(uniqueness.rows, hashes.count)
        let scale = Double(rows) / Double(uniqueness.rows)
        let count = Int(share * scale * Double(rows))
        let former = hashes.count - Set(hashes).count
        let change = ShareChange(count, of: rows, reference: former, of: hashes.count)
        let expected = min(1, change.expected / scale)
        guard change.pValue <= view.level.pValue, share > expected else { return [] }
        return [
            Finding(
                .quality, "duplicates", in: view.slice, verdict: share > expected + limit ? .bad : .notable,
                value: share, expected: expected, limit: min(1, expected + limit), measure: "share", test: change.test,
                pValue: change.pValue, adjustedPValue: change.pValue, rows: uniqueness.rows,
                referenceRows: hashes.count,
                words: "\(uniqueness.duplicates) of \(uniqueness.rows) rows (\(share.percent)) are like one before, "
                    + "\(expected.percent) are to be expected of the reference.")
        ]
    }

    /// The hashes of the reference's rows, of the columns that the window has.
    private static func hashes(of sample: ReferenceSample, columns: [String]) -> [UInt64] {
        let values = sample.columns
        let known = columns.compactMap { name in
            values[Reference.Column.Key(name: name, role: .input)].map { (name: name, values: $0) }
        }
        return (0..<sample.count).map { row in
            RowHash.of(known.lazy.map { (name: $0.name, value: $0.values[row]) })
        }.filter { $0 != RowHash.nothing }
    }
}
