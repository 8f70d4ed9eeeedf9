import Statistics
import TestSupport
import Testing

@Suite struct CorrelationTests {
    static let kinds: [@Sendable ([Double], [Double]) -> Correlation] = [
        { Correlation.pearson($0, $1) }, { Correlation.spearman($0, $1) }, { Correlation.kendall($0, $1) },
    ]

    @Test(arguments: kinds.indices) func isSymmetricAndTurnsItsSignWithAColumn(index: Int) {
        var numbers = SeededNumbers(seed: 1)
        let kind = Self.kinds[index]
        for count in [5, 20, 60] {
            let a = numbers.normals(count)
            let b = a.map { ($0 + numbers.normal()).rounded() }
            let forward = kind(a, b)
            #expect(abs(forward.coefficient - kind(b, a).coefficient) < 1e-12)
            #expect(abs(forward.coefficient + kind(a, b.map { -$0 }).coefficient) < 1e-12)
            #expect((-1...1).contains(forward.coefficient) && (0...1).contains(forward.pValue))
        }
    }

    @Test(arguments: kinds.indices) func aColumnWithoutSpreadGoesWithNothing(index: Int) {
        #expect(Self.kinds[index]([1, 2, 3], [4, 4, 4]).coefficient.isNaN)
    }

    @Test func ranksAreAllThatCountsForTwoOfThem() {
        let a = [1.0, 2, 3, 4, 5, 6]
        let b = a.map { $0 * $0 * $0 }
        #expect(Correlation.spearman(a, b).coefficient == 1)
        #expect(abs(Correlation.kendall(a, b).coefficient - 1) < 1e-12)
        #expect(abs(Correlation.kendall(a, b).pValue - 2.0 / 720) < 1e-15)
        #expect(Correlation.pearson(a, b).coefficient < 0.95)
    }
}
