/// Rows of a table with columns of any kind, as samples of windows and references hold them.
package struct MixedRows: Sendable, Equatable {
    package let columns: [String]
    /// Each as wide as `columns`.
    package let rows: [[ColumnValue]]

    /// Rows that are too short are filled with missing values, what is too much is left out.
    package init(columns: [String], rows: [[ColumnValue]]) {
        self.columns = columns
        self.rows = rows.map { row in
            row.count == columns.count
                ? row : columns.indices.map { $0 < row.count ? row[$0] : .missing }
        }
    }

    /// The rows of a sample whose values are in the order of `columns`.
    package init(columns: [String], sample: RowSample) {
        self.init(columns: columns, rows: sample.rows.map(\.values))
    }

    /// The columns by name in another order; one that is not there is missing in every row.
    package func arranged(as names: [String]) -> MixedRows {
        guard names != columns else { return self }
        let places = names.map { columns.firstIndex(of: $0) }
        return MixedRows(columns: names, rows: rows.map { row in places.map { $0.map { row[$0] } ?? .missing } })
    }

    /// At most `limit` rows, drawn without replacement; in their order when no more are there.
    package func sample(_ limit: Int, using generator: inout some RandomNumberGenerator) -> MixedRows {
        guard rows.count > limit else { return self }
        return MixedRows(columns: columns, rows: Array(rows.shuffled(using: &generator).prefix(limit)))
    }

    /// The values of a column, as tools that compare raw columns take them; nil for one that is not there.
    package func column(_ name: String) -> RawColumn? {
        columns.firstIndex(of: name).map { place in RawColumn(rows.map { $0[place] }) }
    }

    /// A part of the rows.
    package subscript(_ range: Range<Int>) -> MixedRows {
        MixedRows(columns: columns, rows: Array(rows[range]))
    }
}
