import TestSupport
import Testing

@testable import Statistics

@Suite("What has become more")
struct GrowthSearchTests {
    private typealias Columns = [(name: String, values: [ColumnValue])]

    /// Numbers with ties, names of which there are many, both mixed, and missing values.
    private func columns(_ rows: Int, _ random: inout SeededNumbers) -> Columns {
        (0..<7).map { column in
            let values = (0..<rows).map { _ -> ColumnValue in
                let draw = random.uniform()
                if draw < 0.05 { return .missing }
                switch column {
                case 0, 1: return .number(random.uniform())
                case 2: return .number((random.uniform() * 4).rounded())
                case 3, 4: return .text("v\(Int(random.uniform() * random.uniform() * 30))")
                case 5: return draw < 0.1 ? .text("x") : .number(draw < 0.15 ? .infinity : random.uniform())
                default: return draw < 0.1 ? .number(draw < 0.08 ? .nan : 1) : .text("w\(Int(random.uniform() * 3))")
                }
            }
            return (name: "c\(column)", values: values)
        }
    }

    private func rows(_ columns: Columns, against reference: GrowthReference) -> GrowthRows {
        var rows = GrowthRows(columns.first?.values.count ?? 0, against: reference)
        for (name, values) in columns {
            guard let column = reference.place(of: name) else { continue }
            rows.note(column)
            for (row, value) in values.enumerated() {
                switch value {
                case .missing: break
                case .number(let number): rows.set(number, row: row, column: column)
                case .text(let text): Array(text.utf8).withUnsafeBytes { rows.set($0, row: row, column: column) }
                }
            }
        }
        return rows
    }

    private var search: SliceSearch {
        var search = SliceSearch()
        search.minimumEffect = 0.05
        search.level = 0.2
        return search
    }

    /// The same search, told of all rows one by one. What stands for no condition is missing there, and missing values are left out
    /// of what is compared.
    private func slices(_ rows: GrowthRows, _ reference: GrowthReference) -> [SliceSearch.Slice] {
        let cells = rows.cells()
        let columns = cells.columns.map { column in
            BinnedColumn(column.column.name, .texts(column.column.conditions.map { "\($0)" }))
        }
        let codes = cells.columns.enumerated().map { index, column in
            (column.own + cells.codes(ofReference: index)).map { code in
                column.named.contains(Int(code)) ? code + 1 : UInt8(columns[index].conditions.count - 1)
            }
        }
        let losses = [Double](repeating: 1, count: rows.count) + [Double](repeating: 0, count: reference.count)
        return search.slices(columns, codes: codes, losses: losses)
    }

    @Test(arguments: [(40, 200), (200, 1_000), (333, 150), (501, 499)])
    func isFoundAsOneByOne(count: Int, others: Int) {
        var found = 0
        for seed in 0..<3 {
            var random = SeededNumbers(seed: UInt64(seed))
            let reference = GrowthReference(columns: columns(others, &random))
            var window = columns(count, &random)
            // Some of what the search is for, and a name that was rare.
            for row in 0..<count / 4 {
                window[0].values[row] = .number(0.9)
                window[3].values[row] = .text("v29")
                if row.isMultiple(of: 3) { window[4].values[row] = .text("new") }
            }
            let rows = rows(window, against: reference)
            let (fast, slow) = (search.grown(rows), slices(rows, reference))
            #expect(fast.count == slow.count)
            for (fast, slow) in zip(fast, slow) {
                #expect(abs(fast.pValue - slow.pValue) <= 1e-10 * slow.pValue)
                #expect(abs(fast.adjustedPValue - slow.adjustedPValue) <= 1e-10 * slow.adjustedPValue)
            }
            #expect(fast.map { $0.conditions.map(\.column) } == slow.map { $0.conditions.map(\.column) })
            #expect(fast.map(\.loss.inside.count) == slow.map(\.loss.inside.count))
            found += fast.count
        }
        #expect(found > 0)
    }

    @Test func conditionsAreThoseOfTheReference() throws {
        let numbers = (0..<600).map { ColumnValue.number(Double($0)) }
        let reference = GrowthReference(columns: [("x", numbers), ("y", numbers)])
        var window: Columns = [("x", (0..<120).map { .number(Double(5 * $0)) }), ("z", numbers)]
        for row in 0..<60 { window[0].values[row] = .number(250) }
        let found = SliceSearch().grown(rows(window, against: reference))
        let slice = try #require(found.first)
        #expect(slice.conditions == [.init(column: "x", condition: .between(low: 199, high: 299))])
        #expect(slice.loss.inside.count == 60 + 100)
        // Cut by the reference alone, the same rows have the same name among others.
        #expect(found.count == 1)
    }

    @Test func namesThatHaveComeUpHaveConditionsOfTheirOwn() throws {
        let names = (0..<700).map { ColumnValue.text("n\($0 % 7 == 6 ? 6 + $0 % 40 : $0 % 7)") }
        let reference = GrowthReference(columns: [("c", names)])
        func window(_ new: Int, _ name: String) -> Columns {
            [("c", (0..<200).map { .text($0 < new ? name : "n\($0 % 6)") })]
        }
        let new = SliceSearch().grown(rows(window(40, "other"), against: reference))
        #expect(new.map(\.conditions) == [[.init(column: "c", condition: .equals("other"))]])
        #expect(new.first?.loss.inside.mean == 1)
        // Rare before, and counted in the reference too.
        let rare = SliceSearch().grown(rows(window(40, "n30"), against: reference))
        #expect(rare.map(\.conditions) == [[.init(column: "c", condition: .equals("n30"))]])
        #expect(try #require(rare.first).loss.inside.count > 40)
        // Too few of them.
        #expect(SliceSearch().grown(rows(window(19, "other"), against: reference)).isEmpty)
    }

    @Test func valuesOfAnotherTypeStandForNoCondition() {
        let reference = GrowthReference(columns: [("x", (0..<300).map { .number(Double($0)) })])
        let texts = rows([("x", (0..<300).map { .text($0 < 200 ? "five" : "") })], against: reference)
        #expect(SliceSearch().grown(texts).isEmpty)
        let missing = rows(
            [("x", (0..<300).map { $0 < 150 ? .missing : .number(Double(2 * $0 - 300)) })], against: reference)
        #expect(SliceSearch().grown(missing).map(\.conditions) == [[.init(column: "x", condition: .missing)]])
    }

    @Test func pairsOfWideTablesAreCountedEachTime() {
        var random = SeededNumbers(seed: 4)
        let wide = (0..<205).map { index in
            (name: "c\(index)", values: (0..<60).map { _ in ColumnValue.number(random.uniform()) })
        }
        let (narrow, all) = (GrowthReference(columns: Array(wide.prefix(3))), GrowthReference(columns: wide))
        #expect(all.sizeBytes < 400 * 205)
        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            narrow.forPair(first, second) { kept in
                all.forPair(first, second) { counted in #expect(kept.elementsEqual(counted)) }
                #expect(kept.reduce(0) { $0 + Int($1) } == 60)
            }
        }
    }
}
