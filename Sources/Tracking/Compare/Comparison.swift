package import Wire

/// Runs side by side: a row for each key that any of them has, with what each run has for it.
package struct Comparison: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case metric, param, tag
    }

    package struct Row: Sendable {
        package let kind: Kind
        package let key: String
        /// At each run's place; nil where a run lacks the key.
        package let values: [Value?]

        /// Whether not all runs have the same for it.
        package var isDiffering: Bool { Set(values).count > 1 }

        /// The places of the best number, where the name of the metric says which way is better and not all are as good.
        package var best: [Int] {
            let numbers = values.map { $0?.number ?? .nan }
            let finite = numbers.filter(\.isFinite)
            guard kind == .metric, isDiffering, let low = finite.min(), let high = finite.max() else { return [] }
            let best = MetricDirection(ofKey: key).best == .min ? low : high
            return numbers.indices.filter { numbers[$0] == best }
        }

        /// Whether all that is there can be put on an axis.
        package var isNumeric: Bool {
            let there = values.compactMap(\.self)
            return !there.isEmpty && there.allSatisfy { $0.number?.isFinite ?? false }
        }
    }

    package struct Value: Sendable, Hashable {
        package let text: String
        /// The number that it is, or that a param says.
        package let number: Double?
    }

    package let runs: [Run]
    /// Metrics, params, tags; by key in each.
    package let rows: [Row]

    /// More do not fit side by side.
    package static let maximumRuns = 100

    /// - Parameter runs: tags that clients set for themselves are left out.
    package init(_ runs: [Run]) {
        self.runs = runs
        rows = Kind.allCases.flatMap { kind in Self.rows(of: kind, runs) }
    }

    private static func rows(of kind: Kind, _ runs: [Run]) -> [Row] {
        let columns = runs.map { run -> [String: Value] in
            let pairs: [(String, Value)] =
                switch kind {
                case .metric:
                    run.metrics.map { ($0.key, Value(text: JSON.double($0.value).text, number: $0.value)) }
                case .param: run.params.map { ($0.key, Value(text: $0.value, number: Double($0.value))) }
                case .tag: run.tags.filter(\.isShown).map { ($0.key, Value(text: $0.value, number: nil)) }
                }
            return Dictionary(pairs) { $1 }
        }
        let keys = Set(columns.flatMap(\.keys)).sorted()
        return keys.map { key in Row(kind: kind, key: key, values: columns.map { $0[key] }) }
    }
}
