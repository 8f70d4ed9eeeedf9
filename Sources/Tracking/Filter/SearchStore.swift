package import Database

// How conditions and orderings read as SQL. Every value is bound.

extension SearchFilter.Condition {
    /// The condition on a column.
    package func sql(on column: SQL) -> SQL {
        switch (comparison, operand) {
        case (.isNull, _): "\(column) IS NULL"
        case (.isNotNull, _): "\(column) IS NOT NULL"
        case (.in, .list(let values)): "\(column) IN \(list: values)"
        case (.notIn, .list(let values)): "\(column) NOT IN \(list: values)"
        case (.ilike, .text(let text)): "LOWER(\(column)) LIKE LOWER(\(text))"
        case (_, .text(let text)): "\(column) \(comparison.sql) \(text)"
        case (_, .number(let number)): "\(column) \(comparison.sql) \(number)"
        case (_, .nothing), (_, .list): "1 = 0"
        }
    }

    /// The condition on a column of integers whose operands are texts that spell integers.
    package func sql(onInteger column: SQL) -> SQL {
        switch operand {
        case .text(let text): "\(column) \(comparison.sql) \(Int64(text) ?? -1)"
        case .list(let texts):
            "\(column) \(comparison == .in ? "IN" : "NOT IN" as SQL) \(list: texts.compactMap { Int64($0) })"
        case .number, .nothing: sql(on: column)
        }
    }
}

extension SearchFilter.Comparison {
    /// The sign between a column and one value.
    fileprivate var sql: SQL {
        switch self {
        case .equal: "="
        case .notEqual: "<>"
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .less: "<"
        case .lessOrEqual: "<="
        default: "LIKE"
        }
    }
}

extension SearchOrder {
    /// The ordering by a column, with rows that have no value last in both directions.
    package func sql(by column: SQL) -> SQL {
        let direction: SQL = isAscending ? "ASC" : "DESC"
        return "CASE WHEN \(column) IS NULL THEN 1 ELSE 0 END, \(column) \(direction)"
    }
}

extension ViewType {
    /// The condition on a lifecycle column; nil when everything is looked at.
    func sql(on column: SQL) -> SQL? {
        switch self {
        case .activeOnly: "\(column) = 'active'"
        case .deletedOnly: "\(column) = 'deleted'"
        case .all: nil
        }
    }
}
