import Tables
import Wire

/// The first rows of a table.
struct TableHead: Sendable, Hashable {
    let columns: [String]
    /// What SQL calls the type of each column; nil where the format does not say.
    let types: [String]?
    /// How many columns there are, if more than are shown.
    let columnCount: Int
    /// A cell for each column.
    let rows: [[JSON]]
    /// Whether there are more rows or columns.
    let isCut: Bool
    /// How many rows there are; nil where the format does not say.
    let rowCount: Int?
    /// A sentence on what is not shown, and why.
    let note: String?

    static let maximumRows = 50
    static let maximumColumns = 256
    /// The longest text of a cell, of a format whose columns can be told apart without reading them.
    static let cellCharacters = 500

    /// Of CSV (RFC 4180) or tab-separated text with a heading.
    /// - Parameter isCut: whether the file goes on after `text`; its last row is then left out.
    /// - Returns: nil for text without a heading.
    init?(delimited text: String, by delimiter: Character, isCut: Bool) {
        var reader = DelimitedText(rest: text[...], delimiter: delimiter)
        guard let all = reader.nextRow() else { return nil }
        let columns = Array(all.prefix(Self.maximumColumns))
        var rows: [[JSON]] = []
        while rows.count <= Self.maximumRows, let row = reader.nextRow() {
            // Short rows are filled up, long ones lose what no column names.
            let cells = columns.indices.map { $0 < row.count ? JSON.string(row[$0]) : .null }
            rows.append(cells)
        }
        let hasMore = rows.count > Self.maximumRows
        if hasMore || isCut, !rows.isEmpty { rows.removeLast() }
        self.init(columns: columns, of: all.count, rows: rows, isCut: hasMore || isCut)
    }

    /// Of what `mlflow.log_table` writes, which is how pandas splits a table: columns, and data row by row.
    /// - Returns: nil for any other JSON.
    init?(split json: JSON) {
        guard let columns = json["columns"]?.arrayValue?.compactMap(\.stringValue), let data = json["data"]?.arrayValue,
            columns.count == json["columns"]?.arrayValue?.count, !columns.isEmpty
        else { return nil }
        let rows = data.prefix(Self.maximumRows).compactMap(\.arrayValue).filter { $0.count == columns.count }
        guard rows.count == min(data.count, Self.maximumRows) else { return nil }
        let most = Self.maximumColumns
        self.init(
            columns: Array(columns.prefix(most)), of: columns.count, rows: rows.map { Array($0.prefix(most)) },
            isCut: data.count > rows.count)
    }

    /// Of a format that knows its columns and counts its rows.
    /// - Parameter columnCount: how many there are, shown or not.
    init(columns: [TableColumn], columnCount: Int, rows: [[JSON]], rowCount: Int?, note: String?) {
        self.columns = columns.map(\.name)
        types = columns.map(\.type.name)
        self.columnCount = columnCount
        self.rows = rows
        isCut = columnCount > columns.count || rowCount != rows.count
        self.rowCount = rowCount
        self.note = note
    }

    private init(columns: [String], of columnCount: Int, rows: [[JSON]], isCut: Bool) {
        self.columns = columns
        types = nil
        self.columnCount = columnCount
        self.rows = rows
        self.isCut = isCut || columnCount > columns.count
        rowCount = nil
        note = nil
    }

    /// A cell that is not too long to be shown.
    static func shortened(_ value: TableValue) -> JSON {
        guard case .string(let text) = value.json, text.count > cellCharacters else { return value.json }
        return .string(text.prefix(cellCharacters) + "…")
    }

    /// Whether all cells of a column that are not empty are numbers.
    func isNumeric(column: Int) -> Bool {
        let cells = rows.map { $0[column] }.filter { $0 != .null && $0 != "" }
        return !cells.isEmpty
            && cells.allSatisfy { $0.doubleValue != nil || $0.stringValue.flatMap(Double.init) != nil }
    }
}

/// Reads delimited text row by row. A field in quotes may hold delimiters, line ends and doubled quotes.
struct DelimitedText {
    var rest: Substring
    let delimiter: Character

    /// Nil at the end of the text. Blank lines are passed over.
    mutating func nextRow() -> [String]? {
        while let first = rest.first, first.isNewline { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        var row: [String] = []
        repeat { row.append(nextField()) } while endField()
        return row
    }

    /// Reads up to the delimiter or the line end, which stays.
    private mutating func nextField() -> String {
        guard rest.first == "\"" else {
            let field = rest.prefix { $0 != delimiter && !$0.isNewline }
            rest = rest[field.endIndex...]
            return String(field)
        }
        var field = ""
        repeat {
            rest.removeFirst()
            let piece = rest.prefix { $0 != "\"" }
            field += piece
            rest = rest[piece.endIndex...].dropFirst()
            if rest.first == "\"" { field.append("\"") }
        } while rest.first == "\""
        return field
    }

    /// Passes over what ends a field.
    /// - Returns: whether another field of the row follows.
    private mutating func endField() -> Bool {
        let end = rest.firstIndex { $0 == delimiter || $0.isNewline }
        guard let end else {
            rest = rest[rest.endIndex...]
            return false
        }
        let isDelimiter = rest[end] == delimiter
        rest = rest[rest.index(after: end)...]
        return isDelimiter
    }
}
