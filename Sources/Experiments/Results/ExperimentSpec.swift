package import Manifests
package import Wire

/// What an experiment is to decide, and how: the block `experiment` of an endpoint. The first variant is control.
package struct ExperimentSpec: Sendable, Hashable {
    package struct Metric: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            /// A unit converts or not: rewards above 0 count as 1.
            case binary
            /// A unit's rewards are added up.
            case continuous
        }

        package enum Direction: String, Sendable, Hashable, CaseIterable {
            case up
            case down
        }

        /// The name that rewards carry.
        package let name: String
        package let kind: Kind
        /// Where better is.
        package let direction: Direction

        package init(name: String, kind: Kind, direction: Direction = .up) {
            self.name = name
            self.kind = kind
            self.direction = direction
        }
    }

    package struct Decision: Sendable, Hashable {
        package enum Method: String, Sendable, Hashable, CaseIterable {
            /// May be looked at, and acted on, at any time.
            case sequential
            /// One look, at the planned number of units.
            case fixed
        }

        package enum Action: String, Sendable, Hashable, CaseIterable {
            case promote
            case report
        }

        package let method: Method
        package let alpha: Double
        package let then: Action
        /// Units per arm at which `fixed` decides; nil leaves the decision to a person.
        package let units: Int?

        package init(method: Method = .sequential, alpha: Double = 0.05, then: Action = .report, units: Int? = nil) {
            self.method = method
            self.alpha = alpha
            self.then = then
            self.units = units
        }
    }

    package let metric: Metric
    package let guardrails: [Guardrail]
    package let decision: Decision

    package init(metric: Metric, guardrails: [Guardrail] = [], decision: Decision = Decision()) {
        self.metric = metric
        self.guardrails = guardrails
        self.decision = decision
    }

    /// - Throws: `ManifestError`.
    package init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["metric", "guardrails", "decision"])
        metric = try Metric(try fields.node("metric"))
        guardrails = try fields.list("guardrails").map(Guardrail.init)
        decision = try fields.optional("decision").map(Decision.init) ?? Decision()
    }
}

extension ExperimentSpec.Metric {
    fileprivate init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["name", "kind", "direction"])
        name = try fields.string("name")
        kind = try fields.choice("kind") ?? .binary
        direction = try fields.choice("direction") ?? .up
    }
}

extension ExperimentSpec.Decision {
    fileprivate init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["method", "alpha", "then", "units"])
        method = try fields.choice("method") ?? .sequential
        alpha = try fields.optionalDouble("alpha", in: 0.0001...0.5) ?? 0.05
        then = try fields.choice("then") ?? .report
        units = try fields.optionalInteger("units", in: 2...1_000_000_000)
        guard method == .sequential || then == .report || units != nil else {
            throw ManifestError(
                at: fields.place, "a fixed decision that promotes needs the number of units per arm",
                hint: "Add 'units: 10000', or write 'method: sequential', which may decide at any time.")
        }
    }
}

extension ManifestFields {
    /// One of the words of an enumeration.
    func choice<Word: RawRepresentable & CaseIterable>(_ key: String) throws -> Word? where Word.RawValue == String {
        guard let text = try optionalString(key) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map { "'\($0.rawValue)'" }.joined(separator: " or ")
            throw ManifestError(at: try node(key).place, "'\(text)' is not \(words)")
        }
        return word
    }
}

extension ExperimentSpec: JSONRepresentable {
    package var json: JSON {
        [
            "metric": [
                "name": .string(metric.name), "kind": .string(metric.kind.rawValue),
                "direction": .string(metric.direction.rawValue),
            ],
            "guardrails": .array(guardrails.map(\.json)),
            "decision": .compact([
                "method": .string(decision.method.rawValue), "alpha": .double(decision.alpha),
                "then": .string(decision.then.rawValue), "units": decision.units.map { .integer(Int64($0)) },
            ]),
        ]
    }
}
