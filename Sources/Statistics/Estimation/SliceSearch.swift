/// Finds the parts of a table, of one or two conditions, whose rows have a higher loss than the others: where a model is
/// worse than its average says, or, with the loss 1 for new rows and 0 for old ones, where data have become more.
///
/// Every part with enough rows is tested (Welch, one-sided), the p-values are corrected together (Benjamini–Hochberg), and
/// one with two conditions is named only where both together say clearly more than either alone.
package struct SliceSearch: Sendable {
    package struct Condition: Sendable, Hashable {
        package let column: String
        package let condition: BinnedColumn.Condition
    }

    package struct Slice: Sendable, Equatable {
        /// One or two.
        package let conditions: [Condition]
        package let loss: SliceLoss
        package let pValue: Double
        package fileprivate(set) var adjustedPValue: Double
    }

    /// Fewer rows are no slice: 30, or this share of all.
    package var minimumShare = 0.01
    package var minimumRows = 30
    package var minimumEffect = 0.2
    package var level = 0.01
    package var maximumSlices = 10
    /// How many times the larger effect of its conditions one of two conditions must have.
    package var minimumGain = 1.25

    package init() {}

    /// Counts, sums and sums of squares of a part.
    private struct Sums {
        var rows = 0
        var sum = 0.0
        var squares = 0.0
    }

    private struct Candidate {
        let cells: [(column: Int, code: Int)]
        let loss: SliceLoss
    }

    /// The slices with the largest effect, at most `maximumSlices`.
    /// - Parameters:
    ///   - columns: by which rows are parted.
    ///   - codes: of each column, by row.
    ///   - losses: finite, one a row.
    package func slices(_ columns: [BinnedColumn], codes: [[UInt8]], losses: [Double]) -> [Slice] {
        let all = Moments(losses)
        guard all.count >= 2 * minimumRows, all.populationVariance > 0 else { return [] }
        // Around the mean, so that sums of squares do not cancel.
        let centered = losses.map { $0 - all.mean }
        let least = max(minimumRows, Int((minimumShare * Double(all.count)).rounded(.up)))
        let total = Sums(rows: all.count, sum: 0, squares: all.m2)
        var candidates: [Candidate] = []
        for first in columns.indices {
            let width = columns[first].conditions.count
            let sums = Self.sums(codes[first], width, centered)
            for code in 0..<width where isNamed(columns[first], code) {
                candidates += Self.candidate([(first, code)], sums[code], total, least)
            }
        }
        let single = Dictionary(uniqueKeysWithValues: candidates.map { (Self.key($0.cells), $0.loss.effectSize) })
        for first in columns.indices {
            for second in columns.indices.dropFirst(first + 1) {
                candidates += pairs(first, second, columns, codes, centered, total, least)
            }
        }
        return ranked(candidates, single: single, columns: columns, mean: all.mean)
    }

    private func isNamed(_ column: BinnedColumn, _ code: Int) -> Bool { column.conditions[code] != .other }

    private func pairs(
        _ first: Int, _ second: Int, _ columns: [BinnedColumn], _ codes: [[UInt8]], _ losses: [Double],
        _ total: Sums, _ least: Int
    ) -> [Candidate] {
        let (height, width) = (columns[first].conditions.count, columns[second].conditions.count)
        var sums = [Sums](repeating: Sums(), count: height * width)
        let (rows, others) = (codes[first], codes[second])
        for row in losses.indices {
            let cell = Int(rows[row]) * width + Int(others[row])
            sums[cell].rows += 1
            sums[cell].sum += losses[row]
            sums[cell].squares += losses[row] * losses[row]
        }
        var candidates: [Candidate] = []
        for a in 0..<height where isNamed(columns[first], a) {
            for b in 0..<width where isNamed(columns[second], b) {
                candidates += Self.candidate([(first, a), (second, b)], sums[a * width + b], total, least)
            }
        }
        return candidates
    }

    private static func sums(_ codes: [UInt8], _ width: Int, _ losses: [Double]) -> [Sums] {
        var sums = [Sums](repeating: Sums(), count: width)
        for row in losses.indices {
            sums[Int(codes[row])].rows += 1
            sums[Int(codes[row])].sum += losses[row]
            sums[Int(codes[row])].squares += losses[row] * losses[row]
        }
        return sums
    }

    /// None when it is too small, or all but a few rows are in it.
    private static func candidate(_ cells: [(Int, Int)], _ part: Sums, _ total: Sums, _ least: Int) -> [Candidate] {
        guard part.rows >= least, total.rows - part.rows >= least else { return [] }
        let rest = Sums(
            rows: total.rows - part.rows, sum: total.sum - part.sum, squares: total.squares - part.squares)
        let loss = SliceLoss(inside: moments(part), outside: moments(rest))
        return [Candidate(cells: cells, loss: loss)]
    }

    private static func moments(_ sums: Sums) -> Moments {
        let mean = sums.sum / Double(sums.rows)
        return Moments(count: sums.rows, mean: mean, m2: max(0, sums.squares - sums.sum * mean))
    }

    private static func key(_ cells: [(column: Int, code: Int)]) -> Int {
        cells.reduce(0) { $0 << 32 | $1.column << 8 | $1.code }
    }

    /// - Parameter mean: what was taken off all losses.
    private func ranked(
        _ candidates: [Candidate], single: [Int: Double], columns: [BinnedColumn], mean: Double
    ) -> [Slice] {
        // Only those above can be named; the others count among the tests.
        let pValues = candidates.map { $0.loss.inside.mean > $0.loss.outside.mean ? $0.loss.pValueGreater : 1 }
        let adjusted = MultipleTesting.benjaminiHochberg(pValues)
        let named = candidates.indices.filter { index in
            let (candidate, effect) = (candidates[index], candidates[index].loss.effectSize)
            guard adjusted[index] <= level, effect >= minimumEffect else { return false }
            guard candidate.cells.count > 1 else { return true }
            let parents = candidate.cells.map { single[Self.key([$0])] ?? 0 }
            return effect >= minimumGain * (parents.max() ?? 0)
        }
        let order = named.sorted { a, b in
            let (one, other) = (candidates[a], candidates[b])
            return (other.loss.effectSize, one.cells.count, a) < (one.loss.effectSize, other.cells.count, b)
        }
        return order.prefix(maximumSlices).map { index in
            let conditions = candidates[index].cells.map {
                Condition(column: columns[$0.column].name, condition: columns[$0.column].conditions[$0.code])
            }
            return Slice(
                conditions: conditions, loss: candidates[index].loss.raised(by: mean), pValue: pValues[index],
                adjustedPValue: adjusted[index])
        }
    }
}

extension SliceLoss {
    /// The same losses with so much added to each.
    fileprivate func raised(by amount: Double) -> SliceLoss {
        func raised(_ moments: Moments) -> Moments {
            Moments(count: moments.count, mean: moments.mean + amount, m2: moments.m2)
        }
        return SliceLoss(inside: raised(inside), outside: raised(outside))
    }
}
