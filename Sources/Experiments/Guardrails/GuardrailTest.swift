import Statistics

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How a request ended that one of the arms answered.
package struct RequestOutcome: Sendable, Hashable {
    package let latencyMs: Double
    /// Whether the fault was the model's or the server's: a request that nobody could have answered is no outcome.
    package let isError: Bool

    package init(latencyMs: Double, isError: Bool) {
        self.latencyMs = latencyMs
        self.isError = isError
    }
}

/// The evidence that a candidate violates a guardrail, from what both arms did. It may be looked at after every request:
/// the chance that it ever says "violated" of a candidate that keeps to the guardrail is at most `level`.
///
/// * `max` of a latency quantile q: the share of the candidate's requests that were slower, against 1 − q. `max` of the
///   error rate: the share that failed. Exact, by the counts alone.
/// * `max_increase` and `max_decrease`: outcomes of both arms in matched blocks (`MatchedBlocks`); the evidence is that the
///   mean difference exceeds the bound. For a latency, an outcome is whether a request was slower than control's quantile:
///   that is taken from control's first requests and frozen, and the candidate's are held to it plus the bound.
///
/// A step of a rollout with another share of traffic starts with `startStep`; evidence is kept across steps. Servers count
/// into a value of their own, whose counts they `take` again and again to `merge` them into the one that the database keeps.
package struct GuardrailTest: Sendable, Hashable {
    package enum Arm: String, Sendable, Hashable {
        case control
        case candidate
    }

    package enum Verdict: Sendable, Hashable {
        case undecided
        case violated
    }

    /// Requests of an arm that the guardrail looked at, and the sum of their outcomes: how many failed, were too slow, or
    /// what they gave.
    package struct Tally: Sendable, Hashable {
        package var count = 0
        package var sum = 0.0

        package init(count: Int = 0, sum: Double = 0) {
            self.count = count
            self.sum = sum
        }

        package var mean: Double? { count > 0 ? sum / Double(count) : nil }
    }

    package let guardrail: Guardrail
    /// The chance of a false alarm, over all looks.
    package private(set) var level: Double
    /// The candidate's part of the requests in this step.
    package private(set) var share: Double
    package internal(set) var control = Tally()
    package internal(set) var candidate = Tally()
    /// Outcomes of the candidate since the step began.
    package internal(set) var inStep = 0
    /// Control's quantile, once it is frozen; only for `max_increase` of a latency.
    package internal(set) var frozenMs: Double?
    var latencies = LatencyHistogram()
    /// From matched blocks only.
    var bets = BettingEvidence()
    var blocks: MatchedBlocks

    /// - Parameters:
    ///   - level: the chance of a false alarm that is accepted. Of several guardrails that each may stop a rollout, each
    ///     gets its part (`tests(of:alpha:share:)`).
    ///   - share: the candidate's part of the requests, between 0 and 1.
    package init(_ guardrail: Guardrail, level: Double, share: Double) {
        self.guardrail = guardrail
        self.level = level
        self.share = share
        blocks = MatchedBlocks(share: share)
    }

    /// A test for each guardrail, so that the chance of any false alarm is at most `alpha`.
    package static func tests(of guardrails: [Guardrail], alpha: Double, share: Double) -> [GuardrailTest] {
        let level = alpha / Double(max(1, guardrails.count))
        return guardrails.map { GuardrailTest($0, level: level, share: share) }
    }

    // MARK: Counting

    /// Adds how a request ended; without effect on a guardrail of a reward.
    package mutating func add(_ outcome: RequestOutcome, to arm: Arm) {
        switch (guardrail.metric, guardrail.bound) {
        case (.errorRate, _): add(outcome.isError ? 1 : 0, to: arm)
        case (.latency, .max(let limit)): add(outcome.latencyMs > limit ? 1 : 0, to: arm)
        case (.latency(let quantile), .maxIncrease(let increase)):
            if let frozenMs {
                let limit = arm == .candidate ? frozenMs + increase : frozenMs
                add(outcome.latencyMs > limit ? 1 : 0, to: arm)
            }
            if arm == .control { latencies.add(outcome.latencyMs) }
            if frozenMs == nil { freeze(at: quantile) }
        case (.latency, .maxDecrease), (.reward, _): break
        }
    }

    /// Adds a reward, cut to 0...1; without effect on guardrails of other metrics.
    package mutating func add(reward: Double, named name: String, to arm: Arm) {
        guard guardrail.metric == .reward(name), reward.isFinite else { return }
        add(max(0, min(1, reward)), to: arm)
    }

    private mutating func add(_ value: Double, to arm: Arm) {
        switch arm {
        case .control:
            control.count += 1
            control.sum += value
        case .candidate:
            candidate.count += 1
            candidate.sum += value
            inStep += 1
        }
        switch guardrail.bound {
        case .max: break
        case .maxIncrease(let bound): bet(on: blocks.add(value, to: arm), beyond: guardrail.isLatency ? 0 : bound)
        case .maxDecrease(let bound): bet(on: blocks.add(value, to: arm).map { -$0 }, beyond: bound)
        }
    }

    /// A difference is at least −1, so that this gain is too.
    private mutating func bet(on difference: Double?, beyond bound: Double) {
        guard let difference else { return }
        bets.add((difference - bound) / (1 + bound))
    }

    /// Ten requests beyond the quantile, so that it is worth its name: 1000 for the 99th percentile.
    private mutating func freeze(at quantile: Double) {
        guard latencies.count >= Int((10 / (1 - quantile)).rounded()) else { return }
        frozenMs = latencies.quantile(quantile)
        latencies = LatencyHistogram()
    }

    // MARK: Steps and servers

    /// From now on the candidate gets this share of the requests. Outcomes that still wait for a match are passed over, and
    /// control's quantile is taken anew, if the step before saw enough of it.
    package mutating func startStep(share: Double) {
        self.share = share
        inStep = 0
        blocks = MatchedBlocks(share: share)
        if case .latency(let quantile) = guardrail.metric { freeze(at: quantile) }
    }

    /// Whether nothing was counted since it was made or handed over.
    package var isEmpty: Bool { control.count == 0 && candidate.count == 0 && latencies.count == 0 }

    /// Hands over what was counted, and counts on from nothing; outcomes that wait for a match go on waiting.
    package mutating func take() -> GuardrailTest {
        var taken = self
        taken.blocks = MatchedBlocks(share: share)
        control = Tally()
        candidate = Tally()
        inStep = 0
        latencies = LatencyHistogram()
        bets = BettingEvidence()
        return taken
    }

    /// Takes over what all servers know: the latency that the candidate is held to from now on.
    package mutating func learn(from kept: GuardrailTest) {
        guard let known = kept.frozenMs, known != frozenMs else { return }
        frozenMs = known
        blocks = MatchedBlocks(share: share)
    }

    /// Adds what was counted to what is kept. A guardrail goes on with what is known of it, also when others joined or
    /// left, which changes its level; one that is not kept begins, and one that is not counted any more is forgotten.
    package static func merge(_ counted: [GuardrailTest], into kept: [GuardrailTest]) -> [GuardrailTest] {
        counted.map { counted in
            guard var test = kept.first(where: { $0.guardrail == counted.guardrail }) else { return counted }
            test.level = counted.level
            if test.share != counted.share { test.startStep(share: counted.share) }
            test.merge(counted)
            return test
        }
    }

    /// Adds what another test counted of other requests. Where it held requests to another frozen latency, its evidence was
    /// gathered fairly all the same and counts.
    package mutating func merge(_ other: GuardrailTest) {
        control.add(other.control)
        candidate.add(other.candidate)
        inStep += other.inStep
        bets.add(other.bets)
        latencies.add(other.latencies)
        guard frozenMs == nil, case .latency(let quantile) = guardrail.metric else { return }
        frozenMs = other.frozenMs
        if frozenMs == nil, guardrail.needsFrozenLatency { freeze(at: quantile) }
    }

    // MARK: What it says

    /// The logarithm of the e-value.
    package var logEvidence: Double {
        guard case .max(let bound) = guardrail.bound else { return bets.logEvidence }
        let limit: Double
        if case .latency(let quantile) = guardrail.metric { limit = 1 - quantile } else { limit = bound }
        let events = Int(candidate.sum.rounded())
        return BettingEvidence.share(above: limit, count: events, of: candidate.count).logEvidence
    }

    package var verdict: Verdict {
        logEvidence >= -log(level) ? .violated : .undecided
    }

    /// The smallest level at which the guardrail would count as violated now.
    package var pValue: Double { min(1, exp(-logEvidence)) }
}

extension GuardrailTest.Tally {
    fileprivate mutating func add(_ other: Self) {
        count += other.count
        sum += other.sum
    }
}

extension Guardrail {
    fileprivate var isLatency: Bool {
        if case .latency = metric { true } else { false }
    }

    fileprivate var needsFrozenLatency: Bool {
        if case (.latency, .maxIncrease) = (metric, bound) { true } else { false }
    }
}
