import TestSupport
import Testing

@testable import Statistics

@Suite struct SliceSearchTests {
    private struct Table {
        var columns: [BinnedColumn]
        var codes: [[UInt8]]
        var values: [[ColumnValue]]
    }

    private func table(_ rows: Int, numbers: Int, texts: Int, seed: UInt64) -> Table {
        var random = SeededNumbers(seed: seed)
        var values: [[ColumnValue]] = []
        for _ in 0..<numbers { values.append((0..<rows).map { _ in .number(random.uniform()) }) }
        for _ in 0..<texts { values.append((0..<rows).map { _ in .text("v\(Int(random.uniform() * 5))") }) }
        let columns = values.enumerated().map { BinnedColumn("c\($0)", $1, bins: $0 < numbers ? 4 : 15) }
        return Table(
            columns: columns, codes: zip(columns, values).map { column, cells in cells.map(column.code) },
            values: values)
    }

    @Test func findsThePlantedSliceOfTwoConditions() throws {
        var random = SeededNumbers(seed: 5)
        let table = table(4000, numbers: 6, texts: 3, seed: 6)
        let losses = (0..<4000).map { row in
            let isPlanted = table.values[7][row] == .text("v2") && table.codes[1][row] == 4
            return random.uniform() * (isPlanted ? 2.5 : 1)
        }
        let slices = SliceSearch().slices(table.columns, codes: table.codes, losses: losses)
        let best = try #require(slices.first)
        #expect(best.conditions.map(\.column) == ["c1", "c7"])
        #expect(best.conditions.last?.condition == .equals("v2"))
        #expect(best.adjustedPValue < 1e-6)
        #expect(best.loss.effectSize > 1)
        #expect(best.loss.inside.count > 100)
        // Losses are said as they are, 0 to 2.5 inside and 0 to 1 elsewhere.
        #expect(abs(best.loss.inside.mean - 1.25) < 0.15)
        #expect(abs(best.loss.outside.mean - 0.5) < 0.05)
    }

    @Test func findsNothingWhereNothingIs() {
        var named = 0
        for seed in 0..<20 {
            var random = SeededNumbers(seed: UInt64(seed))
            let table = table(1000, numbers: 5, texts: 3, seed: UInt64(seed) + 50)
            let losses = (0..<1000).map { _ in random.uniform() }
            named += SliceSearch().slices(table.columns, codes: table.codes, losses: losses).count
        }
        #expect(named <= 2)
    }

    /// Tests every part and corrects every p-value, as it is written down.
    private func plainSlices(_ search: SliceSearch, _ table: Table, _ losses: [Double]) -> [(rows: Int, p: Double)] {
        let cells = table.columns.indices.flatMap { column in
            table.columns[column].conditions.indices.filter { table.columns[column].conditions[$0] != .other }
                .map { (column: column, code: $0) }
        }
        let parts = cells.map { [$0] } + cells.flatMap { a in cells.filter { $0.column > a.column }.map { [a, $0] } }
        let least = max(search.minimumRows, Int((search.minimumShare * Double(losses.count)).rounded(.up)))
        let tested = parts.compactMap { part -> (part: [(column: Int, code: Int)], loss: SliceLoss)? in
            let isIn = losses.indices.map { row in part.allSatisfy { Int(table.codes[$0.column][row]) == $0.code } }
            let inside = losses.indices.filter { isIn[$0] }.map { losses[$0] }
            let outside = losses.indices.filter { !isIn[$0] }.map { losses[$0] }
            guard inside.count >= least, outside.count >= least else { return nil }
            return (part, SliceLoss(inside: Moments(inside), outside: Moments(outside)))
        }
        let p = tested.map { $0.loss.inside.mean > $0.loss.outside.mean ? $0.loss.pValueGreater : 1 }
        let adjusted = MultipleTesting.benjaminiHochberg(p)
        func effect(_ cell: (column: Int, code: Int)) -> Double {
            tested.first { $0.part.count == 1 && $0.part[0] == cell }?.loss.effectSize ?? 0
        }
        let named = tested.indices.filter { index in
            let (part, loss) = tested[index]
            guard adjusted[index] <= search.level, loss.effectSize >= search.minimumEffect else { return false }
            return part.count == 1 || loss.effectSize >= search.minimumGain * (part.map(effect).max() ?? 0)
        }
        return named.sorted { tested[$0].loss.effectSize > tested[$1].loss.effectSize }
            .prefix(search.maximumSlices).map { (tested[$0].loss.inside.count, adjusted[$0]) }
    }

    @Test(arguments: [0, 1, 2, 3], [true, false]) func findsWhatAllTestsTogetherSay(seed: UInt64, isTwoValued: Bool) {
        var random = SeededNumbers(seed: seed)
        let table = table(700, numbers: 4, texts: 3, seed: seed + 90)
        // Of no effect, of one that is barely seen, and of clear ones.
        let effect = [0, 0.25, 0.5, 1][Int(seed)]
        let losses = (0..<700).map { row -> Double in
            let more = table.codes[0][row] == 2 || table.values[5][row] == .text("v3") ? effect : 0
            return isTwoValued ? (random.uniform() < 0.2 + more / 2 ? 3 : 1) : random.uniform() + more
        }
        var search = SliceSearch()
        search.minimumEffect = 0.1
        let found = search.slices(table.columns, codes: table.codes, losses: losses)
        let expected = plainSlices(search, table, losses)
        #expect(found.map(\.loss.inside.count) == expected.map(\.rows))
        #expect(zip(found, expected).allSatisfy { abs($0.adjustedPValue - $1.p) <= 1e-9 * $1.p })
        #expect((effect > 0.4) == !expected.isEmpty || effect == 0.25)
    }

    @Test func twoConditionsAreNotNamedWhereOneSaysIt() {
        var random = SeededNumbers(seed: 8)
        let table = table(4000, numbers: 3, texts: 2, seed: 9)
        let losses = (0..<4000).map { random.uniform() + (table.values[3][$0] == .text("v1") ? 0.5 : 0) }
        let slices = SliceSearch().slices(table.columns, codes: table.codes, losses: losses)
        #expect(slices.map { $0.conditions.map(\.column) } == [["c3"]])
    }

    @Test func constantLossesAndFewRowsHaveNoSlices() {
        let table = table(200, numbers: 2, texts: 1, seed: 1)
        #expect(
            SliceSearch().slices(table.columns, codes: table.codes, losses: Array(repeating: 1, count: 200)).isEmpty)
        let few = table.codes.map { Array($0.prefix(20)) }
        #expect(SliceSearch().slices(table.columns, codes: few, losses: (0..<20).map(Double.init)).isEmpty)
    }

    @Test func codesTellMissingAndUnknownValuesApart() {
        let column = BinnedColumn("a", [.text("x"), .text("x"), .text("y"), .missing], bins: 2)
        #expect(column.conditions == [.missing, .equals("x"), .equals("y"), .other])
        #expect([.missing, .text("x"), .text("z"), .number(1)].map(column.code) == [0, 1, 3, 3])
        let numbers = BinnedColumn("b", [1, 2, 3, 4].map { .number($0) } + [.number(.nan)], bins: 2)
        #expect(
            numbers.conditions == [.missing, .between(low: -.infinity, high: 2), .between(low: 2, high: .infinity)])
        #expect([.number(.nan), .number(2), .number(2.5), .number(.infinity)].map(numbers.code) == [0, 1, 2, 2])
        #expect(BinnedColumn("c", [], bins: 4).code(.number(1)) == 0)
    }

    @Test func stumpsLearnWhereErrorsAreLarge() {
        var random = SeededNumbers(seed: 2)
        let table = table(2000, numbers: 3, texts: 2, seed: 3)
        func truth(_ row: Int) -> Double { 1 + (table.codes[0][row] >= 3 ? 2 : 0) + (table.codes[4][row] == 1 ? 1 : 0) }
        let targets = (0..<2000).map { truth($0) * (0.5 + random.uniform()) }
        let stumps = BoostedStumps(table.columns, codes: table.codes, targets: targets)
        let errors = (0..<2000).map { row -> Double in stumps({ table.codes[$0][row] }) - truth(row) }
        #expect(Moments(errors.map { abs($0) }).mean < 0.15)
        #expect(abs(Moments(errors).mean) < 0.05)
    }
}

@Suite struct EstimationTests {
    @Test func calibrationIsTakenOnlyWhereItHelps() {
        var random = SeededNumbers(seed: 11)
        let scores = (0..<1000).map { _ in random.uniform() }
        let calibrated = scores.map { random.uniform() < $0 ? 1.0 : 0 }
        let skewed = scores.map { random.uniform() < $0 * $0 * $0 ? 1.0 : 0 }
        // Of calibrated scores a fit only learns the noise.
        #expect(ScoreCalibration(scores: scores, outcomes: calibrated).fit == nil)
        let calibration = ScoreCalibration(scores: scores, outcomes: skewed)
        #expect(calibration.fit != nil)
        #expect(abs(calibration(0.5) - 0.125) < 0.08)
        #expect(calibration.brierAfter < calibration.brierBefore)
    }

    @Test func expectedMeasuresComeCloseToWhatTurnsOut() {
        var random = SeededNumbers(seed: 12)
        let scores = (0..<4000).map { _ in random.uniform() }
        let expected = ExpectedLabels(scores: scores, threshold: 0.5)
        let truth = ScoredLabels(labels: scores.map { random.uniform() < $0 }, scores: scores)
        let real = truth.confusion(threshold: 0.5)
        for measure in [\ConfusionMatrix.accuracy, \.precision, \.recall, \.specificity] {
            let deviation = expected.standardDeviation { $0[keyPath: measure] }
            #expect(deviation > 0 && deviation < 0.02)
            #expect(abs(expected.confusion[keyPath: measure] - real[keyPath: measure]) < 4 * deviation)
        }
        #expect(abs(expected.weightedLabels.rocAUC - truth.rocAUC) < 0.03)
    }

    @Test func errorsAreForecastWhereTheyDependOnWhatIsSeen() throws {
        var random = SeededNumbers(seed: 13)
        let sizes = (0..<1500).map { _ in 1 + 9 * random.uniform() }
        let errors = sizes.map { $0 * random.normal() }
        let forecast = try #require(
            ErrorForecast(columns: [("size", sizes.map { .number($0) })], errors: errors))
        #expect(forecast.skill > 0.1)
        // Larger rows come: the error that was seen so far would be far too small.
        let large = (0..<500).map { _ in 8 + 2 * random.uniform() }
        let estimate = try #require(forecast(large.map { size in { _ in .number(size) } }))
        let real = Moments(large.map { abs($0 * random.normal()) }).mean
        #expect(abs(estimate.absolute.value - real) < 1)
        #expect(estimate.absolute.interval?.contains(estimate.absolute.value) == true)
        // Errors that depend on nothing cannot be forecast.
        #expect(
            ErrorForecast(columns: [("size", sizes.map { .number($0) })], errors: sizes.map { _ in random.normal() })
                == nil)
    }
}
