/// A search filter, understood: a tree whose leaves are comparisons.
///
/// It has two values only. A comparison with something that is missing is false, so that `NOT` of it is true; there is no
/// third, unknown value as in SQL.
package indirect enum SearchFilter: Sendable, Hashable {
    /// All must hold; none of them lets everything pass.
    case all([SearchFilter])
    /// One at least must hold.
    case any([SearchFilter])
    case not(SearchFilter)
    case condition(Condition)

    /// The filter that lets everything pass.
    package static let everything = SearchFilter.all([])

    /// One comparison, such as `metrics.auc > 0.9`.
    package struct Condition: Sendable, Hashable {
        package let field: SearchField
        package let comparison: Comparison
        package let operand: Operand

        package init(_ field: SearchField, _ comparison: Comparison, _ operand: Operand) {
            self.field = field
            self.comparison = comparison
            self.operand = operand
        }
    }

    package enum Comparison: String, Sendable, Hashable, CaseIterable {
        case equal = "="
        case notEqual = "!="
        case greater = ">"
        case greaterOrEqual = ">="
        case less = "<"
        case lessOrEqual = "<="
        case between = "BETWEEN"
        case like = "LIKE"
        case ilike = "ILIKE"
        /// Whether a regular expression is somewhere in a text; its operand is one that `Pattern` takes.
        case rlike = "RLIKE"
        case `in` = "IN"
        case notIn = "NOT IN"
        case isNull = "IS NULL"
        case isNotNull = "IS NOT NULL"
    }

    package enum Operand: Sendable, Hashable {
        /// Of IS NULL and IS NOT NULL.
        case nothing
        case number(Double)
        /// Of BETWEEN: both ends belong to it; none between when the first is the greater one.
        case range(Double, Double)
        case text(String)
        case list([String])
    }

    /// The comparisons, from left to right.
    package var conditions: [Condition] {
        switch self {
        case .condition(let condition): [condition]
        case .not(let filter): filter.conditions
        case .all(let filters), .any(let filters): filters.flatMap(\.conditions)
        }
    }

    /// What each result must satisfy: the filter is their conjunction.
    package var conjuncts: [SearchFilter] {
        if case .all(let filters) = self { filters.flatMap(\.conjuncts) } else { [self] }
    }
}

/// What a condition or an ordering is about.
package struct SearchField: Sendable, Hashable {
    package enum Entity: String, Sendable, Hashable, CaseIterable {
        case attribute, metric, param, tag, dataset, metadata, span, feedback, expectation, issue, assessment
    }

    /// Which number of a metric's history is meant.
    package enum Aggregate: String, Sendable, Hashable, CaseIterable {
        case first, last, min, max

        /// What a function of the grammar means for a metric, in any case: `best` is the least or the greatest value, as
        /// the name of the metric says. Nil for other words.
        init?(_ function: String, ofKey key: String) {
            let word = function.lowercased()
            let aggregate = word == "best" ? MetricDirection(ofKey: key).best : Self(rawValue: word)
            guard let aggregate else { return nil }
            self = aggregate
        }
    }

    package let entity: Entity
    /// The key of a metric, param or tag; the canonical name of an attribute.
    package let key: String
    /// Only of metrics; nil when the metric is named alone.
    package let aggregate: Aggregate?

    package init(_ entity: Entity, _ key: String, _ aggregate: Aggregate? = nil) {
        self.entity = entity
        self.key = key
        self.aggregate = aggregate
    }
}

/// One item of an ordering, such as `metrics.auc DESC`.
package struct SearchOrder: Sendable, Hashable {
    package let field: SearchField
    package let isAscending: Bool

    package init(_ field: SearchField, isAscending: Bool = true) {
        self.field = field
        self.isAscending = isAscending
    }
}
