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

    /// The same where the texts are, so that NaN is itself.
    package struct Value: Sendable, Hashable {
        package let text: String
        /// The number that it is, or that a param says.
        package let number: Double?

        package static func == (one: Value, other: Value) -> Bool { one.text == other.text }

        package func hash(into hasher: inout Hasher) { hasher.combine(text) }
    }

    package let runs: [Run]
    /// Metrics, params, tags; by key in each.
    package let rows: [Row]
    /// Of which kinds some keys are left out, because there are too many.
    package let cut: [Kind]

    /// More do not fit side by side.
    package static let maximumRuns = 100

    /// - Parameters:
    ///   - runs: tags that clients set for themselves are left out.
    ///   - most: how many keys of a kind were read of each run, the first by their bytes, and one more where there are more;
    ///     nil when all were.
    package init(_ runs: [Run], most: Int? = nil) {
        self.runs = runs
        let kinds = Kind.allCases.map { kind in
            let end = most.flatMap { Self.end(of: kind, runs, most: $0) }
            return (kind: kind, isCut: end != nil, rows: Self.rows(of: kind, runs, before: end))
        }
        rows = kinds.flatMap { $0.rows }
        cut = kinds.filter { $0.isCut }.map { $0.kind }
    }

    /// The first key of which it is not known for every run what it has; nil when all was read of all.
    private static func end(of kind: Kind, _ runs: [Run], most: Int) -> String? {
        runs.compactMap { run -> String? in
            switch kind {
            case .metric: run.metrics.dropFirst(most).first?.key
            case .param: run.params.dropFirst(most).first?.key
            case .tag: run.tags.dropFirst(most).first?.key
            }
        }.min { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func rows(of kind: Kind, _ runs: [Run], before end: String?) -> [Row] {
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
        let keys = Set(columns.flatMap(\.keys)).filter { key in
            end.map { key.utf8.lexicographicallyPrecedes($0.utf8) } ?? true
        }.sorted()
        return keys.map { key in Row(kind: kind, key: key, values: columns.map { $0[key] }) }
    }
}
