package import Manifests
package import Wire

/// How requests are dealt to arms by what they earn: the block `bandit` of an endpoint.
package struct BanditSpec: Sendable, Hashable {
    package enum Method: String, Sendable, Hashable, CaseIterable {
        case epsilonGreedy = "epsilon-greedy"
        case thompson
        case ucb
    }

    package enum Reward: String, Sendable, Hashable, CaseIterable {
        /// From 0 to 1.
        case binary
        case gaussian
    }

    package let method: Method
    package let reward: Reward
    /// The name that rewards carry.
    package let metric: String
    /// The probability with which epsilon-greedy tries an arm that is not the best.
    package let epsilon: Double
    /// How long after a prediction its reward is taken.
    package let windowMinutes: Int
    /// The smallest probability of each arm, for Thompson sampling and UCB, so that none is ever given up.
    package let floor: Double

    package init(
        method: Method, reward: Reward = .binary, metric: String = "reward", epsilon: Double = 0.1,
        windowMinutes: Int = 60, floor: Double = 0.01
    ) {
        self.method = method
        self.reward = reward
        self.metric = metric
        self.epsilon = epsilon
        self.windowMinutes = windowMinutes
        self.floor = floor
    }

    /// - Throws: `ManifestError`.
    package init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(
            node, keys: ["method", "reward", "metric", "epsilon", "window_minutes", "floor_percent"])
        method = try fields.choice("method") ?? .thompson
        reward = try fields.choice("reward") ?? .binary
        metric = try fields.optionalString("metric") ?? "reward"
        epsilon = try fields.optionalDouble("epsilon", in: 0...1) ?? 0.1
        windowMinutes = try fields.optionalInteger("window_minutes", in: 1...525_600) ?? 60
        floor = (try fields.optionalDouble("floor_percent", in: 0...10) ?? 1) / 100
        guard method != .ucb || reward == .binary else {
            throw ManifestError(
                at: try fields.node("reward").place, "UCB takes rewards from 0 to 1",
                hint: "Write 'reward: binary', or 'method: thompson'.")
        }
        guard method == .epsilonGreedy || fields.optional("epsilon") == nil else {
            throw ManifestError(
                at: try fields.node("epsilon").place, "only epsilon-greedy has an epsilon",
                hint: "The smallest share of an arm is 'floor_percent'.")
        }
    }
}

extension BanditSpec: JSONRepresentable {
    package var json: JSON {
        [
            "method": .string(method.rawValue), "reward": .string(reward.rawValue), "metric": .string(metric),
            "epsilon": .double(epsilon), "window_minutes": .integer(Int64(windowMinutes)),
            "floor_percent": .double(floor * 100),
        ]
    }
}
