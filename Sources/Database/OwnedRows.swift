/// Rows that belong to others, such as the params of runs: what to read of them, and in which order for each owner.
@usableFromInline
package struct OwnedRows: Sendable {
    let columns: SQL
    let source: SQL
    let owner: SQL
    let ordering: SQL
    /// Of each owner no more are read; all when nil.
    private var most: Int?

    /// - Parameters:
    ///   - columns: what is read, such as `key, value`.
    ///   - source: a table, or a join of several.
    ///   - owner: the column that names the owner.
    ///   - ordering: the columns by which the rows of one owner are ordered.
    package init(_ columns: SQL, from source: SQL, owner: SQL, orderedBy ordering: SQL) {
        self.columns = columns
        self.source = source
        self.owner = owner
        self.ordering = ordering
    }

    /// The first of each owner, in their order.
    /// - Parameter most: all when nil.
    package func first(_ most: Int?) -> OwnedRows {
        var first = self
        first.most = most
        return first
    }

    /// Of one owner, whose value is the only one that is bound.
    func sql(of value: SQLValue) -> SQL { "SELECT \(columns) FROM \(source) WHERE \(owner) = \(value) \(order)" }

    /// Of many owners, with the owner in a column of its own behind the others.
    func sql(ofAll values: some Collection<SQLValue>) -> SQL {
        let read: SQL = "SELECT \(columns), \(owner) FROM \(source) WHERE \(owner)"
        guard most != nil else { return "\(read) IN \(list: values) \(order)" }
        // Each is asked for by itself, so that the index is left once there are enough.
        let each = values.map { "(\(read) = \($0) \(order))" as SQL }
        return each.joined(separator: " UNION ALL ").once
    }

    private var order: SQL {
        let limit = most.map { SQL(stringLiteral: " LIMIT \($0)") } ?? ""
        return "ORDER BY \(ordering)\(limit)"
    }
}
