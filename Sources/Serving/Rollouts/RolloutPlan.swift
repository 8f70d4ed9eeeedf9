package import Experiments
package import Manifests
import Wire

/// How new versions come to answer: all at once, or in steps while guardrails hold.
package struct RolloutPlan: Sendable, Hashable {
    /// The shares in percent that a new version gets one after the other; empty when it takes over at once.
    package let steps: [Int]
    /// A step ends after so many requests to the new version.
    package let requests: Int
    /// A step takes at least so long.
    package let minutes: Int
    /// What has to hold.
    package let guardrails: [Guardrail]
    /// The probability that a version which breaks no guardrail is taken back all the same, over the whole rollout and
    /// all guardrails.
    package let alpha: Double

    /// A new version takes over once it is loaded.
    package static let blueGreen = RolloutPlan(steps: [], requests: 0, minutes: 0, guardrails: [], alpha: 0.05)

    private init(steps: [Int], requests: Int, minutes: Int, guardrails: [Guardrail], alpha: Double) {
        self.steps = steps
        self.requests = requests
        self.minutes = minutes
        self.guardrails = guardrails
        self.alpha = alpha
    }

    package var isGradual: Bool { !steps.isEmpty }

    /// - Throws: `ManifestError` with the line, column and path of what is wrong.
    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(
            node, keys: ["strategy", "steps", "requests", "minutes", "guardrails", "alpha"])
        switch try fields.optionalString("strategy") ?? "canary" {
        case "blue-green":
            if let key = ["steps", "requests", "minutes", "guardrails", "alpha"].first(where: fields.has) {
                throw ManifestError(
                    at: try fields.node(key).place, "a version that takes over at once has no '\(key)'",
                    hint: "Write 'strategy: canary'.")
            }
            self = .blueGreen
        case "canary":
            let guardrails = try fields.list("guardrails").map(Self.guardrail)
            self.init(
                steps: try Self.steps(fields),
                requests: try fields.optionalInteger("requests", in: 1...1_000_000_000) ?? 500,
                minutes: try fields.optionalInteger("minutes", in: 0...43_200) ?? 0,
                guardrails: fields.has("guardrails") ? guardrails : Self.usual,
                alpha: try fields.optionalDouble("alpha", in: 0.0001...0.49) ?? 0.05)
        case let other:
            throw ManifestError(
                at: try fields.node("strategy").place, "there is no strategy '\(other)'",
                hint: "Write canary or blue-green.")
        }
    }

    /// What becomes known with each request; rewards come later, to experiments.
    private static func guardrail(_ node: ManifestNode) throws -> Guardrail {
        let guardrail = try Guardrail(node)
        guard case .reward(let name) = guardrail.metric else { return guardrail }
        throw ManifestError(
            at: node.place, "a rollout has no metric '\(name)'",
            hint: "Known metrics: error_rate, latency_p50_ms, latency_p95_ms, latency_p99_ms; "
                + "a reward is compared by an experiment.")
    }

    private static func steps(_ fields: ManifestFields) throws -> [Int] {
        let nodes = try fields.list("steps")
        guard fields.has("steps") else { return [5, 25, 50] }
        let steps = try nodes.map { node -> Int in
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

    /// A new version must not fail more often than the one that it is to replace.
    private static let usual = [Guardrail(.errorRate, .maxIncrease(0))]
}

extension ManifestFields {
    func has(_ key: String) -> Bool { optional(key) != nil }
}
