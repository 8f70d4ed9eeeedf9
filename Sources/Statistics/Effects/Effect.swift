/// The difference of two means, absolute or in relation to the first, with its standard error.
package struct Effect: Sendable, Hashable {
    package let estimate: Double
    package let standardError: Double
    /// Of both samples together.
    package let units: Int
    /// Welch and Satterthwaite's.
    package let degreesOfFreedom: Double

    /// Treatment less control.
    package static func difference(control: SampleMean, treatment: SampleMean) -> Effect {
        Effect(
            estimate: treatment.mean - control.mean, control: control, treatment: treatment,
            varianceOfControl: control.variance / Double(control.count),
            varianceOfTreatment: treatment.variance / Double(treatment.count))
    }

    /// (Treatment − control) / control, its variance by the delta method: s_t²/(n_t c²) + s_c² t²/(n_c c⁴). NaN when control
    /// is zero.
    package static func lift(control: SampleMean, treatment: SampleMean) -> Effect {
        let square = control.mean * control.mean
        let ratio = treatment.mean / control.mean
        return Effect(
            estimate: ratio - 1, control: control, treatment: treatment,
            varianceOfControl: control.variance / Double(control.count) * ratio * ratio / square,
            varianceOfTreatment: treatment.variance / Double(treatment.count) / square)
    }

    private init(
        estimate: Double, control: SampleMean, treatment: SampleMean, varianceOfControl: Double,
        varianceOfTreatment: Double
    ) {
        self.estimate = estimate
        units = control.count + treatment.count
        let variance = varianceOfControl + varianceOfTreatment
        standardError = variance.squareRoot()
        let ofControl = varianceOfControl * varianceOfControl / Double(control.count - 1)
        let ofTreatment = varianceOfTreatment * varianceOfTreatment / Double(treatment.count - 1)
        degreesOfFreedom = variance * variance / (ofControl + ofTreatment)
    }

    /// Welch's test at one look, planned beforehand: looking at it again and again raises false alarms.
    package var fixedPValue: Double {
        TailProbability.studentTwoSided(estimate / standardError, degreesOfFreedom: degreesOfFreedom)
    }

    /// Half of the width of Welch's interval.
    package func fixedHalfWidth(alpha: Double) -> Double {
        standardError * StudentDistribution.quantile(1 - alpha / 2, degreesOfFreedom: degreesOfFreedom)
    }

    /// The p-value that holds at any look, by GrowthBook's sequence.
    package func sequentialPValue(alpha: Double) -> Double {
        ConfidenceSequence.asymptoticPValue(
            effect: estimate, standardError: standardError, units: units, alpha: alpha)
    }

    /// Half of the width of the interval that holds at all looks together, by GrowthBook's sequence.
    package func sequentialHalfWidth(alpha: Double) -> Double {
        ConfidenceSequence.asymptotic(standardError: standardError, units: units, alpha: alpha)
    }
}

/// Student's t.
package enum StudentDistribution {
    /// The t with P(T ≤ t) = p, through the incomplete beta function.
    package static func quantile(_ p: Double, degreesOfFreedom: Double) -> Double {
        guard p != 0.5 else { return 0 }
        let tails = 2 * min(p, 1 - p)
        let x = IncompleteBeta.inverse(tails, degreesOfFreedom / 2, 0.5)
        let t = (degreesOfFreedom * (1 - x) / x).squareRoot()
        return p < 0.5 ? -t : t
    }
}

/// How many units a test needs.
package enum SampleSize {
    /// Units per arm of a test at one look that finds `effect` with probability `power`:
    /// (z_{1−α/2} + z_{power})² (s_c² + s_t²) / effect².
    package static func perArm(
        effect: Double, varianceOfControl: Double, varianceOfTreatment: Double, alpha: Double = 0.05,
        power: Double = 0.8
    ) -> Int {
        let z = NormalDistribution.quantile(1 - alpha / 2) + NormalDistribution.quantile(power)
        return Int((z * z * (varianceOfControl + varianceOfTreatment) / (effect * effect)).rounded(.up))
    }

    /// The power of such a test.
    package static func power(
        effect: Double, varianceOfControl: Double, varianceOfTreatment: Double, perArm: Int, alpha: Double = 0.05
    ) -> Double {
        let deviation = ((varianceOfControl + varianceOfTreatment) / Double(perArm)).squareRoot()
        let z = NormalDistribution.quantile(1 - alpha / 2)
        let shift = abs(effect) / deviation
        return NormalDistribution.cumulative(shift - z) + NormalDistribution.cumulative(-shift - z)
    }
}
