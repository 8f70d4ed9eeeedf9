/// Tables in a frame that scrolls when they are wider or longer than the page has room for.
extension HTML {
    /// A heading of how a table's column is set.
    package struct Column: Sendable, ExpressibleByStringLiteral {
        let title: String
        /// Set small below the title, such as a type; a long one shows whole on hover.
        let note: String?
        let isNumber: Bool
        /// What its values are, or how they were counted; shows on hover.
        let meaning: String?

        /// A column of words.
        package init(stringLiteral title: String) {
            self.init(title: title, note: nil, isNumber: false)
        }

        private init(title: String, note: String?, isNumber: Bool, meaning: String? = nil) {
            self.title = title
            self.note = note
            self.isNumber = isNumber
            self.meaning = meaning
        }

        package static func words(_ title: String, note: String? = nil) -> Column {
            Column(title: title, note: note, isNumber: false)
        }

        /// A column of numbers, set to the right in digits of one width.
        /// - Parameter meaning: what they are, or how they were counted, for whoever hovers over the heading.
        package static func number(_ title: String, note: String? = nil, _ meaning: String? = nil) -> Column {
            Column(title: title, note: note, isNumber: true, meaning: meaning)
        }
    }

    /// A table with one cell a column; the first cell of a row is its heading.
    /// - Parameter name: what people who do not see the table hear when they come to it. Without one it is called by its
    ///   columns.
    package static func table(_ columns: [Column], named name: String? = nil, rows: some Sequence<[HTML]>) -> HTML {
        let head = columns.map { column -> HTML in
            let note = column.note.map { "<br><small title=\"\($0)\">\($0)</small>" as HTML }
            let title = column.meaning.map { HTML.explained(.name(column.title), $0) } ?? .name(column.title)
            return "<th scope=\"col\"\(classes(column))>\(title)\(note)</th>"
        }
        let body = rows.map { cells -> HTML in "<tr>\(zip(columns, cells).enumerated().map(cell))</tr>\n" }
        return framed(
            """
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(body)</tbody>
            """, named: name ?? Self.name(of: columns))
    }

    /// The head and the body of a table in its frame, which is reached by the keyboard, because it scrolls.
    package static func framed(_ content: HTML, named name: String) -> HTML {
        """
        <div class="table" tabindex="0" role="region" aria-label="\(name)"><table aria-label="\(name)">
        \(content)
        </table></div>
        """
    }

    /// `run by state, started, took`: the first few columns, because a table of somebody's data may have hundreds.
    private static func name(of columns: [Column]) -> String {
        let titles = columns.prefix(6).map { String($0.title.prefix(40)) }
        let more = columns.count > titles.count ? " and \(columns.count - titles.count) more" : ""
        guard let first = titles.first, titles.count > 1 else { return titles.first ?? "table" }
        return "\(first) by \(titles.dropFirst().joined(separator: ", "))\(more)"
    }

    private static func cell(_ index: Int, _ cell: (column: Column, content: HTML)) -> HTML {
        index == 0
            ? "<th scope=\"row\"\(classes(cell.column))>\(cell.content)</th>"
            : "<td\(classes(cell.column))>\(cell.content)</td>"
    }

    private static func classes(_ column: Column) -> HTML? {
        column.isNumber ? " class=\"number\"" : nil
    }
}
