import Statistics

/// What is kept of a table: a profile of each column, and the values of some rows.
struct ProfiledTable: Sendable {
    let title: String
    let rowCount: Int
    let columns: [ProfiledColumn]

    init(title: String, rowCount: Int, columns: [ProfiledColumn]) {
        self.title = title
        self.rowCount = rowCount
        self.columns = columns
    }

    func column(_ name: String) -> ProfiledColumn? {
        columns.first { $0.column.name == name }
    }
}

struct ProfiledColumn: Sendable {
    let column: DataColumn
    /// Nil for a column whose values are not compared.
    let profile: ColumnProfile?
    /// The values of the rows that were picked, the same rows in each column of a table; empty when none were.
    let sample: [ColumnValue]

    init(column: DataColumn, profile: ColumnProfile?, sample: [ColumnValue]) {
        self.column = column
        self.profile = profile
        self.sample = sample
    }
}
