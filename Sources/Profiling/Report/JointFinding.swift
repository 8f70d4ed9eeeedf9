import Incidents
import Statistics
import Wire

extension Finding {
    /// So many rows of each side are looked at: what the test costs grows with their square.
    private static let jointRows = 1_000
    private static let comparedRows = 400

    /// Whether rows as a whole are distributed as in the reference: what columns one by one cannot tell, such as two of them
    /// that no longer go together.
    /// - Returns: nil where there are no rows of both tables to compare, as with a saved profile that holds none.
    static func jointDrift(of report: SliceReport, _ limits: DriftLimits) -> Finding? {
        let columns = report.columns.filter { !$0.reference.sample.isEmpty && !$0.current.sample.isEmpty }
        guard let first = columns.first, columns.count > 1 else { return nil }
        var numbers = ReportNumbers()
        let former = rows(columns.map(\.reference), of: first.reference.sample.count, columns.map(\.name), &numbers)
        let current = rows(columns.map(\.current), of: first.current.sample.count, columns.map(\.name), &numbers)
        guard
            let drift = JointDrift(
                reference: former, current: current, limit: comparedRows, reconstructs: false, using: &numbers)
        else { return nil }
        let isBad = drift.pValue <= limits.falseDiscoveryRate && drift.effect >= limits.minimumEffect
        return Finding(
            of: drift, in: report.slice, isBad: isBad, limit: limits.minimumEffect,
            numbers: ": effect \(drift.effect.words), p \(drift.pValue.words)")
    }

    /// Some of the picked rows, put together from their columns.
    private static func rows(
        _ columns: [ProfiledColumn], of count: Int, _ names: [String], _ numbers: inout ReportNumbers
    ) -> MixedRows {
        let places = (0..<count).shuffled(using: &numbers).prefix(jointRows)
        return MixedRows(columns: names, rows: places.map { row in columns.map { $0.sample[row] } })
    }
}

/// Numbers that are the same in every run, so that a report of the same tables is the same report.
private struct ReportNumbers: RandomNumberGenerator {
    private var count: UInt64 = 0

    mutating func next() -> UInt64 {
        count += 1
        return ItemHash.mix(count)
    }
}
