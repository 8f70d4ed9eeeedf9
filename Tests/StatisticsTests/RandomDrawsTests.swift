import Statistics
import TestSupport
import Testing

@Suite struct RandomDrawsTests {
    @Test(arguments: [0.3, 1, 4.5, 60])
    func gammaHasItsMeanAndVariance(shape: Double) {
        var numbers = SeededNumbers(seed: 1)
        let moments = Moments((0..<20_000).map { _ in RandomDraws.gamma(shape: shape, using: &numbers) })
        #expect(abs(moments.mean - shape) < 4 * (shape / 20_000).squareRoot())
        #expect(abs(moments.sampleVariance / shape - 1) < 0.15)
    }

    @Test(arguments: [(0.5, 0.5), (2, 5), (40, 160)])
    func betaFollowsItsLaw(a: Double, b: Double) {
        var numbers = SeededNumbers(seed: 2)
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 {
            let rank = IncompleteBeta.regularized(RandomDraws.beta(a, b, using: &numbers), a, b)
            counts[min(9, Int(rank * 10))] += 1
        }
        #expect(SampleRatio.pValue(counts, shares: Array(repeating: 0.1, count: 10)) > 0.001)
    }

    @Test func aBeliefIsUpdatedByItsFormula() {
        let belief = NormalInverseGamma(mean: 1, weight: 2, shape: 3, scale: 4).updated(count: 4, mean: 4, spread: 6)
        #expect(belief == NormalInverseGamma(mean: 3, weight: 6, shape: 5, scale: 4 + 3 + 2 * 4 * 9 / 12))
    }

    @Test func loggedPropensitiesTellTheValueOfAnotherPolicy() {
        var numbers = SeededNumbers(seed: 3)
        var value = OffPolicyValue()
        for _ in 0..<20_000 {
            let isSecond = numbers.uniform() < 0.2
            let reward = numbers.uniform() < (isSecond ? 0.6 : 0.3) ? 1.0 : 0
            value.add(reward: reward, propensity: isSecond ? 0.2 : 0.8, probability: isSecond ? 1 : 0)
        }
        #expect(abs(value.inversePropensity - 0.6) < 0.03)
        #expect(abs(value.selfNormalised - 0.6) < 0.03)
    }
}
