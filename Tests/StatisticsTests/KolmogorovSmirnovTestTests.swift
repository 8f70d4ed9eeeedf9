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
