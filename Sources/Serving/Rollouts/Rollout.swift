package import Wire

/// One version taking the place of another in a variant of an endpoint: what was planned, how far it has come, and how it
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
    /// The shares in percent that the new version gets one after the other; empty when it takes over at once.
    package let steps: [Int]
    /// Which of `steps` it is at.
    package var step: Int
    package let start: Timestamp
    /// When it came to `step`.
    package var stepStart: Timestamp
    package var end: Timestamp?
    /// Why it ended as it did, or is where it is.
    package var reason: String
    /// What the guardrails found, with their numbers.
    package var evidence: JSON

    package init(
        id: Int64, endpoint: String, variant: String, from: String?, to: String, state: State, steps: [Int],
        step: Int = 0, start: Timestamp, stepStart: Timestamp, end: Timestamp? = nil, reason: String,
        evidence: JSON = .null
    ) {
        self.id = id
        self.endpoint = endpoint
        self.variant = variant
        self.from = from
        self.to = to
        self.state = state
        self.steps = steps
        self.step = step
        self.start = start
        self.stepStart = stepStart
        self.end = end
        self.reason = reason
        self.evidence = evidence
    }

    /// The share of the variant's requests, in percent, that goes to the new version.
    package var percent: Int {
        switch state {
        case .running: steps.indices.contains(step) ? steps[step] : 0
        case .promoted: 100
        case .rolledBack, .superseded: 0
        }
    }
}

extension Rollout: JSONRepresentable {
    package var json: JSON {
        .compact([
            "id": .integer(id), "endpoint": .string(endpoint), "variant": .string(variant),
            "from": from.map(JSON.string), "to": .string(to), "state": .string(state.rawValue),
            "steps": .array(steps.map { .integer(Int64($0)) }), "step": .integer(Int64(step)),
            "percent": .integer(Int64(percent)), "start": start.json, "step_start": stepStart.json, "end": end?.json,
            "reason": .string(reason), "guardrails": evidence == .null ? nil : evidence,
        ])
    }
}
