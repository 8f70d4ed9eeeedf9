package import Manifests
package import Wire

/// What a candidate must not do, such as answer slower than 50 ms at the 99th percentile or fail more often than control.
package struct Guardrail: Sendable, Hashable {
    package enum Metric: Sendable, Hashable {
        /// In milliseconds at a quantile.
        case latency(quantile: Double)
        /// The share of requests that failed.
        case errorRate
        /// The mean of a reward between 0 and 1, by its name.
        case reward(String)

        package init(named name: String) {
            switch name {
            case "latency_p50_ms": self = .latency(quantile: 0.5)
            case "latency_p95_ms": self = .latency(quantile: 0.95)
            case "latency_p99_ms": self = .latency(quantile: 0.99)
            case "error_rate": self = .errorRate
            default: self = .reward(name)
            }
        }

        /// Those that every endpoint has; all other names are rewards.
        static let ofRequests = ["latency_p50_ms", "latency_p95_ms", "latency_p99_ms", "error_rate"]

        package var name: String {
            switch self {
            case .latency(let quantile): "latency_p\(Int((quantile * 100).rounded()))_ms"
            case .errorRate: "error_rate"
            case .reward(let name): name
            }
        }
    }

    package enum Bound: Sendable, Hashable {
        /// The candidate's value must not be above this.
        case max(Double)
        /// The candidate's value must not be above control's by more than this.
        case maxIncrease(Double)
        /// The candidate's value must not be below control's by more than this.
        case maxDecrease(Double)
    }

    package let metric: Metric
    package let bound: Bound

    package init(_ metric: Metric, _ bound: Bound) {
        self.metric = metric
        self.bound = bound
    }

    /// Reads `{ metric: …, max: … }`, `max_increase` or `max_decrease` in its place.
    /// - Throws: `ManifestError`.
    package init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["metric"] + Self.bounds)
        let name = try fields.string("metric")
        metric = Metric(named: name)
        if case .reward = metric, let meant = Metric.ofRequests.closest(to: name) {
            throw ManifestError(
                at: try fields.node("metric").place, "there is no metric '\(name)'",
                hint: "Did you mean '\(meant)'? A reward needs a name that is less like it.")
        }
        let given = Self.bounds.filter { fields.optional($0) != nil }
        guard given.count == 1, let name = given.first else {
            throw ManifestError(
                at: node.place, "a guardrail has one bound: 'max', 'max_increase' or 'max_decrease'",
                hint: "Write { metric: error_rate, max_increase: 0.01 } or { metric: latency_p99_ms, max: 50 }.")
        }
        guard let range = metric.range(of: name) else {
            throw ManifestError(
                at: try fields.node(name).place, "'\(metric.name)' has no '\(name)'", hint: metric.hint)
        }
        let value = try fields.optionalDouble(name, in: range) ?? 0
        bound =
            switch name {
            case "max": .max(value)
            case "max_increase": .maxIncrease(value)
            default: .maxDecrease(value)
            }
    }

    /// The name of the reward that it is about; nil when it is about requests.
    package var reward: String? {
        if case .reward(let name) = metric { name } else { nil }
    }

    private static let bounds = ["max", "max_increase", "max_decrease"]

    /// Such as `error_rate max_increase 0.01`.
    package var text: String {
        let (name, value) = member
        return "\(metric.name) \(name) \(value)"
    }

    private var member: (name: String, value: Double) {
        switch bound {
        case .max(let value): ("max", value)
        case .maxIncrease(let value): ("max_increase", value)
        case .maxDecrease(let value): ("max_decrease", value)
        }
    }
}

extension Guardrail.Metric {
    /// What a bound of this name may be; nil where it makes no sense.
    fileprivate func range(of bound: String) -> ClosedRange<Double>? {
        switch (self, bound) {
        case (.latency, "max"): 0.01...86_400_000
        case (.latency, "max_increase"): 0...86_400_000
        case (.errorRate, "max"): 0.0001...0.9999
        case (.errorRate, "max_increase"), (.reward, "max_increase"), (.reward, "max_decrease"): 0...0.99
        default: nil
        }
    }

    fileprivate var hint: String {
        switch self {
        case .latency, .errorRate: "Write 'max' for an absolute bound or 'max_increase' for one that follows control."
        case .reward:
            "A reward has 'max_increase' or 'max_decrease'; metrics of requests are "
                + Self.ofRequests.joined(separator: ", ") + "."
        }
    }
}

extension Guardrail: JSONRepresentable {
    package var json: JSON {
        let (name, value) = member
        return .members([("metric", .string(metric.name)), (name, .double(value))])
    }

    /// Reads back what `json` wrote.
    /// - Throws: `FieldProblem` when it is something else.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        metric = Metric(named: try fields.string("metric"))
        if let value = try fields.optionalDouble("max") {
            bound = .max(value)
        } else if let value = try fields.optionalDouble("max_increase") {
            bound = .maxIncrease(value)
        } else {
            bound = .maxDecrease(try fields.double("max_decrease"))
        }
    }
}
