import Tables

/// The rows of a table that have one value in one column.
struct TablePart: Sendable, Hashable {
    /// Such as `country = DE`.
    let name: String
    let condition: TableQuery
    let rowCount: Int
}
