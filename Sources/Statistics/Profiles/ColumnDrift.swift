#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How far one column of a window lies from its reference: how much (effect) and how surely (p-value), always together.
///
/// *Effect* is the Jensen–Shannon distance, base 2, over cells that both sizes can fill: a numeric column's anchored bins
/// are joined into about K = 2·N^(2/5) groups of equal reference share, N = n·m / (n + m) (Mann & Wald's order), of names or
/// single values the K − 1 commonest stay as they are, and rows without a usable value are a cell of their own. Two samples of
/// one law have a divergence of (K − 1)(1/n + 1/m)/8 nats on average over K cells; that much is taken off before the root,
/// so that a small window does not look drifted for being small. 0 is no change, 1 is nothing in common.
///
/// *P-value*: for a continuous column Kolmogorov and Smirnov's test at the cuts, where both distribution functions are known
/// exactly, by the exact law of both sample sizes (D at the cuts never exceeds the true D, so the test never alarms more
/// often than it says); for names and for numbers of few values `CellTest`. When either side has unusable rows, their share
/// is tested too (Fisher) and the smaller of both p-values is doubled.
package struct ColumnDrift: Sendable, Equatable {
    package enum Test: String, Sendable {
        case kolmogorovSmirnov = "kolmogorov_smirnov"
        case chiSquare = "chi_square"
    }

    /// How the effect is measured, as it is shown beside it.
    package static let measure = "jensen_shannon_distance_base2"

    package let effect: Double
    package let test: Test
    package let pValue: Double
    package let referenceRows: Int
    package let windowRows: Int
    /// Share of rows without a usable value.
    package let referenceMissingShare: Double
    package let windowMissingShare: Double

    /// Compares two profiles with the same anchors. A side without rows gives no effect and a p-value of 1.
    package init(reference: ColumnProfile, window: ColumnProfile) {
        let (a, b) = (reference.cellCounts, window.cellCounts)
        let isContinuous =
            if case .numeric(let anchors) = reference.anchors { !anchors.isDiscrete } else { false }
        test = isContinuous ? .kolmogorovSmirnov : .chiSquare
        referenceRows = reference.rows
        windowRows = window.rows
        referenceMissingShare = Proportion(reference.unusable, of: reference.rows).share
        windowMissingShare = Proportion(window.unusable, of: window.rows).share
        guard reference.rows > 0, window.rows > 0 else {
            effect = 0
            pValue = 1
            return
        }
        let unusable = (reference.unusable, window.unusable)
        let groups = isContinuous ? Self.equalShareGroups(a, b) : Self.commonestCells(a, b)
        effect = Self.effect(groups + [unusable])
        let values = isContinuous ? Self.kolmogorovSmirnov(a, b) : CellTest(a, b).pValue
        guard unusable.0 + unusable.1 > 0 else {
            pValue = values
            return
        }
        let missing = CellTest([unusable.0, reference.rows - unusable.0], [unusable.1, window.rows - unusable.1])
        pValue = min(1, 2 * min(values, missing.pValue))
    }

    /// The share of values below a cut differs by D at most; both shares are known exactly at every cut.
    private static func kolmogorovSmirnov(_ a: [Int], _ b: [Int]) -> Double {
        let (n, m) = (a.reduce(0, +), b.reduce(0, +))
        guard n > 0, m > 0 else { return 1 }
        var (belowA, belowB, largest) = (0, 0, 0.0)
        for (countA, countB) in zip(a, b) {
            belowA += countA
            belowB += countB
            largest = max(largest, abs(Double(belowA) / Double(n) - Double(belowB) / Double(m)))
        }
        // The exact law takes n·m steps; a server judges thousands of columns a minute. The other is on the safe side.
        let isSmall = n <= 200_000 / m
        return KolmogorovSmirnovTest.pValue(statistic: largest, counts: (n, m), law: isSmall ? .exact : .finite)
    }

    /// Neighbouring cells joined into groups that hold equal shares of the reference.
    private static func equalShareGroups(_ a: [Int], _ b: [Int]) -> [(Int, Int)] {
        let n = Double(a.reduce(0, +))
        guard n > 0 else { return [(0, b.reduce(0, +))] }
        let groupCount = groupCount(a, b)
        var groups = [(Int, Int)](repeating: (0, 0), count: groupCount)
        var seen = 0.0
        for cell in zip(a, b) {
            // A cell goes where its middle lies.
            let middle = (seen + Double(cell.0) / 2) / n
            let group = min(groupCount - 1, Int(middle * Double(groupCount)))
            groups[group].0 += cell.0
            groups[group].1 += cell.1
            seen += Double(cell.0)
        }
        return groups
    }

    /// The commonest cells as they are; the rest, with what the reference never had, joined.
    private static func commonestCells(_ a: [Int], _ b: [Int]) -> [(Int, Int)] {
        let cells = zip(a, b).sorted { $0.0 + $0.1 > $1.0 + $1.1 }
        let own = groupCount(a, b) - 1
        let rest = cells.dropFirst(own).reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        return cells.prefix(own) + [rest]
    }

    /// How many cells the sizes of both samples can fill: 2·N^(2/5), N = n·m / (n + m), from 2 to 32.
    private static func groupCount(_ a: [Int], _ b: [Int]) -> Int {
        let (n, m) = (Double(a.reduce(0, +)), Double(b.reduce(0, +)))
        guard n > 0, m > 0 else { return 2 }
        return min(32, max(2, Int(2 * pow(n * m / (n + m), 0.4))))
    }

    private static func effect(_ cells: [(Int, Int)]) -> Double {
        let cells = cells.filter { $0.0 + $0.1 > 0 }
        let n = Double(cells.reduce(0) { $0 + $1.0 })
        let m = Double(cells.reduce(0) { $0 + $1.1 })
        let p = cells.map { Double($0.0) / n }
        let q = cells.map { Double($0.1) / m }
        let byChance = Double(cells.count - 1) * (1 / n + 1 / m) / 8 / log(2)
        return max(0, ShareDistance.jensenShannonDivergence(p, q, base: 2) - byChance).squareRoot()
    }
}
