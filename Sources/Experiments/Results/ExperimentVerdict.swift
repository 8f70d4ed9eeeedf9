package import Wire

/// What to do now, and why, in words with numbers.
package struct ExperimentVerdict: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        /// This candidate is better than control.
        case promote(String)
        /// No candidate is worth going on with.
        case stop
        case keepRunning
    }

    package let action: Action
    package let reason: String

    package init(_ action: Action, _ reason: String) {
        self.action = action
        self.reason = reason
    }

    init(
        arms: [ExperimentResult.Arm], comparisons: [Comparison], guardrails: [GuardrailState], spec: ExperimentSpec,
        isMismatched: Bool
    ) {
        let violated = guardrails.filter(\.isViolated)
        let worse = comparisons.filter { Self.isDecided($0, spec, arms) && !Self.isBetter($0, spec) }
        let lost = Set(violated.map(\.arm) + worse.map(\.arm))
        let candidates = arms.dropFirst().map(\.name)
        if !candidates.isEmpty, candidates.allSatisfy(lost.contains) {
            let reasons = violated.map(\.words) + worse.map { Self.words($0, arms, spec) }
            self.init(.stop, "Stop. " + reasons.joined(separator: " "))
            return
        }
        let left = comparisons.filter { !lost.contains($0.arm) }
        let better = left.filter { Self.isDecided($0, spec, arms) && Self.isBetter($0, spec) }
        let best = better.max { abs($0.decisive.effect) < abs($1.decisive.effect) }
        if isMismatched, best != nil || !left.isEmpty {
            self.init(
                .keepRunning,
                "Keep running, and find out why units do not fall into the arms as intended: nothing can be concluded "
                    + "while the sample ratio is off.")
        } else if let best {
            self.init(.promote(best.arm), "Promote '\(best.arm)'. " + Self.words(best, arms, spec))
        } else if let units = spec.decision.units, spec.decision.method == .fixed,
            arms.allSatisfy({ $0.sums.units >= units })
        {
            let words = left.map { Self.words($0, arms, spec) }.joined(separator: " ")
            self.init(.stop, "Stop: the planned \(units) units per arm show no difference. \(words)")
        } else {
            let words = left.map { Self.words($0, arms, spec) }.joined(separator: " ")
            let units = arms.map { "\($0.name) \($0.sums.units)" }.joined(separator: ", ")
            self.init(.keepRunning, words.isEmpty ? "Keep running. Units so far: \(units)." : "Keep running. \(words)")
        }
    }

    /// Whether the method allows a conclusion now, and the effect is there.
    private static func isDecided(
        _ comparison: Comparison, _ spec: ExperimentSpec, _ arms: [ExperimentResult.Arm]
    ) -> Bool {
        let least = ExperimentResult.minimumUnits
        let compared = arms.enumerated().filter { $0.offset == 0 || $0.element.name == comparison.arm }.map(\.element)
        guard compared.allSatisfy({ $0.sums.units >= least }) else { return false }
        if spec.metric.kind == .binary {
            let converted = compared.reduce(0) { $0 + $1.sums.y }
            let units = compared.reduce(0) { $0 + Double($1.sums.units) }
            guard min(converted, units - converted) >= Double(least / 10) else { return false }
        }
        let alpha = spec.decision.alpha / Double(arms.count - 1)
        switch spec.decision.method {
        case .sequential: return comparison.decisive.alwaysValid.pValue <= alpha
        case .fixed:
            guard let units = spec.decision.units, arms.allSatisfy({ $0.sums.units >= units }) else { return false }
            return comparison.decisive.fixed.pValue <= alpha
        }
    }

    private static func isBetter(_ comparison: Comparison, _ spec: ExperimentSpec) -> Bool {
        (comparison.decisive.effect > 0) == (spec.metric.direction == .up)
    }

    private static func words(
        _ comparison: Comparison, _ arms: [ExperimentResult.Arm], _ spec: ExperimentSpec
    ) -> String {
        let decisive = comparison.decisive
        let interval = spec.decision.method == .sequential ? decisive.alwaysValid : decisive.fixed
        let means = arms.filter { $0.name == comparison.arm || $0.name == arms[0].name }.map { arm in
            "\(arm.name) \((arm.mean ?? 0).short) in \(arm.sums.units) units"
        }
        let kind = spec.decision.method == .sequential ? "always-valid" : "fixed"
        let adjusted = comparison.adjusted == nil ? "" : " after covariates"
        return "\(spec.metric.name): \(means.joined(separator: ", ")); difference \(decisive.effect.short)\(adjusted), "
            + "\(kind) interval \(interval.low.short) to \(interval.high.short), p = \(interval.pValue.short)."
    }
}

extension GuardrailState {
    fileprivate var words: String {
        "'\(arm)' violates \(guardrail.text): \((candidate.mean ?? 0).short) of \(candidate.count) against "
            + "\((control.mean ?? 0).short) of \(control.count), p = \(pValue.short)."
    }
}

extension Double {
    /// Four significant digits, about.
    fileprivate var short: String {
        guard isFinite, self != 0 else { return "\(self)" }
        var scale = 1000.0
        while scale < 1e12, abs(self) * scale < 1000 { scale *= 10 }
        return "\((self * scale).rounded() / scale)"
    }
}

extension ExperimentVerdict: JSONRepresentable {
    package var json: JSON {
        switch action {
        case .promote(let arm): ["action": "promote", "variant": .string(arm), "reason": .string(reason)]
        case .stop: ["action": "stop", "reason": .string(reason)]
        case .keepRunning: ["action": "keep running", "reason": .string(reason)]
        }
    }
}
