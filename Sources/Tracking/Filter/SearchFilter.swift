/// A search filter, understood: conditions that must all hold.
package struct SearchFilter: Sendable, Hashable {
    package let conditions: [Condition]

    package init(conditions: [Condition]) {
        self.conditions = conditions
    }

    /// The filter that lets everything pass.
    package static let everything = SearchFilter(conditions: [])

    /// One comparison, such as `metrics.auc > 0.9`.
    package struct Condition: Sendable, Hashable {
        package let field: SearchField
        package let comparison: Comparison
        package let operand: Operand
    }

    package enum Comparison: String, Sendable, Hashable, CaseIterable {
        case equal = "="
        case notEqual = "!="
        case greater = ">"
        case greaterOrEqual = ">="
        case less = "<"
        case lessOrEqual = "<="
        case like = "LIKE"
        case ilike = "ILIKE"
        case `in` = "IN"
        case notIn = "NOT IN"
        case isNull = "IS NULL"
        case isNotNull = "IS NOT NULL"
    }

    package enum Operand: Sendable, Hashable {
        /// Of IS NULL and IS NOT NULL.
        case nothing
        case number(Double)
        case text(String)
        case list([String])
    }
}

/// What a condition or an ordering is about.
package struct SearchField: Sendable, Hashable {
    package enum Entity: String, Sendable, Hashable, CaseIterable {
        case attribute, metric, param, tag, dataset
    }

    package let entity: Entity
    /// The key of a metric, param or tag; the canonical name of an attribute.
    package let key: String

    package init(_ entity: Entity, _ key: String) {
        self.entity = entity
        self.key = key
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
