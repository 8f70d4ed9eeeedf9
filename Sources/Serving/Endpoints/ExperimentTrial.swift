import Experiments
import Synchronization

/// The guardrails of an experiment on this server: the outcomes of every variant, each compared with the first.
final class ExperimentTrial: Sendable {
    let experiment: OnlineExperiment
    private let tests: Mutex<[String: [GuardrailTest]]>

    /// - Parameter shares: how units are dealt to the variants.
    init?(_ experiment: OnlineExperiment, shares: Shares) {
        guard let spec = experiment.spec, let control = experiment.arms.first, !spec.guardrails.isEmpty else {
            return nil
        }
        self.experiment = experiment
        let candidates = experiment.arms.dropFirst().map { arm in
            let own = shares.probability(of: arm)
            let both = own + shares.probability(of: control)
            // Each candidate gets its part of the error that is allowed in all.
            let alpha = spec.decision.alpha / Double(experiment.arms.count - 1)
            let share = both > 0 ? min(0.99, max(0.01, own / both)) : 0.5
            return (arm, GuardrailTest.tests(of: spec.guardrails, alpha: alpha, share: share))
        }
        tests = Mutex(Dictionary(uniqueKeysWithValues: candidates))
    }

    func add(_ outcome: RequestOutcome, of variant: String) {
        let isControl = variant == experiment.arms.first
        tests.withLock { tests in
            for arm in tests.keys where isControl || arm == variant {
                for index in tests[arm, default: []].indices {
                    tests[arm]?[index].add(outcome, to: isControl ? .control : .candidate)
                }
            }
        }
    }

    /// Hands over what was counted for each arm, if it is enough to say something; counting begins anew.
    func take(atLeast count: Int) -> [String: [GuardrailTest]] {
        tests.withLock { tests in
            let some = tests.filter { $0.value.contains { $0.candidate.count + $0.control.count >= count } }
            return Dictionary(
                uniqueKeysWithValues: some.keys.map { arm in
                    (arm, (tests[arm] ?? []).indices.compactMap { tests[arm]?[$0].take() })
                })
        }
    }

    /// Takes back what could not be handed over.
    func giveBack(_ counted: [GuardrailTest], of arm: String) {
        change(arm, by: counted) { $0.merge($1) }
    }

    /// Takes over what all servers know, such as the latency that candidates are held to.
    func learn(_ merged: [GuardrailTest], of arm: String) {
        change(arm, by: merged) { $0.learn(from: $1) }
    }

    private func change(
        _ arm: String, by others: [GuardrailTest], _ body: (inout GuardrailTest, GuardrailTest) -> Void
    ) {
        tests.withLock { tests in
            guard var changed = tests[arm] else { return }
            for (index, other) in zip(changed.indices, others) { body(&changed[index], other) }
            tests[arm] = changed
        }
    }
}
