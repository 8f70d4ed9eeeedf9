import Foundation
import Statistics
import TestSupport
import Testing

@Suite struct EffectTests {
    @Test func quantilesOfStudentAgreeWithNumbersWorkedOutElsewhere() {
        #expect(abs(StudentDistribution.quantile(0.975, degreesOfFreedom: 7.5) - 2.333039626864974) < 1e-9)
        #expect(abs(StudentDistribution.quantile(0.01, degreesOfFreedom: 30) - -2.4572615424005915) < 1e-9)
    }

    @Test func theDifferenceIsWelchsAndTheLiftFollowsTheDeltaMethod() {
        let control = SampleMean(count: 100, mean: 2, variance: 4)
        let treatment = SampleMean(count: 50, mean: 2.5, variance: 9)
        let difference = Effect.difference(control: control, treatment: treatment)
        #expect(difference.estimate == 0.5)
        #expect(abs(difference.standardError - (0.04 + 0.18).squareRoot()) < 1e-15)
        let lift = Effect.lift(control: control, treatment: treatment)
        #expect(lift.estimate == 0.25)
        #expect(abs(lift.standardError * lift.standardError - (9 / (50 * 4.0) + 4 * 6.25 / (100 * 16))) < 1e-15)
    }

    @Test func aTestOfThePlannedSizeHasThePlannedPower() {
        let n = SampleSize.perArm(effect: 0.1, varianceOfControl: 1, varianceOfTreatment: 1)
        #expect(n == 1570)
        let power = SampleSize.power(effect: 0.1, varianceOfControl: 1, varianceOfTreatment: 1, perArm: n)
        #expect(abs(power - 0.8) < 0.001)
    }

    /// The variance of the effect falls to 1 − r² of what it was, and the effect stays.
    @Test func whatWasKnownBeforeTakesNoiseAway() throws {
        var numbers = SeededNumbers(seed: 1)
        var arms = [PairedSums(), PairedSums()]
        let correlation = 0.8
        for unit in 0..<20_000 {
            let before = numbers.normal()
            let noise = (1 - correlation * correlation).squareRoot() * numbers.normal()
            arms[unit % 2].add(10 + correlation * before + noise + (unit % 2 == 1 ? 0.1 : 0), before: before)
        }
        let adjustment = try #require(CovariateAdjustment(arms))
        let plain = Effect.difference(control: arms[0].sample, treatment: arms[1].sample)
        let adjusted = Effect.difference(
            control: adjustment.adjusted(arms[0]), treatment: adjustment.adjusted(arms[1]))
        let ratio = pow(adjusted.standardError / plain.standardError, 2)
        #expect(abs(ratio - (1 - correlation * correlation)) < 0.02)
        #expect(abs(adjusted.estimate - 0.1) < 3 * adjusted.standardError)
        #expect(CovariateAdjustment([PairedSums(count: 5, y: 5, yy: 5)]) == nil)
    }

    /// Units of a second period, with other shares and another level, do not pass for an effect.
    @Test func periodsAreComparedEachWithinItself() {
        let periods = [
            [SampleMean(count: 900, mean: 1, variance: 1), SampleMean(count: 100, mean: 1, variance: 1)],
            [SampleMean(count: 500, mean: 3, variance: 1), SampleMean(count: 500, mean: 3, variance: 1)],
        ]
        let arms = SampleMean.stratified(periods)
        #expect(arms.map(\.count) == [1400, 600])
        #expect(arms.allSatisfy { abs($0.mean - 2) < 1e-12 })
        let variance = 0.25 * (1.0 / 100 + 1.0 / 500)
        #expect(abs(arms[1].variance / 600 - variance) < 1e-12)
    }
}
