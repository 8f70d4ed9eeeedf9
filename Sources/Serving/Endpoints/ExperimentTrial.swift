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

    /// Hands over what was counted, if it is enough to say something; counting begins anew.
    func take(atLeast count: Int) -> [String: [GuardrailTest]] {
        tests.withLock { tests in
            let taken = tests.filter { $0.value.contains { $0.candidate.count + $0.control.count >= count } }
            for (arm, counted) in taken { tests[arm] = counted.map(\.counting) }
            return taken
        }
    }

    /// Takes over what all servers know, such as the latency that candidates are held to.
    func learn(_ merged: [GuardrailTest], of arm: String) {
        tests.withLock { tests in
            guard let local = tests[arm], local.count == merged.count else { return }
            tests[arm] = zip(merged, local).map { merged, local in
                var counting = merged.counting
                counting.merge(local)
                return counting
            }
        }
    }
}
