import Statistics
import Wire

/// What is said of one table.
struct TableReport: Sendable {
    let table: ProfiledTable

    init(_ table: ProfiledTable) {
        self.table = table
    }

    func json(_ names: NameDisplay) -> JSON {
        [
            "title": .string(table.title), "rows": .integer(Int64(table.rowCount)),
            "columns": .array(
                table.columns.map { column in
                    .compact([
                        "name": .string(column.column.name), "type": .string(column.column.type),
                        "kind": .string(column.column.kind.rawValue),
                        "facts": column.profile.map { ColumnFacts($0).json(names) },
                    ])
                }),
        ]
    }
}
