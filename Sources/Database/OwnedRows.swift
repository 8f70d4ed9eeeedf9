/// Rows that belong to others, such as the params of runs: what to read of them, and in which order for each owner.
@usableFromInline
package struct OwnedRows: Sendable {
    let columns: SQL
    let source: SQL
    let owner: SQL
    let ordering: SQL

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

    var order: SQL { "ORDER BY \(ordering)" }

    func sql(_ rest: SQL) -> SQL { "SELECT \(columns) FROM \(source) \(rest)" }

    /// With the owner in a column of its own behind the others.
    func sqlWithOwner(_ rest: SQL) -> SQL { "SELECT \(columns), \(owner) FROM \(source) \(rest)" }
}
