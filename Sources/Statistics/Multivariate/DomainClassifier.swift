/// How well a classifier tells rows of the window from rows of the reference: not at all when nothing changed, and where it
/// looks is where the drift is.
package struct DomainClassifier: Sendable, Equatable {
    /// The chance that a row of the window gets the higher score than one of the reference, of classifiers that saw neither:
    /// ½ without drift, 1 when they can always be told apart.
    package let area: Double
    /// One-sided, of no drift: Mann and Whitney's within each fold, added up with twice their variance. What one fold says of
    /// another by being learnt from is what the other says of it, so every pair of folds counts twice; for classifiers that
    /// are linear in their rows that is exact, and simulations find no more alarms than p says for this one.
    package let pValue: Double
    /// The share of each coordinate in what the classifiers learnt; they sum to 1, or are all 0.
    package let importance: [Double]

    /// Cross-validated in `folds` parts with both samples in each, boosted trees. Nil with fewer than two rows a fold on either
    /// side, when there is nothing to learn from.
    package init?(
        _ reference: Matrix, _ current: Matrix, folds: Int = 5, using generator: inout some RandomNumberGenerator
    ) {
        guard folds > 1, min(reference.rows, current.rows) >= 2 * folds else { return nil }
        var points = Matrix(rows: reference.rows + current.rows, columns: reference.columns)
        points.elements = reference.elements + current.elements
        let labels = (0..<points.rows).map { $0 >= reference.rows }
        let fold = Self.folds(reference.rows, folds, &generator) + Self.folds(current.rows, folds, &generator)
        var gains = [Double](repeating: 0, count: points.columns)
        var (reached, pairs, variance) = (0.0, 0.0, 0.0)
        for part in 0..<folds {
            let trees = BoostedTrees(points, labels: labels, rows: fold.indices.filter { fold[$0] != part })
            for index in gains.indices { gains[index] += trees.gains[index] }
            let scores = { (isCurrent: Bool) in
                fold.indices.filter { fold[$0] == part && labels[$0] == isCurrent }.map { trees.margin(points.row($0)) }
            }
            let (higher, lower) = (scores(true), scores(false))
            let test = MannWhitneyTest(higher, lower)
            reached += test.statistic
            pairs += Double(higher.count * lower.count)
            variance += test.variance
        }
        area = reached / pairs
        pValue = variance > 0 ? NormalDistribution.upperTail((reached - pairs / 2) / (2 * variance).squareRoot()) : 1
        let total = gains.reduce(0, +)
        importance = gains.map { total > 0 ? $0 / total : 0 }
    }

    /// Which part each row belongs to, of parts that differ by a row at most.
    private static func folds(_ rows: Int, _ folds: Int, _ generator: inout some RandomNumberGenerator) -> [Int] {
        (0..<rows).map { $0 % folds }.shuffled(using: &generator)
    }
}
