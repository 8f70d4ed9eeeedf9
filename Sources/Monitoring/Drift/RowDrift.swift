import Incidents
import Statistics
import Wire

/// Whether rows as a whole are distributed as in the reference: what columns one by one cannot tell, such as two of them that
/// no longer go together. Asked of whole lanes, on samples of their rows.
struct RowDrift {
    /// Fewer rows on either side say too little.
    static let minimumRows = 50
    /// Rows of each side that are compared: what a test costs grows with their square.
    static let comparedRows = 200
    /// Permutations at most, and deals as far apart as the samples that end them early.
    private static let permutations = 2_000
    private static let enough = 20

    private let view: WindowView
    private let limit: Double
    private let drift: JointDrift

    /// How many rows of the window are compared, and from how many of its reference; nil where rows are not to be compared, or
    /// there are too few.
    static func rows(of view: WindowView) -> (window: Int, reference: Int)? {
        guard view.slice.segment == nil, view.isJudged, view.monitor.drift.comparesRows(in: view.size),
            let reference = view.reference?.samples.first
        else { return nil }
        let rows = min(comparedRows, view.record.sample.rows.count)
        return min(rows, reference.count) >= minimumRows ? (rows, reference.count) : nil
    }

    /// Nil where there is nothing to compare.
    init?(_ view: WindowView, by rule: DriftRule) {
        guard let reference = view.reference?.samples.first, let rows = Self.rows(of: view) else { return nil }
        let seed = UInt64(bitPattern: view.start.milliseconds)
        // Each window draws others of the reference's rows, lest what is odd about some be odd about all windows.
        let former = reference.columns(Self.comparedRows, seed: seed)
        let current = view.record.sample.rows.values(0..<rows.window)
        let names = view.columns.filter { $0.role == .input && rule.minimumEffect(of: $0.name) != nil }.map(\.name)
        let columns = names.compactMap { name -> (name: String, former: [ColumnValue], current: [ColumnValue])? in
            let key = Reference.Column.Key(name: name, role: .input)
            guard let former = former[key].flatMap(Self.known), let current = current[key].flatMap(Self.known) else {
                return nil
            }
            return (name, former, current)
        }
        guard columns.count > 1 else { return nil }
        var numbers = SplitMix(seed: seed)
        let drift = JointDrift(
            reference: Self.rows(columns.map(\.name), columns.map(\.former)),
            current: Self.rows(columns.map(\.name), columns.map(\.current)), limit: Self.comparedRows,
            permutations: min(Self.permutations, Int((4 / view.rowLevel.pValue).rounded(.up))), enough: Self.enough,
            reconstructs: false, using: &numbers)
        guard let drift else { return nil }
        (self.view, self.drift) = (view, drift)
        limit = rule.minimumEffect
    }

    /// Nil for a column that is masked in some rows: nothing is known of it then.
    private static func known(_ values: [ColumnValue?]) -> [ColumnValue]? {
        let known = values.compactMap(\.self)
        return known.count == values.count ? known : nil
    }

    private static func rows(_ names: [String], _ columns: [[ColumnValue]]) -> MixedRows {
        let count = columns.first?.count ?? 0
        return MixedRows(columns: names, rows: (0..<count).map { row in columns.map { $0[row] } })
    }

    var finding: Finding {
        let isBad = drift.pValue <= view.rowLevel.pValue && drift.effect >= limit
        return Finding(of: drift, in: view.slice, isBad: isBad, limit: limit)
    }
}
