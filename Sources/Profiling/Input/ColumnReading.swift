import Tables

/// A column of a table as it is read for one profile: as numbers or as names.
struct ColumnReading: Sendable, Hashable {
    enum Form: Sendable, Hashable {
        /// A DOUBLE; moments as seconds since 1970.
        case numbers
        /// A DOUBLE, and beside it the text that it was read from, to tell what is no number from what is missing.
        case spelledNumbers
        /// A VARCHAR.
        case names
    }

    let name: String
    let form: Form
    /// The columns of the statement, one or (for spelled numbers) two.
    let expressions: [TableQuery]

    /// - Parameter kind: how the column is compared, which the reference says; nothing is read of `empty` and `other`.
    /// - Returns: nil when values of the column cannot be compared as that.
    init?(_ column: DataColumn, as kind: DataColumn.Kind) {
        let cell: TableQuery = "\(name: column.name)"
        name = column.name
        switch (kind, column.kind) {
        case (.number, .number) where column.type == "VARCHAR", (.number, .name):
            form = .spelledNumbers
            expressions = ["TRY_CAST(\(cell)::VARCHAR AS DOUBLE)", "\(cell)::VARCHAR"]
        case (.number, .number):
            form = .numbers
            expressions = ["\(cell)::DOUBLE"]
        case (.time, .time):
            form = .numbers
            expressions = ["epoch(\(cell)::TIMESTAMP)"]
        case (.number, .empty), (.time, .empty):
            form = .numbers
            expressions = ["NULL::DOUBLE"]
        case (.name, .name), (.name, .number), (.name, .time):
            form = .names
            expressions = ["\(cell)::VARCHAR"]
        case (.name, .empty):
            form = .names
            expressions = ["NULL::VARCHAR"]
        default: return nil
        }
    }
}

extension DataTable {
    /// A statement that gives the columns of some readings, in the order of the rows.
    func statement(_ readings: [ColumnReading], where condition: TableQuery?) -> TableQuery {
        let expressions = readings.flatMap(\.expressions).joined(separator: ", ")
        let filter: TableQuery = condition.map { " WHERE \($0)" } ?? ""
        return "SELECT \(expressions) FROM \(source)\(filter)"
    }
}
