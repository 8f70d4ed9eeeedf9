/// What a logged prediction carries of the rollout that it was part of: which one, and whether the new version answered or
/// the former one. Rewards that come later are counted by it.
package struct RolloutPart: Sendable, Hashable {
    package let rollout: Int64
    package let arm: GuardrailTest.Arm

    package init(_ rollout: Int64, _ arm: GuardrailTest.Arm) {
        self.rollout = rollout
        self.arm = arm
    }

    /// Such as `12/candidate`.
    package var text: String { "\(rollout)/\(arm.rawValue)" }

    /// Reads `text` back; nil for any other.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let rollout = Int64(parts[0]), let arm = GuardrailTest.Arm(rawValue: String(parts[1]))
        else { return nil }
        self.init(rollout, arm)
    }
}

extension ExperimentID {
    /// That under which a rollout's rewards and evidence are kept.
    package static func rollout(_ id: Int64, of endpoint: String) -> ExperimentID {
        ExperimentID(.rollout, endpoint: endpoint, salt: String(id))
    }
}
