import Testing

@testable import Statistics

@Suite struct ExactTailTests {
    // Expected values: SciPy 1.17, binom.sf and poisson.cdf.
    @Test(arguments: [(3, 20, 0.05, 0.07548367), (1, 20, 0.01, 0.18209307), (40, 200, 0.05, 2.6e-14), (0, 5, 0.5, 1.0)])
    func binomial(_ successes: Int, _ trials: Int, _ chance: Double, _ expected: Double) {
        let p = TailProbability.binomialUpper(successes, of: trials, chance: chance)
        if expected > 1e-6 { #expect(abs(p - expected) < 1e-7) } else { #expect(p < 1e-10) }
    }

    @Test(arguments: [(0, 1.0, 0.36787944), (3, 5.0, 0.26502592), (10, 10.0, 0.58303975)])
    func poissonLower(_ count: Int, _ expected: Double, _ probability: Double) {
        #expect(abs(TailProbability.poissonLower(count, expected: expected) - probability) < 1e-7)
        let upper = TailProbability.poissonUpper(count + 1, expected: expected)
        #expect(abs(upper - (1 - probability)) < 1e-7)
    }

    @Test func countsValuesAboveALimit() {
        let sketch = QuantileSketch((-100..<100).map(Double.init))
        #expect(sketch.count(above: 0) == 99)
        #expect(sketch.count(above: -0.5) == 100)
        #expect(abs(sketch.count(above: 50) - 49) <= 1)
        #expect(sketch.count(above: 1_000) == 0)
        #expect(sketch.count(above: -1_000) == 200)
    }
}
