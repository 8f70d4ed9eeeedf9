/// A statement in DuckDB's SQL with its bound values. Values enter by string interpolation and are always bound, never
/// pasted:
///
///     let query: TableQuery = "SELECT * FROM read_parquet(\(path)) LIMIT \(limit)"
///
/// Interpolating another query splices it in.
package struct TableQuery: Sendable, Hashable, ExpressibleByStringInterpolation {
    private(set) var text: String
    private(set) var values: [TableValue]

    private init(text: String, values: [TableValue]) {
        self.text = text
        self.values = values
    }

    package init(stringLiteral text: String) {
        self.init(text: text, values: [])
    }

    package init(stringInterpolation: StringInterpolation) {
        self.init(text: stringInterpolation.text, values: stringInterpolation.values)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var values: [TableValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount)
            values.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        package mutating func appendInterpolation(_ value: TableValue) {
            text += "?"
            values.append(value)
        }

        package mutating func appendInterpolation(_ value: String) {
            appendInterpolation(.text(value))
        }

        package mutating func appendInterpolation(_ value: Int) {
            appendInterpolation(.integer(Int64(value)))
        }

        package mutating func appendInterpolation(_ value: Double) {
            appendInterpolation(.double(value))
        }

        package mutating func appendInterpolation(_ query: TableQuery) {
            text += query.text
            values += query.values
        }

        /// The name of a column or a table, in quotes.
        package mutating func appendInterpolation(name: String) {
            text += "\"\(name.replacing("\"", with: "\"\""))\""
        }

        /// A text in quotes, for the few statements that take no parameters, such as SET.
        package mutating func appendInterpolation(quoted value: String) {
            text += "'\(value.replacing("'", with: "''"))'"
        }
    }
}

extension Sequence<TableQuery> {
    /// The pieces with `separator` between them, such as columns with `", "`.
    package func joined(separator: TableQuery) -> TableQuery {
        var joined: TableQuery = ""
        for (index, piece) in enumerated() {
            joined = index == 0 ? piece : "\(joined)\(separator)\(piece)"
        }
        return joined
    }
}
