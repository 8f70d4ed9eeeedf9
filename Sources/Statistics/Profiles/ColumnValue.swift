/// One cell of a table, as monitoring sees it.
package enum ColumnValue: Sendable, Hashable {
    /// Absent, or null.
    case missing
    /// Any double, NaN and infinities included.
    case number(Double)
    case text(String)
}
