import Statistics
import Testing

@Suite struct MultipleTestingTests {
    @Test func benjaminiHochbergNeverAsksForMoreThanBonferroni() {
        let p = [0.001, 0.02, 0.03, 0.9]
        for (fdr, strict) in zip(MultipleTesting.benjaminiHochberg(p), MultipleTesting.bonferroni(p)) {
            #expect(fdr <= strict)
        }
        #expect(MultipleTesting.benjaminiHochberg(p) == [0.004, 0.04, 0.04, 0.9])
    }

    @Test func oneTestIsLeftAsItIs() {
        #expect(MultipleTesting.holm([0.04]) == [0.04])
        #expect(MultipleTesting.benjaminiHochberg([0.04]) == [0.04])
        #expect(MultipleTesting.benjaminiYekutieli([]) == [])
    }
}
