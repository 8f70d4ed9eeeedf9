package import Web
package import Wire

/// An endpoint's experiment or bandit, as a part of the endpoint's page.
package struct ExperimentSection: Sendable {
    private let board: ExperimentBoard

    package init(board: ExperimentBoard) {
        self.board = board
    }

    /// - Returns: nil when the endpoint runs nothing of the kind.
    package func html(of endpoint: String, now: Timestamp) async throws -> HTML? {
        guard let standing = try await board.standing(of: endpoint) else { return nil }
        return standing.html(now: now)
    }
}

extension ExperimentStanding {
    func html(now: Timestamp) -> HTML {
        if let result, let spec = experiment.spec { return Self.html(self, result, spec, now) }
        return Self.html(self, experiment.bandit, now)
    }

    // MARK: Experiments

    private static func html(
        _ standing: ExperimentStanding, _ result: ExperimentResult, _ spec: ExperimentSpec, _ now: Timestamp
    ) -> HTML {
        """
        <h2>Experiment \(state(standing, result))</h2>
        \(verdict(standing, result))
        \(outlook(standing, result, spec, now))
        \(warnings(result))
        \(HTML.facts([
            "Metric": "\(spec.metric.name), \(spec.metric.kind.rawValue), better \(spec.metric.direction.rawValue)",
            "Method": "\(method(spec.decision))", "Then": "\(spec.decision.then.rawValue)",
            "Sample ratio": sampleRatio(result),
            "Units in several arms": "\(Quantity.count(result.crossed))",
            "Since": standing.start.map { .time($0, now: now) }, "Salt": "\(standing.experiment.id.salt)",
        ]))
        \(arms(result))
        \(comparisons(result, spec))
        \(guardrails(result.guardrails))
        """
    }

    private static func state(_ standing: ExperimentStanding, _ result: ExperimentResult) -> HTML {
        switch (standing.decision ?? result.verdict).action {
        case .promote(let arm): .badge(standing.decision == nil ? "\(arm) is better" : "decided for \(arm)", .good)
        case .stop: .badge(standing.decision == nil ? "nothing to gain" : "stopped", .warning)
        case .keepRunning: .badge("running", .active)
        }
    }

    /// What to do now; what was decided once stays, whatever the numbers say since.
    private static func verdict(_ standing: ExperimentStanding, _ result: ExperimentResult) -> HTML {
        guard let decision = standing.decision else {
            return .notice(result.verdict.tone, "<p>\(result.verdict.reason)</p>")
        }
        return .notice(
            decision.tone,
            "<p>\(decision.reason)</p><p class=\"quiet\">So it was decided. The numbers below go on since.</p>")
    }

    /// When it may be decided, where that can be said.
    private static func outlook(
        _ standing: ExperimentStanding, _ result: ExperimentResult, _ spec: ExperimentSpec, _ now: Timestamp
    ) -> HTML? {
        guard standing.decision == nil, result.verdict.action == .keepRunning, let start = standing.start else {
            return nil
        }
        let words = ExperimentOutlook(result, spec, since: start, now: now).words {
            Quantity.duration(milliseconds: $0)
        }
        return "<p class=\"quiet\">\(words)</p>"
    }

    private static func warnings(_ result: ExperimentResult) -> HTML {
        var warnings: [HTML] = []
        if result.isMismatched {
            warnings.append(
                .notice(
                    .bad,
                    """
                    <p>Units do not fall into the arms as intended (\(shares(result))), which chance does with \
                    p \(Quantity.pValue(result.sampleRatioPValue)). Whatever filters them makes the arms differ, so that \
                    nothing can be concluded. Look for requests that fail or are never sent in one arm only.</p>
                    """))
        }
        if result.hasManyCrossed {
            warnings.append(
                .notice(
                    .warning,
                    """
                    <p>\(Quantity.count(result.crossed)) units met several arms. Do others than the endpoint choose \
                    variants, or did the key change for people?</p>
                    """))
        }
        return "\(warnings)"
    }

    private static func shares(_ result: ExperimentResult) -> String {
        let units = max(1, result.arms.reduce(0) { $0 + $1.sums.units })
        return result.arms.map { arm in
            "\(arm.name) \(percent(Double(arm.sums.units) / Double(units))) instead of \(percent(arm.share))"
        }.joined(separator: ", ")
    }

    private static func sampleRatio(_ result: ExperimentResult) -> HTML {
        let p = Quantity.pValue(result.sampleRatioPValue)
        return result.isMismatched ? .badge("off, p \(p)", .bad) : .badge("as intended, p \(p)", .good)
    }

    private static func method(_ decision: ExperimentSpec.Decision) -> String {
        let units = decision.units.map { " at \(Quantity.count($0)) units an arm" } ?? ""
        let alpha = "α \(Quantity.number(decision.alpha))"
        return decision.method == .sequential ? "sequential, \(alpha), at any look" : "fixed\(units), \(alpha)"
    }

    private static func arms(_ result: ExperimentResult) -> HTML {
        let rows = result.arms.enumerated().map { index, arm -> [HTML] in
            [
                index == 0 ? "\(HTML.name(arm.name)) <small class=\"quiet\">control</small>" : .name(arm.name),
                "\(percent(arm.share))", "\(Quantity.count(arm.sums.units))", "\(Quantity.count(arm.sums.rewards))",
                "\(arm.mean.map { Quantity.number($0) } ?? "–")",
                arm.interval.map { "\(Quantity.number($0.lowerBound)) to \(Quantity.number($0.upperBound))" } ?? "–",
            ]
        }
        return .table(
            [
                "arm", .number("share", "Of the requests that it is meant to get."),
                .number("units", "Whoever was assigned to the arm, each once."),
                .number("rewards", "Rewards that came for its units."),
                .number("mean of a unit", "The rewards of a unit, its mean over all units of the arm."),
                .number("95 % interval", "Of that mean, by the normal approximation."),
            ], rows: rows)
    }

    private static func comparisons(_ result: ExperimentResult, _ spec: ExperimentSpec) -> HTML {
        guard let control = result.arms.first, !result.comparisons.isEmpty else { return "" }
        let isSequential = spec.decision.method == .sequential
        let intervals = result.comparisons.map { isSequential ? $0.decisive.alwaysValid : $0.decisive.fixed }
        let scale = IntervalScale(intervals)
        let rows = zip(result.comparisons, intervals).map { comparison, interval -> [HTML] in
            let relative = comparison.relative.map { relative -> String in
                let range = isSequential ? relative.alwaysValid : relative.fixed
                return "\(signed(relative.effect)) (\(signed(range.low)) to \(signed(range.high)))"
            }
            return [
                "\(comparison.arm)\(comparison.adjusted == nil ? "" : ", after covariates")",
                "\(signed(comparison.decisive.effect, Quantity.number))",
                "\(signed(interval.low, Quantity.number)) to \(signed(interval.high, Quantity.number))",
                scale.figure(of: interval, effect: comparison.decisive.effect), "\(Quantity.pValue(interval.pValue))",
                "\(relative ?? "–")",
            ]
        }
        return """
            <h3>Against \(control.name)</h3>
            \(HTML.table(
                [
                    "arm",
                    .number("effect", "The mean of the arm less that of the control."),
                    .number(isSequential ? "interval at any look" : "interval"),
                    "around zero",
                    .number("p", "How likely a difference at least so large would be if there were none. Where it may be looked at any time, it holds at any look."),
                    .number("relative", "The effect as a share of the control’s mean, with its interval."),
                ], rows: rows))
            """
    }

    private static func guardrails(_ states: [GuardrailState]) -> HTML {
        guard !states.isEmpty else { return "" }
        let rows = states.map { state -> [HTML] in
            [
                words(state.guardrail), "\(state.arm)", "\(tally(state.control, state.guardrail))",
                "\(tally(state.candidate, state.guardrail))",
                "\(Quantity.pValue(state.pValue))",
                state.isViolated ? .badge("violated", .bad) : .badge("kept", .good),
            ]
        }
        return """
            <h3>Guardrails</h3>
            \(HTML.table(
                ["guardrail", "arm",
                 .number("control", "How often it happened, of how many, in the control."),
                 .number("arm’s", "How often it happened, of how many, in this arm."),
                 .number("p", "How likely a difference at least so large would be if there were none. Where it may be looked at any time, it holds at any look."),
                 "state"], rows: rows))
            """
    }

    private static func words(_ guardrail: Guardrail) -> HTML {
        let bound: String =
            switch guardrail.bound {
            case .max(let value): "≤ \(Quantity.number(value))"
            case .maxIncrease(let value): "≤ control + \(Quantity.number(value))"
            case .maxDecrease(let value): "≥ control − \(Quantity.number(value))"
            }
        let tested: HTML? =
            switch guardrail.metric {
            case .latency: "<br><small class=\"quiet\">requests that are slower</small>"
            case .errorRate: "<br><small class=\"quiet\">requests that fail</small>"
            case .reward: nil
            }
        return "\(guardrail.metric.name) \(bound)\(tested)"
    }

    /// Of requests a share, of rewards a mean.
    private static func tally(_ tally: GuardrailTest.Tally, _ guardrail: Guardrail) -> String {
        guard let mean = tally.mean else { return "–" }
        if case .reward = guardrail.metric { return "\(Quantity.number(mean)) of \(Quantity.count(tally.count))" }
        return "\(percent(mean)) of \(Quantity.count(tally.count))"
    }

    // MARK: Bandits

    private static func html(_ standing: ExperimentStanding, _ spec: BanditSpec?, _ now: Timestamp) -> HTML {
        let tries = max(1, standing.bandit.reduce(0) { $0 + $1.tries })
        let rows = standing.bandit.map { arm -> [HTML] in
            [
                "\(arm.name)", "\(Quantity.count(arm.tries))", "\(percent(Double(arm.tries) / Double(tries)))",
                "\(Quantity.count(arm.rewardCount))", "\(arm.tries > 0 ? Quantity.number(arm.mean) : "–")",
            ]
        }
        return """
            <h2>Bandit \(HTML.badge("running", .active))</h2>
            \(HTML.facts([
                "Metric": spec.map { "\($0.metric), \($0.reward.rawValue)" },
                "Method": spec.map { "\($0.method.rawValue)" },
                "Rewards taken for": spec.map { "\($0.windowMinutes) min" },
                "Since": standing.start.map { .time($0, now: now) },
            ]))
            \(HTML.table(
                ["arm",
                 .number("tries", "How often the arm was chosen."),
                 .number("of all", "The share of all tries."),
                 .number("rewards", "Rewards that came for its units."),
                 .number("mean of a try", "Rewards for each time that the arm was chosen.")], rows: rows))
            """
    }

    // MARK: Words

    private static func percent(_ share: Double) -> String { "\(Quantity.number(share * 100, digits: 3)) %" }

    private static func signed(_ value: Double, _ spelled: (Double, Int) -> String) -> String {
        (value > 0 ? "+" : "") + spelled(value, 3)
    }

    /// A relative change, in percent.
    private static func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + percent(value) }
}

extension ExperimentVerdict {
    fileprivate var tone: HTML.Tone {
        switch action {
        case .promote: .good
        case .stop: .warning
        case .keepRunning: .plain
        }
    }
}

/// Where intervals of effects lie around zero, on one scale for all.
private struct IntervalScale {
    private let low: Double
    private let high: Double

    init(_ intervals: [Estimate.Interval]) {
        let bounds = intervals.flatMap { [$0.low, $0.high] }.filter(\.isFinite) + [0]
        low = bounds.min() ?? 0
        high = bounds.max() ?? 0
    }

    func figure(of interval: Estimate.Interval, effect: Double) -> HTML {
        let tone = interval.low > 0 || interval.high < 0 ? "clear" : "open"
        return """
            <svg class="interval \(tone)" role="img" aria-label="\(Quantity.number(interval.low)) to \
            \(Quantity.number(interval.high))"><line class="zero" x1="\(place(0))" x2="\(place(0))" y1="0" y2="100%"/>\
            <line x1="\(place(interval.low))" x2="\(place(interval.high))" y1="50%" y2="50%"/>\
            <circle cx="\(place(effect))" cy="50%" r="3.5"/></svg>
            """
    }

    private func place(_ value: Double) -> String {
        let width = high - low
        let fraction = width > 0 ? min(1, max(0, (value - low) / width)) : 0.5
        return "\(((0.03 + 0.94 * fraction) * 1000).rounded() / 10)%"
    }
}
