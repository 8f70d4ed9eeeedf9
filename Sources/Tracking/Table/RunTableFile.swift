import Wire

/// The table of runs as comma-separated values (RFC 4180), line by line.
enum RunTableFile {
    /// The heading: two columns that say which run it is, then those of the table.
    static func heading(_ columns: [RunColumn]) -> String {
        line((["run_id", "run_name"] + columns.map(\.text)).map(guarded))
    }

    /// A line for each of some runs of the table.
    static func lines(_ table: RunTable, _ places: [Int]) -> String {
        places.map { run in
            let info = table.runs[run]
            return line([guarded(info.id), guarded(info.name)] + table.cells.map { text($0[run]) })
        }.joined()
    }

    private static func text(_ cell: RunCell) -> String {
        switch cell {
        case .missing: ""
        case .number(let number): text(number)
        case .text(let text, isCut: let isCut): guarded(isCut ? text + "…" : text)
        case .moment(let moment): moment.iso8601
        }
    }

    /// A whole number without a point; `NaN`, `inf` and `-inf` as most programs read them.
    static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        return Int64(exactly: number).flatMap { abs(number) < 1e15 ? "\($0)" : nil } ?? number.description
    }

    /// Spreadsheets compute what begins with these signs; an apostrophe before it keeps it a text. Numbers stay numbers.
    static func guarded(_ text: String) -> String {
        guard let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) else { return text }
        return text.wholeMatch(of: /[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?/) != nil ? text : "'" + text
    }

    static func line(_ fields: [String]) -> String {
        fields.map { field in
            let isPlain = !field.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
            return isPlain ? field : "\"\(field.replacing("\"", with: "\"\""))\""
        }.joined(separator: ",") + "\r\n"
    }
}
