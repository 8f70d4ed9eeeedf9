import Statistics
import Testing

@Suite struct ProportionTests {
    let first = Proportion(100, of: 1_000)
    let second = Proportion(130, of: 1_000)

    @Test func theTestOfTwoSharesAgreesWithNumbersWorkedOutByHand() {
        let difference = ProportionDifference(first, second)
        #expect(abs(difference.z - -2.1027406056) < 5e-11)
        #expect(abs(difference.pValue - 0.0354884505) < 5e-11)
    }

    @Test func theLadyTastingTeaIsExact() {
        let difference = ProportionDifference(Proportion(3, of: 4), Proportion(1, of: 4))
        #expect(abs(difference.fisherPValue - 34.0 / 70) < 1e-12)
    }

    @Test func noSuccessesAndNoFailuresHaveIntervalsWithinTheScale() {
        #expect(Proportion(0, of: 10).interval(.exact).lowerBound == 0)
        #expect(Proportion(10, of: 10).interval(.exact).upperBound == 1)
        #expect(Proportion(0, of: 10).interval(.wilson).upperBound < 0.31)
    }

    @Test func chiSquareAgreesWithNumbersWorkedOutByHand() {
        let test = ContingencyTest.chiSquared([500, 300, 200], [400, 400, 200])
        #expect(abs(test.statistic - 25.3968253968) < 1e-9)
        #expect(test.degreesOfFreedom == 2)
        #expect(abs(test.pValue - 3.0560e-6) < 1e-9)
    }

    @Test func aCellThatIsEmptyInBothDoesNotCount() {
        let test = ContingencyTest.chiSquared([5, 0, 7], [9, 0, 3])
        #expect(test.degreesOfFreedom == 1)
        #expect(test.pValue < 1)
    }
}
