import Runtimes
import Tables
import Wire

/// How the cells of an input column become values of the type that a model takes, in SQL, so that DuckDB does it for many
/// rows at once.
///
/// What is allowed is what `ColumnBuilder` allows a request: a text that spells a number is one, a fraction is no whole
/// number, a number is no text; null is a missing number or text, and no whole number or boolean.
struct CellCast: Sendable {
    /// The value, NULL where there is none; nil when the cell is read as it is.
    let value: TableQuery?
    /// Whether the cell keeps its row from being scored; nil when no cell does.
    let isRefused: TableQuery?

    fileprivate enum Source {
        case number(isWhole: Bool)
        case boolean
        case text
        case json
    }

    /// - Parameters:
    ///   - cell: the name of the column in the statement.
    ///   - result: the name that the value has in the statement.
    ///   - isJSON: whether cells are written as JSON.
    /// - Throws: `ScoringError` for a type that never becomes the other.
    init(
        _ column: TableColumn, _ cell: TableQuery, as type: ColumnType, named result: TableQuery, isJSON: Bool
    ) throws {
        guard let source = isJSON ? Source.json : Source(column.type) else { throw Self.mismatch(column, type) }
        let value = try Self.value(of: cell, from: source, column, as: type)
        let found = value == nil ? cell : result
        self.value = value
        switch type {
        case .boolean, .integer, .long: isRefused = "\(found) IS NULL"
        case .float, .double, .string: isRefused = value == nil ? nil : "(\(cell) IS NOT NULL AND \(found) IS NULL)"
        }
    }

    private static func value(
        of cell: TableQuery, from source: Source, _ column: TableColumn, as type: ColumnType
    ) throws -> TableQuery? {
        switch (type, source) {
        case (.double, .boolean), (.float, .boolean), (.long, .boolean), (.integer, .boolean), (.boolean, .boolean),
            (.string, .text) where column.type == .text:
            return nil
        case (.string, .boolean), (.string, .number): throw mismatch(column, type)
        case (.double, _), (.float, _): return column.type.isReadAsNumber && source.isNumber ? nil : number(cell)
        case (.long, .number(isWhole: true)) where column.type.isReadAsNumber: return nil
        case (.integer, .number(isWhole: true)) where column.type.fitsInt32: return nil
        case (.long, _): return whole(cell, "BIGINT")
        case (.integer, _): return whole(cell, "INTEGER")
        case (.boolean, .number):
            return "CASE WHEN \(cell) = 0 THEN false WHEN \(cell) = 1 THEN true END"
        case (.boolean, .json): return boolean("(\(cell)->>'$')")
        case (.boolean, _): return boolean(cell)
        case (.string, .json): return "CASE WHEN json_type(\(cell)) = 'VARCHAR' THEN \(cell)->>'$' END"
        case (.string, _): return "CAST(\(cell) AS VARCHAR)"
        }
    }

    private static func number(_ cell: TableQuery) -> TableQuery {
        "TRY_CAST(\(cell) AS DOUBLE)"
    }

    /// A cast alone would round.
    private static func whole(_ cell: TableQuery, _ type: TableQuery) -> TableQuery {
        """
        CASE WHEN TRY_CAST(\(cell) AS DOUBLE) = CAST(TRY_CAST(\(cell) AS \(type)) AS DOUBLE) \
        THEN TRY_CAST(\(cell) AS \(type)) END
        """
    }

    private static func boolean(_ text: TableQuery) -> TableQuery {
        """
        CASE WHEN \(text) IN ('true', 'True', 'TRUE', '1') THEN true \
        WHEN \(text) IN ('false', 'False', 'FALSE', '0') THEN false END
        """
    }

    private static func mismatch(_ column: TableColumn, _ type: ColumnType) -> ScoringError {
        .invalid(
            "The model takes column '\(column.name)' as \(type.rawValue); the input has it as \(column.type.name).")
    }

    /// What is said of a cell that is refused.
    static func reason(_ column: TableColumn, _ cell: TableQuery, as type: ColumnType, isJSON: Bool) -> TableQuery {
        let text: TableQuery = "left(CAST(\(cell) AS VARCHAR), 80)"
        let shown: TableQuery = column.type == .text && !isJSON ? "'\"' || \(text) || '\"'" : text
        let before: TableQuery = "\(quoted: "Column '\(column.name)': ")"
        let after: TableQuery = "\(quoted: " is not a value of type \(type.rawValue).")"
        return "\(before) || coalesce(\(shown), 'null') || \(after)"
    }
}

extension CellCast.Source {
    /// Nil for types that are neither numbers nor texts.
    fileprivate init?(_ type: TableType) {
        switch type {
        case .boolean: self = .boolean
        case .integer: self = .number(isWhole: true)
        case .float, .double, .decimal: self = .number(isWhole: false)
        case .text, .enumeration, .uuid: self = .text
        // A column of nothing but NULL.
        case .null: self = .text
        default: return nil
        }
    }

    fileprivate var isNumber: Bool {
        if case .number = self { true } else { false }
    }
}

extension TableType {
    /// Whether `TableVector` has its values as numbers.
    fileprivate var isReadAsNumber: Bool {
        switch self {
        case .float, .double: true
        case .integer(let bits, let isSigned): bits < 64 || bits == 64 && isSigned
        default: false
        }
    }

    fileprivate var fitsInt32: Bool {
        if case .integer(let bits, let isSigned) = self { bits < 32 || bits == 32 && isSigned } else { false }
    }
}
