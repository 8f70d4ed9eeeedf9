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
        package let adjustedPValue: Double
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

    /// A part that may be one of those that are named.
    private struct Candidate {
        let cells: [LossCells.Cell]
        let loss: SliceLoss
        let t: Double
    }

    /// What was looked at so far.
    private struct Looked {
        let total: PartSums
        /// A t that is even less surely not of a normal law than the level asks for is so much less of Student's.
        let leastT: Double
        /// Fewer rows are no part.
        let least: Int
        var tests = 0
        var candidates: [Candidate] = []
        /// Of parts with one condition, by column and code.
        var effects: [[Double]]

        init(_ search: SliceSearch, _ total: PartSums, conditions: [Int]) {
            self.total = total
            leastT = -NormalDistribution.quantile(search.level) * (1 - 1e-9)
            least = max(search.minimumRows, Int((search.minimumShare * Double(total.rows)).rounded(.up)))
            effects = conditions.map { [Double](repeating: 0, count: $0) }
        }

        func isPart(_ part: PartSums) -> Bool { part.rows >= least && total.rows - part.rows >= least }

        mutating func note(_ part: PartSums, _ place: @autoclosure () -> [LossCells.Cell]) {
            // Around the mean of all, the part's mean is above that of the others if it is above 0.
            guard part.sum > 0 else { return }
            let loss = part.loss(among: total)
            let t = loss.t
            if t >= leastT { candidates.append(Candidate(cells: place(), loss: loss, t: t)) }
        }

        mutating func note(_ part: PartSums, column: Int, code: Int) {
            guard isPart(part) else { return }
            tests += 1
            effects[column][code] = part.loss(among: total).effectSize
            note(part, [(column, code)])
        }
    }

    /// The slices with the largest effect, at most `maximumSlices`.
    /// - Parameters:
    ///   - columns: by which rows are parted.
    ///   - codes: of each column, by row.
    ///   - losses: finite, one a row.
    package func slices(_ columns: [BinnedColumn], codes: [[UInt8]], losses: [Double]) -> [Slice] {
        let all = Moments(losses)
        guard all.count >= 2 * minimumRows, all.populationVariance > 0 else { return [] }
        let cells = LossCells(losses, around: all)
        var looked = Looked(self, cells.total, conditions: columns.map { $0.conditions.count })
        for first in columns.indices {
            cells.forEachCell(of: columns[first], codes[first]) { looked.note($1, column: first, code: $0) }
        }
        for first in columns.indices {
            for second in columns.indices.dropFirst(first + 1) {
                let (a, b) = ((columns[first], codes[first]), (columns[second], codes[second]))
                cells.forEachCell(of: a, b) { one, other, part in
                    guard looked.isPart(part) else { return }
                    looked.tests += 1
                    looked.note(part, [(first, one), (second, other)])
                }
            }
        }
        return named(looked, columns.map { ($0.name, $0.conditions) }, mean: all.mean)
    }

    /// The slices of which some rows have become more than they were in the reference that they are held against, those with the
    /// largest effect; the loss is 1 for these rows and 0 for the reference's.
    package func grown(_ rows: GrowthRows) -> [Slice] {
        let cells = rows.cells()
        guard cells.total.rows >= 2 * minimumRows, cells.total.squares > 0 else { return [] }
        var looked = Looked(self, cells.total, conditions: cells.columns.map { $0.column.conditions.count })
        for column in cells.columns.indices {
            cells.forEachCell(of: column) { looked.note($1, column: column, code: $0) }
        }
        looked.tests += cells.forEachPair(least: looked.least, leastT: looked.leastT) { one, other, part in
            looked.note(part, [one, other])
        }
        return named(looked, cells.columns.map { ($0.column.name, $0.column.conditions) }, mean: cells.mean)
    }

    private func named(_ looked: Looked, _ columns: [Column], mean: Double) -> [Slice] {
        guard canAnyBeNamed(looked.candidates, tests: looked.tests) else { return [] }
        return ranked(looked, columns, mean: mean)
    }

    private typealias Column = (name: String, conditions: [BinnedColumn.Condition])

    /// Whether a test would count if t were normal. Student's tails are heavier, so that no p-value is smaller than that.
    private func canAnyBeNamed(_ candidates: [Candidate], tests: Int) -> Bool {
        let share = level * (1 + 1e-9) / Double(max(1, tests))
        return candidates.map(\.t).sorted(by: >).enumerated().contains { place, t in
            NormalDistribution.upperTail(t) <= Double(place + 1) * share
        }
    }

    /// - Parameters:
    ///   - looked: every part whose p-value is within the level, and maybe others.
    ///   - mean: what was taken off all losses.
    private func ranked(_ looked: Looked, _ columns: [Column], mean: Double) -> [Slice] {
        // Those beyond the level count among the tests; none of them says anything of those within.
        let sure = looked.candidates.map { (part: $0, pValue: $0.loss.pValueGreater) }.filter { $0.pValue <= level }
        let adjusted = MultipleTesting.benjaminiHochberg(sure.map(\.pValue), of: looked.tests)
        let named = sure.indices.filter { index in
            let (part, effect) = (sure[index].part, sure[index].part.loss.effectSize)
            guard adjusted[index] <= level, effect >= minimumEffect else { return false }
            guard part.cells.count > 1 else { return true }
            return effect >= minimumGain * (part.cells.map { looked.effects[$0.column][$0.code] }.max() ?? 0)
        }
        let order = named.sorted { a, b in
            let (one, other) = (sure[a].part, sure[b].part)
            return (other.loss.effectSize, one.cells.count, a) < (one.loss.effectSize, other.cells.count, b)
        }
        return order.prefix(maximumSlices).map { index in
            let part = sure[index].part
            let conditions = part.cells.map {
                Condition(column: columns[$0.column].name, condition: columns[$0.column].conditions[$0.code])
            }
            return Slice(
                conditions: conditions, loss: part.loss.raised(by: mean), pValue: sure[index].pValue,
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
