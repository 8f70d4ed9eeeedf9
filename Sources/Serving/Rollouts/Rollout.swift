package import Wire

/// One version taking the place of another in a variant of an endpoint: what is planned, how far it has come, and how it
/// ended. Finished ones are the variant's history.
///
///     running → promoted | rolledBack | superseded;   promoted → rolledBack
package struct Rollout: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        /// The new version gets a share of the requests.
        case running
        /// The new version answers for the variant.
        case promoted
        /// The new version failed a guardrail or was taken back; the variant does not return to it by itself.
        case rolledBack = "rolled_back"
        /// Another version was wanted before this one was through.
        case superseded
    }

    package let id: Int64
    package let endpoint: String
    package let variant: String
    /// The version that answered before, such as `churn/2`; nil when there was none.
    package let from: String?
    /// The version that is to answer, such as `churn/3`.
    package let to: String
    package var state: State
    /// How it is to come to answer: that of the manifest, also when that is edited while the rollout is under way.
    package internal(set) var plan: RolloutPlan
    /// Which of the plan's steps it is at.
    package var step: Int
    /// Requests to the new version since the step began, and in all.
    package var stepRequests: Int
    package var requests: Int
    package let start: Timestamp
    /// When it came to `step`.
    package var stepStart: Timestamp
    package var end: Timestamp?
    /// Why it ended as it did, or is where it is.
    package var reason: String
    /// What the guardrails found, with their numbers.
    package var evidence: JSON
    /// What its step still waits for, in words with numbers; nil once it is over.
    package var progress: String?

    package init(
        id: Int64, endpoint: String, variant: String, from: String?, to: String, state: State,
        plan: RolloutPlan = .blueGreen, step: Int = 0, stepRequests: Int = 0, requests: Int = 0, start: Timestamp,
        stepStart: Timestamp, end: Timestamp? = nil, reason: String, evidence: JSON = .null
    ) {
        self.id = id
        self.endpoint = endpoint
        self.variant = variant
        self.from = from
        self.to = to
        self.state = state
        self.plan = plan
        self.step = step
        self.stepRequests = stepRequests
        self.requests = requests
        self.start = start
        self.stepStart = stepStart
        self.end = end
        self.reason = reason
        self.evidence = evidence
    }

    /// The share of the variant's requests, in percent, that goes to the new version.
    package var percent: Int {
        switch state {
        case .running: plan.steps.indices.contains(step) ? plan.steps[step] : 0
        case .promoted: 100
        case .rolledBack, .superseded: 0
        }
    }

    /// The same as a part of 1 that leaves something to both.
    var share: Double { min(0.99, max(0.01, Double(percent) / 100)) }

    /// Whether `other` is this rollout at the same step of the same plan.
    func isAtTheSame(_ other: Rollout) -> Bool {
        id == other.id && step == other.step && plan == other.plan
    }

    mutating func count(_ outcomes: RolloutOutcomes) {
        requests += outcomes.requests
        stepRequests += outcomes.stepRequests
    }

    /// Carries a decision out.
    mutating func carryOut(_ next: RolloutRule.Next, at now: Timestamp) {
        reason = next.reason
        stepStart = now
        switch next.decision {
        case .advance:
            step += 1
            stepRequests = 0
        case .promote: state = .promoted
        case .rollBack: state = .rolledBack
        }
    }

    /// Goes by another plan from now on: at the last of its steps that gives the new version no more than it has, or at the
    /// first. A step with another share begins anew.
    mutating func follow(_ plan: RolloutPlan, from now: Timestamp) {
        let former = percent
        self.plan = plan
        step = plan.steps.lastIndex { $0 <= former } ?? 0
        reason = "The plan was changed: it goes on with \(percent) %."
        guard percent != former else { return }
        stepRequests = 0
        stepStart = now
    }
}

extension Rollout: JSONRepresentable {
    package var json: JSON {
        .compact([
            "id": .integer(id), "endpoint": .string(endpoint), "variant": .string(variant),
            "from": from.map(JSON.string), "to": .string(to), "state": .string(state.rawValue),
            "steps": .array(plan.steps.map { .integer(Int64($0)) }), "step": .integer(Int64(step)),
            "percent": .integer(Int64(percent)), "plan": plan.isGradual ? plan.json : Optional<JSON>.none,
            "step_requests": .integer(Int64(stepRequests)), "requests": .integer(Int64(requests)),
            "start": start.json, "step_start": stepStart.json, "end": end?.json, "reason": .string(reason),
            "progress": progress.map(JSON.string), "guardrails": evidence.unlessNull,
        ])
    }
}
