import Statistics
package import Wire

/// What an experiment shows so far.
package struct ExperimentResult: Sendable, Hashable {
    /// Units per arm, and for a binary metric a tenth of that in conversions, below which nothing is decided: the intervals
    /// rest on a normal approximation.
    package static let minimumUnits = 100

    package struct Arm: Sendable, Hashable {
        package let name: String
        package let sums: ArmSums
        package let mean: Double?
        /// Of the last period.
        package let share: Double
    }

    /// The arms' shares and sums since a moment.
    package struct Period: Sendable, Hashable {
        let shares: [Double]
        /// In the order of the arms.
        let sums: [ArmSums]

        package init(shares: [Double], sums: [ArmSums]) {
            self.shares = shares
            self.sums = sums
        }
    }

    package let arms: [Arm]
    package let comparisons: [Comparison]
    package let guardrails: [GuardrailState]
    /// That units fell into the arms as intended, by chi-squared.
    package let sampleRatioPValue: Double
    /// Units that met more than one arm.
    package let crossed: Int
    package let verdict: ExperimentVerdict

    package init(arms names: [String], spec: ExperimentSpec, periods: [Period], guardrails: [GuardrailState] = []) {
        let total = names.indices.map { arm in periods.reduce(ArmSums()) { $0 + $1.sums[arm] } }
        arms = names.indices.map { index in
            let sums = total[index]
            return Arm(
                name: names[index], sums: sums, mean: sums.units > 0 ? sums.y / Double(sums.units) : nil,
                share: periods.last?.shares[index] ?? 0)
        }
        self.guardrails = guardrails
        sampleRatioPValue = SampleRatio.pValue(periods: periods.map { ($0.sums.map(\.units), $0.shares) })
        crossed = total.reduce(0) { $0 + $1.crossed }
        comparisons = Self.comparisons(names, total, periods, spec)
        verdict = ExperimentVerdict(
            arms: arms, comparisons: comparisons, guardrails: guardrails, spec: spec,
            isMismatched: sampleRatioPValue < SampleRatio.alarm)
    }

    /// Whether units do not fall into the arms as intended.
    package var isMismatched: Bool { sampleRatioPValue < SampleRatio.alarm }

    /// GrowthBook's alarm: more than one unit of a hundred met several arms, and at least ten did.
    package var hasManyCrossed: Bool {
        let units = arms.reduce(0) { $0 + $1.sums.units }
        return crossed >= 10 && Double(crossed) > 0.01 * Double(units)
    }

    /// α is shared by the candidates, as Bonferroni does.
    private static func comparisons(
        _ names: [String], _ total: [ArmSums], _ periods: [Period], _ spec: ExperimentSpec
    ) -> [Comparison] {
        let alpha = spec.decision.alpha / Double(max(1, names.count - 1))
        // A period in which an arm had nobody compares nothing.
        let whole = periods.filter { period in period.sums.allSatisfy { $0.units >= 2 } }
        guard !whole.isEmpty, names.count > 1 else { return [] }
        let known = total.reduce(0) { $0 + $1.known }
        let meanBefore = known > 0 ? total.reduce(0) { $0 + $1.x } / Double(known) : 0
        let sums = whole.map { $0.sums.map { $0.paired(meanBefore: meanBefore) } }
        let plain = SampleMean.stratified(sums.map { $0.map(\.sample) })
        let adjustment = known > 0 ? CovariateAdjustment(sums.flatMap(\.self)) : nil
        let adjusted = adjustment.map { adjustment in
            SampleMean.stratified(sums.map { $0.map(adjustment.adjusted) })
        }
        return names.indices.dropFirst().compactMap { index in
            let effect = Effect.difference(control: plain[0], treatment: plain[index])
            guard let absolute = Estimate(effect, alpha: alpha) else { return nil }
            return Comparison(
                arm: names[index], absolute: absolute,
                relative: Estimate(.lift(control: plain[0], treatment: plain[index]), alpha: alpha),
                adjusted: adjusted.flatMap { arms in
                    Estimate(.difference(control: arms[0], treatment: arms[index]), alpha: alpha)
                })
        }
    }
}

extension ExperimentResult: JSONRepresentable {
    package var json: JSON {
        [
            "arms": .array(arms.map(\.json)), "comparisons": .array(comparisons.map(\.json)),
            "guardrails": .array(guardrails.map(\.json)),
            "sample_ratio": [
                "p_value": .double(sampleRatioPValue), "alarm": .bool(isMismatched),
            ],
            "multiple_exposures": ["units": .integer(Int64(crossed)), "alarm": .bool(hasManyCrossed)],
            "verdict": verdict.json,
        ]
    }
}

extension ExperimentResult.Arm: JSONRepresentable {
    package var json: JSON {
        .compact([
            "variant": .string(name), "share": .double(share), "units": .integer(Int64(sums.units)),
            "rewards": .integer(Int64(sums.rewards)), "sum": .double(sums.y), "mean": mean.map(JSON.double),
            "covariates": .integer(Int64(sums.known)),
        ])
    }
}
