package import Experiments
package import Manifests
package import Wire

/// How new versions come to answer: all at once, or in steps while guardrails hold.
package struct RolloutPlan: Sendable, Hashable {
    /// The shares in percent that a new version gets one after the other; empty when it takes over at once.
    package let steps: [Int]
    /// A step ends after so many requests to the new version.
    package let requests: Int
    /// And after so many rewards of it, of each kind that a guardrail is about; control has as many by then, too.
    package let rewards: Int
    /// How long after a prediction its reward may come, after which it earned 0; nil to count only what is sent.
    package let rewardMinutes: Int?
    /// A step takes at least so long.
    package let minutes: Int
    /// What has to hold.
    package let guardrails: [Guardrail]
    /// The probability that a version which breaks no guardrail is taken back all the same, over the whole rollout and
    /// all guardrails.
    package let alpha: Double

    /// A new version takes over once it is loaded.
    package static let blueGreen = RolloutPlan(steps: [])

    /// Unless said otherwise a new version must not fail more often than the one that it is to replace.
    init(
        steps: [Int] = [5, 25, 50], requests: Int = 500, rewards: Int = 100, rewardMinutes: Int? = nil,
        minutes: Int = 0,
        guardrails: [Guardrail] = [Guardrail(.errorRate, .maxIncrease(0))], alpha: Double = 0.05
    ) {
        self.steps = steps
        self.requests = requests
        self.rewards = rewards
        self.rewardMinutes = rewardMinutes
        self.minutes = minutes
        self.guardrails = guardrails
        self.alpha = alpha
    }

    package var isGradual: Bool { !steps.isEmpty }

    /// How a new version comes to answer.
    package var words: String {
        guard isGradual else { return "all at once" }
        return "\(steps.map { "\($0) %" }.joined(separator: ", ")) and then all, as long as its guardrails hold"
    }

    /// - Throws: `ManifestError` with the line, column and path of what is wrong.
    init(_ node: ManifestNode) throws {
        let canary = ["steps", "requests", "rewards", "reward_minutes", "minutes", "guardrails", "alpha"]
        let fields = try ManifestFields(node, keys: ["strategy"] + canary)
        switch try fields.optionalString("strategy") ?? "canary" {
        case "blue-green":
            if let key = canary.first(where: fields.has) {
                throw ManifestError(
                    at: try fields.node(key).place, "a version that takes over at once has no '\(key)'",
                    hint: "Write 'strategy: canary'.")
            }
            self = .blueGreen
        case "canary":
            let usual = RolloutPlan()
            let guardrails = try fields.list("guardrails").map(Guardrail.init)
            self.init(
                steps: try Self.steps(fields) ?? usual.steps,
                requests: try fields.optionalInteger("requests", in: 1...1_000_000_000) ?? usual.requests,
                rewards: try fields.optionalInteger("rewards", in: 1...1_000_000_000) ?? usual.rewards,
                rewardMinutes: try fields.optionalInteger("reward_minutes", in: 1...43_200),
                minutes: try fields.optionalInteger("minutes", in: 0...43_200) ?? usual.minutes,
                guardrails: fields.has("guardrails") ? guardrails : usual.guardrails,
                alpha: try fields.optionalDouble("alpha", in: 0.0001...0.49) ?? usual.alpha)
        case let other:
            throw ManifestError(
                at: try fields.node("strategy").place, "there is no strategy '\(other)'",
                hint: "Write canary or blue-green.")
        }
    }

    private static func steps(_ fields: ManifestFields) throws -> [Int]? {
        guard fields.has("steps") else { return nil }
        let steps = try fields.list("steps").map { node -> Int in
            guard case .scalar(let json) = node.value, let percent = json.integerValue, (1...99).contains(percent)
            else { throw ManifestError(at: node.place, "expected a share from 1 to 99 percent") }
            return Int(percent)
        }
        guard !steps.isEmpty, zip(steps, steps.dropFirst()).allSatisfy(<) else {
            throw ManifestError(
                at: try fields.node("steps").place, "the shares must grow", hint: "Such as steps: [5, 25, 50].")
        }
        return steps
    }
}

extension ManifestFields {
    func has(_ key: String) -> Bool { optional(key) != nil }
}

extension RolloutPlan: JSONRepresentable {
    package var json: JSON {
        .compact([
            "steps": .array(steps.map { .integer(Int64($0)) }), "requests": .integer(Int64(requests)),
            "rewards": .integer(Int64(rewards)), "reward_minutes": rewardMinutes.map { .integer(Int64($0)) },
            "minutes": .integer(Int64(minutes)),
            "guardrails": .array(guardrails.map(\.json)), "alpha": .double(alpha),
        ])
    }

    /// Reads back what `json` wrote.
    /// - Throws: `FieldProblem` when it is something else.
    init(json: JSON) throws {
        let fields = try Fields(json)
        self.init(
            steps: try fields.array("steps").compactMap { $0.integerValue.flatMap { Int(exactly: $0) } },
            requests: Int(try fields.integer("requests")), rewards: Int(try fields.integer("rewards")),
            rewardMinutes: try fields.optionalInteger("reward_minutes").map { Int($0) },
            minutes: Int(try fields.integer("minutes")),
            guardrails: try fields.array("guardrails").map(Guardrail.init(json:)), alpha: try fields.double("alpha"))
    }
}
