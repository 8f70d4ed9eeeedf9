package import Statistics

/// What rows of a segment have in common, said in a small language of conditions on columns:
///
///     age >= 65 AND (country = 'DE' OR country IN ('AT', 'CH')) AND NOT email IS NULL
///
/// Columns are names, or anything between double quotes; texts stand between single quotes, a quote in them doubled. A
/// comparison with a missing value is false, with or without NOT before the comparison's own words (`!=`, `NOT IN`); only
/// IS NULL sees what is missing.
package indirect enum SegmentCondition: Sendable, Hashable {
    package enum Comparison: String, Sendable, Hashable, CaseIterable {
        case equal = "="
        case unequal = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
    }

    case compares(column: String, Comparison, ColumnValue)
    case isAmong(column: String, [ColumnValue], isNegated: Bool)
    case isMissing(column: String, isNegated: Bool)
    case all([SegmentCondition])
    case any([SegmentCondition])
    case not(SegmentCondition)

    /// Whether a row is in it.
    /// - Parameter value: the row's value of a column; missing when the row has no such column.
    package func holds(_ value: (String) -> ColumnValue) -> Bool {
        switch self {
        case .compares(let column, let comparison, let other): comparison.holds(value(column), other)
        case .isAmong(let column, let others, let isNegated):
            Self.isAmong(value(column), others, isNegated: isNegated)
        case .isMissing(let column, let isNegated): value(column).isMissing != isNegated
        case .all(let parts): parts.allSatisfy { $0.holds(value) }
        case .any(let parts): parts.contains { $0.holds(value) }
        case .not(let part): !part.holds(value)
        }
    }

    private static func isAmong(_ value: ColumnValue, _ others: [ColumnValue], isNegated: Bool) -> Bool {
        guard !value.isMissing else { return false }
        return others.contains { Comparison.equal.holds(value, $0) } != isNegated
    }

    /// The columns that it names, in their order and each once.
    package var columns: [String] {
        var names: [String] = []
        collect(&names)
        return names
    }

    private func collect(_ names: inout [String]) {
        switch self {
        case .compares(let column, _, _), .isAmong(let column, _, _), .isMissing(let column, _):
            if !names.contains(column) { names.append(column) }
        case .all(let parts), .any(let parts): for part in parts { part.collect(&names) }
        case .not(let part): part.collect(&names)
        }
    }
}

extension SegmentCondition.Comparison {
    /// Numbers compare by size, texts by their characters; a number and a text are unequal and in no order, unless the text
    /// is that number.
    func holds(_ value: ColumnValue, _ other: ColumnValue) -> Bool {
        guard !value.isMissing else { return false }
        return switch (value, other) {
        case (.number(let a), .number(let b)): holds(a, b)
        case (.text(let a), .text(let b)): holds(a, b)
        case (.text(let a), .number(let b)): Double(a).map { holds($0, b) } ?? (self == .unequal)
        case (.number(let a), .text(let b)): Double(b).map { holds(a, $0) } ?? (self == .unequal)
        case (.missing, _), (_, .missing): false
        }
    }

    private func holds<Value: Comparable>(_ a: Value, _ b: Value) -> Bool {
        switch self {
        case .equal: a == b
        case .unequal: a != b
        case .less: a < b
        case .atMost: a <= b
        case .greater: a > b
        case .atLeast: a >= b
        }
    }
}

extension ColumnValue {
    /// Whether there is no value: nothing, or not a number.
    var isMissing: Bool {
        switch self {
        case .missing: true
        case .number(let value): value.isNaN
        case .text: false
        }
    }
}
