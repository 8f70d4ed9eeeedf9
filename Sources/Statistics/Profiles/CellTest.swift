/// A test that two samples fall into the same cells with the same probabilities, right for small samples too.
///
/// Pearson's χ² is trusted only where at least `minimumExpected` values are expected in the smaller sample. Cells with
/// fewer are taken together; if even together they stay below, whether a value falls among them is tested exactly (Fisher)
/// and apart from the rest, and the smaller of both p-values is doubled (Bonferroni). Two cells are always tested exactly.
/// So a name that the reference never had counts as evidence, yet never as an infinite statistic.
package struct CellTest: Sendable {
    package let pValue: Double

    package static let minimumExpected = 5.0
    /// Above this many values in both samples together, χ² stands in for the exact test of two cells.
    private static let exactLimit = 20_000

    package init(_ a: [Int], _ b: [Int]) {
        let smaller = Double(min(a.reduce(0, +), b.reduce(0, +)))
        let total = Double(a.reduce(0, +) + b.reduce(0, +))
        var filled: [(Int, Int)] = []
        var rare = (0, 0)
        for cell in zip(a, b) where cell.0 + cell.1 > 0 {
            if Double(cell.0 + cell.1) * smaller >= Self.minimumExpected * total {
                filled.append(cell)
            } else {
                rare = (rare.0 + cell.0, rare.1 + cell.1)
            }
        }
        let common = filled.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        if Double(rare.0 + rare.1) * smaller >= Self.minimumExpected * total {
            pValue = Self.homogeneity(filled + [rare])
        } else if rare.0 + rare.1 > 0 {
            let apart = Self.homogeneity([common, rare])
            pValue = filled.count > 1 ? min(1, 2 * min(apart, Self.homogeneity(filled))) : apart
        } else {
            pValue = Self.homogeneity(filled)
        }
    }

    private static func homogeneity(_ cells: [(Int, Int)]) -> Double {
        let total = cells.reduce(0) { $0 + $1.0 + $1.1 }
        guard cells.count == 2, total <= exactLimit else {
            return ContingencyTest.chiSquared(cells.map(\.0), cells.map(\.1)).pValue
        }
        let first = Proportion(cells[0].0, of: cells[0].0 + cells[1].0)
        let second = Proportion(cells[0].1, of: cells[0].1 + cells[1].1)
        return ProportionDifference(first, second).fisherPValue
    }
}
