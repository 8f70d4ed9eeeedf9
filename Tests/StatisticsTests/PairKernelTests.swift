import TestSupport
import Testing

@testable import Statistics

/// Pairs are worked on several at once; each must come out as if it were alone, to the bit.
@Suite struct PairKernelTests {
    private static func kernel(_ seed: UInt64, rows: (Int, Int), width: Int) -> (PairKernel, [[Double]]) {
        var numbers = SeededNumbers(seed: seed)
        let a = MultivariateTests.points(rows.0, &numbers, width: width)
        let b = MultivariateTests.points(rows.1, &numbers, mean: 0.4, width: width)
        let points = (0..<a.rows).map { Array(a.row($0)) } + (0..<b.rows).map { Array(b.row($0)) }
        return (PairKernel(squaredDistances: a, b), points)
    }

    /// Each pair once, one after the other.
    private static func plainSums(_ points: [[Double]], _ isFirst: [Bool]) -> (
        first: Double, second: Double, across: Double
    ) {
        var (first, second, all) = (0.0, 0.0, 0.0)
        for i in points.indices {
            var (same, total) = (0.0, 0.0)
            for j in 0..<i {
                let distance = zip(points[i], points[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                total += distance
                if isFirst[i] == isFirst[j] { same += distance }
            }
            all += total
            if isFirst[i] { first += same } else { second += same }
        }
        return (first, second, all - first - second)
    }

    @Test(arguments: [(1, 1), (5, 3), (9, 8), (20, 17)])
    func sumsAreThoseOfOnePairAfterTheOther(rows: (Int, Int)) {
        let (kernel, points) = Self.kernel(1, rows: rows, width: 5)
        var generator = SplitMix(seed: 2)
        let deals = (0..<7).map { _ in kernel.membership.shuffled(using: &generator) }
        let sums = kernel.sums(deals: deals)
        #expect(sums.count == deals.count)
        for (deal, sum) in zip(deals, sums) {
            let expected = Self.plainSums(points, deal)
            #expect(sum.first == expected.first && sum.second == expected.second && sum.across == expected.across)
            #expect(sum.counts == (Double(rows.0), Double(rows.1)))
        }
    }

    @Test func theMedianIsThatOfAllDistances() {
        let (kernel, points) = Self.kernel(3, rows: (40, 33), width: 3)
        let distances = points.indices.flatMap { i in
            (0..<i).map { j in zip(points[i], points[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
        }
        #expect(kernel.median == distances.median)
    }

    /// Dealing ends with the deal that is enough, not with the lot that it is in: what is drawn next is the same.
    @Test(arguments: [1, 2, 5, 1_000])
    func dealingEndsWhenEnoughReachTheStatistic(enough: Int) {
        var numbers = SeededNumbers(seed: 4)
        let a = MultivariateTests.points(12, &numbers)
        let b = MultivariateTests.points(11, &numbers)
        var generator = SplitMix(seed: 5)
        let test = PermutationTest.meanDiscrepancy(a, b, permutations: 90, enough: enough, using: &generator)

        let squares = PairKernel(squaredDistances: a, b)
        let kernel = squares.gaussian(gamma: 1 / squares.median)
        let observed = kernel.sums.unbiasedMeanDiscrepancy
        var plain = SplitMix(seed: 5)
        var membership = kernel.membership
        var (reached, deals) = (0, 0)
        while deals < 90, reached < enough {
            membership.shuffle(using: &plain)
            deals += 1
            if kernel.sums(isFirst: membership).unbiasedMeanDiscrepancy >= observed - 1e-12 * abs(observed) {
                reached += 1
            }
        }
        #expect(test.permutations == deals && test.statistic == observed)
        #expect(
            test.pValue
                == (reached >= enough ? Double(reached) / Double(deals) : Double(1 + reached) / Double(1 + deals)))
        #expect(generator == plain)
    }
}
