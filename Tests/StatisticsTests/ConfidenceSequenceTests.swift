import Statistics
import TestSupport
import Testing

@Suite struct ConfidenceSequenceTests {
    /// Worked out with the formulas of GrowthBook's documentation in another language.
    @Test func widthsAgreeWithNumbersWorkedOutElsewhere() {
        let width = ConfidenceSequence.asymptotic(standardError: 0.01, units: 5000, alpha: 0.05)
        #expect(abs(width - 0.030352089903762536) < 1e-15)
        let wide = ConfidenceSequence.asymptotic(standardError: 0.02, units: 20_000, alpha: 0.05)
        #expect(abs(wide - 0.0625422828737598) < 1e-15)
        let oneSided = ConfidenceSequence.asymptoticOneSided(standardError: 0.01, units: 5000, alpha: 0.05)
        #expect(abs(oneSided - 0.027790942353135215) < 1e-15)
    }

    @Test func pValuesBelongToTheirIntervals() {
        let width = ConfidenceSequence.asymptotic(standardError: 0.01, units: 8000, alpha: 0.05)
        let p = ConfidenceSequence.asymptoticPValue(effect: width, standardError: 0.01, units: 8000, alpha: 0.05)
        #expect(abs(p - 0.05) < 1e-12)
        let ratioWidth = ConfidenceSequence.sequentialRatio(standardError: 0.01, tau: 0.05, alpha: 0.05)
        let ratioP = ConfidenceSequence.sequentialRatioPValue(effect: ratioWidth, standardError: 0.01, tau: 0.05)
        #expect(abs(ratioP - 0.05) < 1e-12)
    }

    /// How often a method ever says "there is an effect" at one of 50 looks at up to 1000 units per arm.
    @Test func manyLooksRaiseNoFalseAlarms() {
        var alarms = (peeking: 0, asymptotic: 0, mixture: 0, ratio: 0)
        for seed in 0..<500 {
            var numbers = SeededNumbers(seed: UInt64(seed))
            var control = PairedSums()
            var treatment = PairedSums()
            var hit = (peeking: false, asymptotic: false, mixture: false, ratio: false)
            for look in 1...1000 {
                control.add(numbers.normal())
                treatment.add(numbers.normal())
                guard look.isMultiple(of: 20), look >= 100 else { continue }
                let effect = Effect.difference(control: control.sample, treatment: treatment.sample)
                let (size, error) = (abs(effect.estimate), effect.standardError)
                let n = effect.units
                hit.peeking = hit.peeking || size > 1.96 * error
                hit.asymptotic =
                    hit.asymptotic || size > ConfidenceSequence.asymptotic(standardError: error, units: n, alpha: 0.05)
                hit.mixture =
                    hit.mixture || size > ConfidenceSequence.normalMixture(standardError: error, units: n, alpha: 0.05)
                hit.ratio =
                    hit.ratio || size > ConfidenceSequence.sequentialRatio(standardError: error, tau: 0.05, alpha: 0.05)
            }
            alarms.peeking += hit.peeking ? 1 : 0
            alarms.asymptotic += hit.asymptotic ? 1 : 0
            alarms.mixture += hit.mixture ? 1 : 0
            alarms.ratio += hit.ratio ? 1 : 0
        }
        #expect(alarms.peeking > 75)
        #expect(alarms.asymptotic <= 25)
        #expect(alarms.mixture <= 25)
        #expect(alarms.ratio <= 25)
    }
}
