package import Database
import Wire

// How filters and orderings read as SQL that every engine takes. Every value is bound.

extension SearchFilter {
    /// The filter as one condition.
    /// - Parameter leaf: a comparison as SQL that is true or false, never NULL: NOT would keep NULL as it is.
    package func sql(_ leaf: (Condition) -> SQL) -> SQL {
        switch self {
        case .condition(let condition): leaf(condition)
        // Each of the others binds closer than NOT, or has parentheses.
        case .not(let filter): "NOT \(filter.sql(leaf))"
        case .all(let filters) where filters.isEmpty: "1 = 1"
        case .any(let filters) where filters.isEmpty: "1 = 0"
        case .all(let filters): "(\(filters.map { $0.sql(leaf) }.joined(separator: " AND " as SQL)))"
        case .any(let filters): "(\(filters.map { $0.sql(leaf) }.joined(separator: " OR " as SQL)))"
        }
    }

    /// More than the values that the filter binds.
    var weight: Int {
        conditions.reduce(0) { weight, condition in
            if case .list(let values) = condition.operand { weight + 4 + 4 * values.count } else { weight + 6 }
        }
    }
}

extension SearchFilter.Condition {
    /// The condition on a column of text or of floating-point numbers.
    /// - Parameter isNullable: whether the column may be NULL; then only IS NULL holds.
    package func sql(on column: SQL, isNullable: Bool = false) -> SQL {
        let condition = plainSQL(on: column)
        guard isNullable, comparison != .isNull, comparison != .isNotNull else { return condition }
        return "(\(column) IS NOT NULL AND \(condition))"
    }

    private func plainSQL(on column: SQL) -> SQL {
        switch (comparison, operand) {
        case (.isNull, _): "\(column) IS NULL"
        case (.isNotNull, _): "\(column) IS NOT NULL"
        case (.in, .list(let values)): "\(column) IN \(list: values)"
        case (.notIn, .list(let values)): "\(column) NOT IN \(list: values)"
        case (.like, .text(let text)): "\(column) LIKE \(text.pattern) ESCAPE '\\'"
        case (.ilike, .text(let text)): "LOWER(\(column)) LIKE \(text.pattern.lowercasedASCII) ESCAPE '\\'"
        case (.rlike, .text(let text)): (try? Pattern(text)).map { "\(column) \(matching: $0)" } ?? "1 = 0"
        case (_, .range(let lower, let upper)): "(\(column) >= \(lower) AND \(column) <= \(upper))"
        case (_, .text(let text)): "\(column) \(comparison.sql) \(text)"
        case (_, .number(let number)): "\(column) \(comparison.sql) \(number)"
        case (_, .nothing), (_, .list): "1 = 0"
        }
    }

    /// The condition on a column of integers; its operands may be texts that spell integers.
    /// - Parameter isNullable: whether the column may be NULL; then nothing holds.
    package func sql(onInteger column: SQL, isNullable: Bool = false) -> SQL {
        let condition: SQL =
            switch operand {
            case .text(let text): "\(column) \(comparison.sql) \(Int64(text) ?? -1)"
            case .list(let texts):
                "\(column) \(comparison == .in ? "IN" : "NOT IN" as SQL) \(list: texts.compactMap { Int64($0) })"
            case .number(let number): "\(column) \(comparison.sql) \(Self.integer(number))"
            case .range(let lower, let upper):
                "(\(column) >= \(Self.integer(lower)) AND \(column) <= \(Self.integer(upper)))"
            case .nothing: plainSQL(on: column)
            }
        return isNullable ? "(\(column) IS NOT NULL AND \(condition))" : condition
    }

    /// A whole number is bound as one, so that an index on integers serves.
    private static func integer(_ number: Double) -> SQL {
        Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}

extension SQL {
    /// Whether a subquery finds a row, asked row by row. The OR, which decides nothing, keeps PostgreSQL from making a join of
    /// each: hundreds of joins take it minutes to plan, and a few lead it away from the order that is walked.
    package static func exists(_ subquery: SQL) -> SQL {
        "(EXISTS (\(subquery)) OR 1 = 0)"
    }
}

extension SearchFilter.Comparison {
    /// The sign between a column and one value.
    fileprivate var sql: SQL {
        switch self {
        case .notEqual: "<>"
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .less: "<"
        case .lessOrEqual: "<="
        default: "="
        }
    }
}

extension String {
    /// As a pattern of LIKE whose escape is the backslash: filters have no escape, but some engines read one there.
    fileprivate var pattern: String { replacing("\\", with: "\\\\") }

    /// As LOWER makes it of a column: no engine goes beyond A to Z, for columns are in the order of their bytes.
    var lowercasedASCII: String {
        String(decoding: utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}

extension SearchOrder {
    /// The ordering by a column, with rows that have no value last in both directions.
    package func sql(by column: SQL) -> SQL {
        "CASE WHEN \(column) IS NULL THEN 1 ELSE 0 END, \(column) \(direction)"
    }

    package var direction: SQL { isAscending ? "ASC" : "DESC" }
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

    /// What lifecycle columns hold in this view.
    var stages: [LifecycleStage] {
        switch self {
        case .activeOnly: [.active]
        case .deletedOnly: [.deleted]
        case .all: [.active, .deleted]
        }
    }
}
