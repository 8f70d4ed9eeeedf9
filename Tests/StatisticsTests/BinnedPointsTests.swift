import TestSupport
import Testing

@testable import Statistics

@Suite struct BinnedPointsTests {
    /// Seven coordinates: no whole number of lots. One of them is constant and has no cut.
    @Test func sumsOfBinsAreThoseOfOnePointAfterTheOther() {
        var numbers = SeededNumbers(seed: 1)
        var points = Matrix(rows: 120, columns: 7)
        for row in 0..<120 {
            for (column, value) in numbers.normals(7).enumerated() {
                points[row, column] = [value, 3, value > 1 ? 1 : 0][column % 3]
            }
        }
        let rows = (0..<120).filter { $0 % 5 != 2 }
        let binned = BinnedPoints(points, rows: rows)
        let values = rows.map { _ in BinnedPoints.Sums(numbers.normals(1)[0], numbers.normals(1)[0]) }
        let members = rows.indices.filter { $0 % 3 > 0 }
        var seen: [Int] = []
        binned.forEachCoordinate(summing: values, of: members) { coordinate, sums in
            seen.append(coordinate)
            let cuts = binned.cuts[coordinate]
            var expected = [BinnedPoints.Sums](repeating: .zero, count: cuts.count + 1)
            for member in members {
                let value = points[rows[member], coordinate]
                let bin = cuts.count { $0 < value }
                #expect(binned.bin(of: member, coordinate) == bin)
                expected[bin] += values[member]
            }
            #expect(Array(sums) == expected)
        }
        #expect(seen == [0, 2, 3, 5, 6])
        #expect(
            binned.cuts[1].isEmpty && binned.cuts[2].count == 1 && binned.cuts[0].count == BinnedPoints.binLimit - 1)
    }
}
