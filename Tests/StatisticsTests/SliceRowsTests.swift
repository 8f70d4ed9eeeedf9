import TestSupport
import Testing

@testable import Statistics

@Suite struct SliceRowsTests {
    /// Numbers with ties, names, both mixed, and all that is no number.
    private func values(_ kind: Int, _ rows: Int, _ random: inout SeededNumbers) -> [ColumnValue] {
        (0..<rows).map { _ in
            let draw = random.uniform()
            if draw < 0.05 { return .missing }
            if draw < 0.08 { return .number(.nan) }
            if draw < 0.1 { return .number(kind == 1 ? -.infinity : .infinity) }
            switch kind {
            case 0: return .number(random.uniform())
            case 1: return .number((random.uniform() * 4).rounded())
            case 2: return .text("v\(Int(random.uniform() * 9))")
            case 3: return random.uniform() < 0.4 ? .text("x") : .number(random.uniform())
            default: return random.uniform() < 0.6 ? .text("w\(Int(random.uniform() * 3))") : .number(1)
            }
        }
    }

    @Test(arguments: [(0, 7), (1, 1), (30, 0), (40, 200), (300, 2)])
    func partedAsAllRowsTogetherAre(rows: Int, others: Int) {
        for seed in 0..<20 {
            var random = SeededNumbers(seed: UInt64(seed))
            let first = (0..<5).map { (name: "c\($0)", values: values($0, rows, &random)) }
            let second = (0..<5).map { (name: "c\($0)", values: values($0, others, &random)) }
            let parted = SliceRows(columns: first).parted(with: SliceRows(columns: second.reversed()), bins: 6)
            #expect(parted.count == 5)
            for (index, part) in parted.enumerated() {
                let all = first[index].values + second[index].values
                let column = BinnedColumn("c\(index)", all, bins: 6)
                #expect(part.column == column)
                #expect(part.codes == all.map(column.code))
            }
        }
    }

    @Test func columnsThatOneSideLacksAreLeftOut() {
        let one = SliceRows(columns: [("a", [.number(1)]), ("b", [.text("x")])])
        let other = SliceRows(columns: [("b", [.text("y")]), ("c", [.number(2)])])
        #expect(one.parted(with: other, bins: 6).map(\.column.name) == ["b"])
        #expect(one.sizeBytes > SliceRows(columns: []).sizeBytes)
    }
}
