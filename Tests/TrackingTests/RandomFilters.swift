import TestSupport
import Tracking

/// Random filters of runs, and how a filter is written down.
struct RandomFilters {
    var random: SeededNumbers

    init(seed: UInt64) {
        random = SeededNumbers(seed: seed)
    }

    static let metricKeys = ["auc", "val loss", "x", "none"]
    static let paramKeys = ["depth", "kind of", "none"]
    static let tagKeys = ["team", "none"]
    static let texts = ["", "1", "10", "9", "tree", "Tree", "tr_e", "t%", "%e", "_ree", "it''s", "a\\b", "\\%"]
    static let numbers = [-1, 0, 0.25, 0.5, 0.75, 1, 2]
    static let times: [Double] = [0, 1, 2, 3, 2.5, 10]

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    /// A tree as the parser makes them: no node has one child only.
    mutating func filter(depth: Int = 3) -> SearchFilter {
        switch depth == 0 ? 0 : Int.random(in: 0..<6, using: &random) {
        case 3: return .not(filter(depth: depth - 1))
        case 4: return .all(filters(depth: depth - 1))
        case 5: return .any(filters(depth: depth - 1))
        default: return .condition(condition())
        }
    }

    private mutating func filters(depth: Int) -> [SearchFilter] {
        (0..<Int.random(in: 2...3, using: &random)).map { _ in filter(depth: depth) }
    }

    mutating func condition() -> SearchFilter.Condition {
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1: numeric(metric(), Self.numbers)
        case 2: textual(SearchField(.param, pick(Self.paramKeys)), Self.texts, mayBeNull: true)
        case 3: textual(SearchField(.tag, pick(Self.tagKeys)), Self.texts, mayBeNull: true)
        case 4: textual(SearchField(.dataset, pick(["name", "digest", "context"])), ["churn", "d1", "d2", "training"])
        default: attribute()
        }
    }

    mutating func metric() -> SearchField {
        SearchField(.metric, pick(Self.metricKeys), pick([nil, nil] + SearchField.Aggregate.allCases))
    }

    private mutating func attribute() -> SearchFilter.Condition {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: numeric(SearchField(.attribute, pick(["start_time", "end_time"])), Self.times)
        case 1: textual(SearchField(.attribute, "status"), ["RUNNING", "FINISHED", "finished", "F%"])
        case 2: textual(SearchField(.attribute, "run_name"), ["run-1", "run-2", "run-_", "RUN-%"])
        default: textual(SearchField(.attribute, "user_id"), ["ann", "ANN", "bob"])
        }
    }

    private mutating func numeric(_ field: SearchField, _ numbers: [Double]) -> SearchFilter.Condition {
        let comparisons: [SearchFilter.Comparison] = [
            .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual, .between,
        ]
        let comparison = pick(comparisons)
        let operand: SearchFilter.Operand =
            comparison == .between ? .range(pick(numbers), pick(numbers)) : .number(pick(numbers))
        return SearchFilter.Condition(field, comparison, operand)
    }

    private mutating func textual(
        _ field: SearchField, _ texts: [String], mayBeNull: Bool = false
    ) -> SearchFilter.Condition {
        var comparisons: [SearchFilter.Comparison] = [.equal, .notEqual, .like, .ilike, .in, .notIn]
        if mayBeNull { comparisons += [.isNull, .isNotNull] }
        let comparison = pick(comparisons)
        let operand: SearchFilter.Operand =
            switch comparison {
            case .isNull, .isNotNull: .nothing
            case .in, .notIn: .list((0..<Int.random(in: 1...3, using: &random)).map { _ in pick(texts) })
            default: .text(pick(texts))
            }
        return SearchFilter.Condition(field, comparison, operand)
    }

    /// Different fields in random directions.
    mutating func orders() -> [SearchOrder] {
        let fields = [
            metric(), metric(), SearchField(.param, pick(Self.paramKeys)), SearchField(.tag, "team"),
            SearchField(.attribute, pick(["start_time", "end_time", "status", "run_name", "user_id", "run_id"])),
        ]
        let chosen = Set(fields.shuffled(using: &random).prefix(Int.random(in: 0...2, using: &random)))
        return chosen.sorted { $0.key < $1.key }.shuffled(using: &random).map {
            SearchOrder($0, isAscending: Bool.random(using: &random))
        }
    }
}

// MARK: - As text

extension SearchFilter {
    /// As a person would write it; parentheses only around what needs them.
    var text: String {
        switch self {
        case .condition(let condition): condition.text
        case .not(let filter): "NOT \(filter.operand)"
        case .all(let filters): filters.map(\.operand).joined(separator: " AND ")
        // A conjunction needs none here, for it binds closer.
        case .any(let filters):
            filters.map { filter in if case .any = filter { "(\(filter.text))" } else { filter.text } }
                .joined(separator: " OR ")
        }
    }

    private var operand: String {
        switch self {
        case .condition, .not: text
        case .all, .any: "(\(text))"
        }
    }
}

extension SearchFilter.Condition {
    fileprivate var text: String {
        let value: String =
            switch operand {
            case .nothing: ""
            case .number(let number): " \(number)"
            case .range(let lower, let upper): " \(lower) AND \(upper)"
            case .text(let text): " '\(text)'"
            case .list(let texts): " (" + texts.map { "'\($0)'" }.joined(separator: ", ") + ")"
            }
        return "\(field.text) \(comparison.rawValue)\(value)"
    }
}

extension SearchField {
    var text: String {
        guard entity != .attribute else { return key }
        let name = "\(entity.rawValue).`\(key)`"
        return aggregate.map { "\($0.rawValue)(\(name))" } ?? name
    }
}
