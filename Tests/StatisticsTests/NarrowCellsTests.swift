import TestSupport
import Testing

@testable import Statistics

@Suite("Pairs of narrow columns")
struct NarrowCellsTests {
    @Test(arguments: [0, 1, 7, 8, 9, 16, 1_003])
    func areCountedAsOneByOne(rows: Int) {
        var random = SeededNumbers(seed: UInt64(rows))
        func codes(below limit: UInt8) -> [UInt8] { (0..<rows).map { _ in .random(in: 0..<limit, using: &random) } }
        let (marks, first, second) = (codes(below: 2), codes(below: 8), codes(below: 7))
        let cells = NarrowCells(marks, first, second)
        for one in 0..<8 {
            for other in 0..<8 {
                let held = (0..<rows).filter { first[$0] == one && second[$0] == other }
                let found = cells[one, other]
                #expect(found.marked == held.count { marks[$0] == 1 })
                #expect(found.unmarked == held.count { marks[$0] == 0 })
            }
        }
    }
}
