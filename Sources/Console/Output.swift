import Foundation
package import Wire

/// What a command prints: one value in two forms, JSON for scripts and a table or a few lines for people.
package struct Output: Sendable {
    private enum Form: Sendable {
        case table(Table)
        case lines([String])
    }

    private let json: JSON
    private let form: Form

    package init(_ json: JSON, table: Table) {
        self.json = json
        form = .table(table)
    }

    package init(_ json: JSON, lines: [String]) {
        self.json = json
        form = .lines(lines)
    }

    package func text(asJSON: Bool) -> String {
        if asJSON { return json.prettyText + "\n" }
        switch form {
        case .table(let table): return table.text
        case .lines(let lines): return lines.map { $0 + "\n" }.joined()
        }
    }
}

/// Aligned columns with a heading; numbers stand on the right.
package struct Table: Sendable {
    private let columns: [String]
    private let rows: [[String]]
    /// Said instead of an empty table.
    private let empty: String

    package init(columns: [String], rows: [[String]], empty: String) {
        self.columns = columns
        self.rows = rows
        self.empty = empty
    }

    package var text: String {
        guard !rows.isEmpty else { return empty + "\n" }
        let widths = columns.indices.map { column in
            ([columns] + rows).map { $0[column].count }.max() ?? 0
        }
        let numeric = columns.indices.map { column in
            rows.allSatisfy { $0[column].isEmpty || $0[column] == "–" || Double($0[column]) != nil }
        }
        return ([columns.map { $0.uppercased() }] + rows).map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return numeric[column] ? padding + row[column] : row[column] + padding
            }
            let line = cells.joined(separator: "  ")
            return line.trimmingTrailingSpaces + "\n"
        }.joined()
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
    }
}

extension JSON {
    /// The value as a table cell: text as it is, an absent one as a dash.
    package var cell: String {
        switch self {
        case .null: "–"
        case .string(let text): text
        case .bool, .integer, .double: text
        case .array, .object: text
        }
    }
}

extension JSON? {
    package var cell: String { self?.cell ?? "–" }
}

/// A measured value of an answer as a table cell, to so many significant digits.
package func numberCell(_ value: JSON?, digits: Int = 6) -> String {
    guard let number = value?.doubleValue else { return value.cell }
    return String(format: "%.\(digits)g", number)
}

/// A moment of an answer (milliseconds) as a table cell, in UTC to the second.
package func timeCell(_ milliseconds: JSON?) -> String {
    guard let value = milliseconds?.integerValue else { return "–" }
    return String(Timestamp(milliseconds: value).iso8601.prefix(19)).replacing("T", with: " ")
}
