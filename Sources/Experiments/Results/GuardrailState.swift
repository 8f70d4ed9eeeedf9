import Statistics
package import Wire

/// How a guardrail stands for a candidate.
package struct GuardrailState: Sendable, Hashable {
    package let guardrail: Guardrail
    package let arm: String
    package let isViolated: Bool
    /// At any look.
    package let pValue: Double
    package let control: GuardrailTest.Tally
    package let candidate: GuardrailTest.Tally

    package init(_ test: GuardrailTest, arm: String) {
        guardrail = test.guardrail
        self.arm = arm
        isViolated = test.verdict == .violated
        pValue = test.pValue
        control = test.control
        candidate = test.candidate
    }

    /// Of a reward: whether the one-sided interval of GrowthBook's sequence lies beyond the bound.
    init?(_ guardrail: Guardrail, arm: String, level: Double, control: ArmSums, candidate: ArmSums) {
        let bound: Double
        let sign: Double
        switch guardrail.bound {
        case .maxDecrease(let value): (bound, sign) = (value, -1)
        case .maxIncrease(let value): (bound, sign) = (value, 1)
        case .max: return nil
        }
        self.guardrail = guardrail
        self.arm = arm
        self.control = GuardrailTest.Tally(count: control.units, sum: control.y)
        self.candidate = GuardrailTest.Tally(count: candidate.units, sum: candidate.y)
        let effect = Effect.difference(
            control: control.paired(meanBefore: 0).sample, treatment: candidate.paired(meanBefore: 0).sample)
        guard min(control.units, candidate.units) >= ExperimentResult.minimumUnits, effect.standardError > 0 else {
            isViolated = false
            pValue = 1
            return
        }
        let excess = sign * effect.estimate - bound
        let width = ConfidenceSequence.asymptoticOneSided(
            standardError: effect.standardError, units: effect.units, alpha: level)
        isViolated = excess > width
        pValue =
            excess > 0
            ? ConfidenceSequence.asymptoticPValue(
                effect: excess, standardError: effect.standardError, units: effect.units, alpha: level) : 1
    }
}

extension GuardrailState: JSONRepresentable {
    package var json: JSON {
        .compact([
            "variant": .string(arm), "guardrail": guardrail.json, "state": .string(isViolated ? "violated" : "kept"),
            "p_value": .double(pValue), "control_count": .integer(Int64(control.count)),
            "control_mean": control.mean.map(JSON.double), "candidate_count": .integer(Int64(candidate.count)),
            "candidate_mean": candidate.mean.map(JSON.double),
        ])
    }
}
