package import Wire

/// The few elements that pages share; everything else is plain markup styled by the one stylesheet.
extension HTML {
    /// A moment as people say it, with the exact one on hover and for programs.
    package static func time(_ moment: Timestamp, now: Timestamp) -> HTML {
        """
        <time datetime="\(moment.iso8601)" title="\(spelled(moment))">\(Quantity.age(of: moment, now: now))</time>
        """
    }

    /// A moment written out in UTC.
    package static func time(_ moment: Timestamp) -> HTML {
        "<time datetime=\"\(moment.iso8601)\">\(spelled(moment))</time>"
    }

    /// A stretch of time, the day said once: `2026-11-21 03:47:23 to 03:52:10 UTC`.
    package static func times(from start: Timestamp, to end: Timestamp) -> HTML {
        let (first, last) = (start.iso8601.prefix(19), end.iso8601.prefix(19))
        let isSameDay = first.prefix(10) == last.prefix(10)
        let until = isSameDay ? String(last.dropFirst(11)) : String(last.replacing("T", with: " "))
        return """
            <time datetime="\(start.iso8601)">\(first.replacing("T", with: " "))</time> to \
            <time datetime="\(end.iso8601)">\(until) UTC</time>
            """
    }

    /// `2026-11-21 03:47:23 UTC`.
    private static func spelled(_ moment: Timestamp) -> String {
        moment.iso8601.prefix(19).replacing("T", with: " ") + " UTC"
    }

    /// What a badge's colour says.
    package enum Tone: String, Sendable {
        /// No judgement.
        case plain
        /// Under way.
        case active
        case good
        case warning
        case bad
    }

    /// A state in one or two words.
    package static func badge(_ words: String, _ tone: Tone = .plain) -> HTML {
        "<span class=\"badge \(tone.rawValue)\">\(words)</span>"
    }

    package static func link(_ title: String, to path: String) -> HTML {
        "<a href=\"\(path)\">\(title)</a>"
    }

    /// A shortened identifier that shows whole on hover.
    package static func shortID(_ id: String, length: Int = 8) -> HTML {
        "<code title=\"\(id)\">\(id.prefix(length))</code>"
    }

    /// Text to copy: a command, a snippet, a manifest.
    package static func code(_ text: String) -> HTML {
        "<pre tabindex=\"0\"><code>\(text)</code></pre>"
    }

    /// Names with their values, such as the particulars of a run; nil values are left out.
    package static func facts(_ facts: KeyValuePairs<String, HTML?>) -> HTML {
        "<dl class=\"facts\">\(items(facts))</dl>"
    }

    /// The few large figures that open a page, each under its name; nil values are left out.
    package static func numbers(_ numbers: KeyValuePairs<String, HTML?>) -> HTML {
        "<dl class=\"numbers\">\(items(numbers))</dl>"
    }

    private static func items(_ facts: KeyValuePairs<String, HTML?>) -> [HTML] {
        facts.compactMap { name, value in value.map { "<div><dt>\(name)</dt><dd>\($0)</dd></div>" } }
    }

    /// A sentence or two that must be seen, such as an open alert.
    package static func notice(_ tone: Tone, _ content: HTML) -> HTML {
        "<div class=\"notice \(tone.rawValue)\">\(content)</div>"
    }

    /// Labels of a name and a value.
    package static func tags(_ tags: some Sequence<(key: String, value: String)>) -> HTML {
        let items = tags.map { tag -> HTML in "<li>\(tag.key)=\(tag.value)</li>" }
        return "<ul class=\"tags\">\(items)</ul>"
    }

    /// What a page shows where there is nothing yet: what would be here, and what to type to get it.
    package static func empty(_ words: String, code text: String? = nil) -> HTML {
        let snippet = text.map(HTML.code)
        return "<div class=\"empty\"><p>\(words)</p>\(snippet)</div>"
    }

    /// A heading of how a table's column is set.
    package struct Column: Sendable, ExpressibleByStringLiteral {
        let title: String
        /// Set small below the title, such as a type; a long one shows whole on hover.
        let note: String?
        let isNumber: Bool

        /// A column of words.
        package init(stringLiteral title: String) {
            self.init(title: title, note: nil, isNumber: false)
        }

        private init(title: String, note: String?, isNumber: Bool) {
            self.title = title
            self.note = note
            self.isNumber = isNumber
        }

        package static func words(_ title: String, note: String? = nil) -> Column {
            Column(title: title, note: note, isNumber: false)
        }

        /// A column of numbers, set to the right in digits of one width.
        package static func number(_ title: String, note: String? = nil) -> Column {
            Column(title: title, note: note, isNumber: true)
        }
    }

    /// The command that applies a manifest to this server, to copy as it is.
    package static func apply(_ manifest: String, to origin: String) -> String {
        "martlet apply --server \(origin) -f - <<'END'\n\(manifest)\nEND"
    }

    /// A table with one cell a column; the first cell of a row is its heading.
    package static func table(_ columns: [Column], rows: some Sequence<[HTML]>) -> HTML {
        let head = columns.map { column -> HTML in
            let note = column.note.map { "<br><small title=\"\($0)\">\($0)</small>" as HTML }
            return "<th scope=\"col\"\(classes(column))>\(column.title)\(note)</th>"
        }
        let body = rows.map { cells -> HTML in "<tr>\(zip(columns, cells).enumerated().map(cell))</tr>\n" }
        return """
            <div class="table" tabindex="0"><table>
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(body)</tbody>
            </table></div>
            """
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

extension Sequence<HTML> {
    /// The pieces with a text in between.
    package func joined(by separator: String) -> HTML {
        reduce(nil as HTML?) { joined, piece in joined.map { "\($0)\(separator)\(piece)" } ?? piece } ?? ""
    }
}
