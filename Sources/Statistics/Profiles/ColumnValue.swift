/// One cell of a table, as monitoring sees it.
package enum ColumnValue: Sendable, Hashable {
    /// Absent, or null.
    case missing
    /// Any double, NaN and infinities included.
    case number(Double)
    /// Also `true` and `false`, where a row is put together as values; `ColumnProfile.add(_: Bool)` counts them apart.
    case text(String)
}
