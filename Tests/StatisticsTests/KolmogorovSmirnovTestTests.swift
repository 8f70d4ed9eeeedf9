import Statistics
import Testing

@Suite struct KolmogorovSmirnovTestTests {
    let a = [1.0, 2, 3, 4, 5]
    let b = [2.0, 4, 6, 8, 10, 12]

    @Test(arguments: [
        (KolmogorovSmirnovTest.Law.exact, 0.1082251082), (.finite, 0.0740740741), (.limit, 0.1769674083),
    ])
    func eachLawGivesItsOwnAnswerForTinySamples(law: KolmogorovSmirnovTest.Law, expected: Double) {
        let test = KolmogorovSmirnovTest(a, b, law: law)
        #expect(abs(test.statistic - 2.0 / 3) < 1e-15)
        #expect(abs(test.pValue - expected) < 5e-11)
    }

    @Test func equalSamplesAreNoEvidence() {
        #expect(KolmogorovSmirnovTest(a, a).pValue == 1)
    }

    @Test func disjointSamplesAreAsRareAsOneOrderInAll() {
        // Two of the C(10, 5) = 252 orders keep the samples apart.
        let test = KolmogorovSmirnovTest(a, a.map { $0 + 100 }, law: .exact)
        #expect(abs(test.pValue - 2.0 / 252) < 1e-15)
        #expect(test.sign == 1)
    }

    @Test(arguments: [(7, 7), (6, 9), (9, 6), (1, 5), (1, 1)]) func theExactLawIsThatOfAllPaths(n: Int, m: Int) {
        // The greatest distance either way along each order of the pooled sample, in units of 1/(n·m).
        var distances: [(either: Int, above: Int)] = []
        func walk(_ i: Int, _ j: Int, _ either: Int, _ above: Int) {
            guard i + j < n + m else {
                distances.append((either, above))
                return
            }
            for (i, j) in [(i + 1, j), (i, j + 1)] where i <= n && j <= m {
                walk(i, j, max(either, abs(i * m - j * n)), max(above, i * m - j * n))
            }
        }
        walk(0, 0, 0, 0)
        for distance in 1...(n * m) where distances.contains(where: { $0.either == distance }) {
            let statistic = Double(distance) / Double(n * m)
            let expected = (
                distances.count { $0.either >= distance }, distances.count { $0.above >= distance }
            )
            let found = [KolmogorovSmirnovTest.Alternative.twoSided, .greater].map {
                KolmogorovSmirnovTest.pValue(statistic: statistic, counts: (n, m), alternative: $0, law: .exact)
            }
            #expect(abs(found[0] - Double(expected.0) / Double(distances.count)) < 1e-13)
            #expect(abs(found[1] - Double(expected.1) / Double(distances.count)) < 1e-13)
        }
    }

    @Test(arguments: [(200, 50, 50), (50, 200, 50), (97, 61, 1)])
    func theExactLawIsThatOfTheWholeLattice(n: Int, m: Int, divisor: Int) {
        for statistic in [0.004, 0.05, 0.1, 0.2, 0.33, 0.5, 0.8, 1] {
            // Distances are whole multiples of the divisor.
            let distance = (statistic * Double(n * m / divisor)).rounded() * Double(divisor)
            var reached = [Double](repeating: 0, count: m + 1)
            for i in 0...n {
                for j in 0...m {
                    if Double(abs(i * m - j * n)) >= distance {
                        reached[j] = 1
                    } else if i + j > 0 {
                        let left = i > 0 ? Double(i) * reached[j] : 0
                        let below = j > 0 ? Double(j) * reached[j - 1] : 0
                        reached[j] = (left + below) / Double(i + j)
                    }
                }
            }
            let p = KolmogorovSmirnovTest.pValue(
                statistic: distance / Double(n * m), counts: (n, m), law: .exact)
            #expect(abs(p - reached[m]) <= 1e-12 * reached[m], "\(statistic)")
        }
    }

    @Test(arguments: [0.03, 0.05, 0.08]) func theLawsMeetForLargeSamples(statistic: Double) {
        let laws: [KolmogorovSmirnovTest.Law] = [.exact, .finite, .limit]
        let p = laws.map { KolmogorovSmirnovTest.pValue(statistic: statistic, counts: (1_900, 2_300), law: $0) }
        #expect(abs(p[0] - p[1]) < 0.03 * p[0] + 1e-6)
        #expect(abs(p[0] - p[2]) < 0.2 * p[0] + 1e-6)
    }

    @Test(arguments: [140, 100_000], [0.5, 0.9, 1.3, 1.6])
    func theFiniteLawHasNoStepWhereItsMethodChanges(count: Int, lambda: Double) {
        let statistic = lambda / Double(count).squareRoot()
        let below = KolmogorovDistribution.upperTail(statistic, count: count)
        let above = KolmogorovDistribution.upperTail(statistic, count: count + 1)
        #expect(above <= below + 1e-9)
        #expect(above > below * 0.96)
    }
}
