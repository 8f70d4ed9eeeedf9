import Tracking
import Web
import Wire

/// A preview as a part of a page.
struct PreviewPage {
    let preview: Preview
    /// Where the file itself is downloaded.
    let download: String
    /// Where a document is shown inside its sandbox.
    let document: String
    /// When it was written; nil where nobody knows.
    var written: HTML?

    var html: HTML {
        """
        <p>\(preview.mediaType), \(Quantity.bytes(preview.sizeBytes))\(extent)\(written.map { ", written \($0)" as HTML }) · \
        <a href="\(download)">Download</a></p>
        \(content)
        """
    }

    private var extent: HTML? {
        switch preview.content {
        case .image(let size?, _): return ", \(size.width) × \(size.height) pixels"
        case .table(let head):
            guard let rows = head.rowCount else { return nil }
            let columns = head.columnCount
            return """
                , \(Quantity.count(rows)) row\(rows == 1 ? "" : "s"), \
                \(Quantity.count(columns)) column\(columns == 1 ? "" : "s")
                """
        default: return nil
        }
    }

    private var content: HTML {
        switch preview.content {
        case .image: "<figure><img src=\"\(download)\" alt=\"\(preview.path)\"></figure>"
        case .text(let head): "\(HTML.code(head.text))\(rest(head.isCut))"
        case .json(let head): "\(HTML.code(head.text))\(rest(head.isCut))"
        case .table(let head): "\(note(head))\(table(head))\(head.note == nil ? rest(head) : nil)"
        case .document:
            """
            <iframe class="document" sandbox="allow-scripts" src="\(document)" title="\(preview.path)"></iframe>
            """
        case .none(let reason): .empty(reason)
        }
    }

    private func rest(_ isCut: Bool) -> HTML? {
        isCut ? "<p class=\"quiet\">This is the beginning; download the file for the rest.</p>" : nil
    }

    private func note(_ head: TableHead) -> HTML? {
        head.note.map { .notice(.plain, "\($0)") }
    }

    private func rest(_ head: TableHead) -> HTML? {
        let isCut = head.isCut || head.columns.count > Self.maximumColumns
        guard isCut, let rows = head.rowCount else { return rest(isCut) }
        let ofRows = "\(head.rows.count) of \(Quantity.count(rows)) rows"
        let columns = min(head.columns.count, Self.maximumColumns)
        let ofColumns = "\(columns) of \(Quantity.count(head.columnCount)) columns"
        let shown = [head.rows.count < rows ? ofRows : nil, columns < head.columnCount ? ofColumns : nil]
        let words = shown.compactMap(\.self).joined(separator: ", and the first ")
        return "<p class=\"quiet\">These are the first \(words); download the file for the rest.</p>"
    }

    private func table(_ head: TableHead) -> HTML {
        let columns = head.columns.indices.prefix(Self.maximumColumns).map { index -> HTML.Column in
            let title = head.columns[index]
            let type = head.types?[index]
            return head.isNumeric(column: index) ? .number(title, note: type) : .words(title, note: type)
        }
        let rows = head.rows.map { row in
            row.prefix(Self.maximumColumns).map { Self.cell($0, isTyped: head.types != nil) }
        }
        return "<div class=\"data\">\(HTML.table(columns, rows: rows))</div>"
    }

    /// Wider tables are looked at elsewhere, and would weigh more than a page may.
    static let maximumColumns = 64
    private static let maximumText = 160

    /// - Parameter isTyped: whether an empty text is another thing than nothing.
    private static func cell(_ cell: JSON, isTyped: Bool) -> HTML {
        switch cell {
        case .null: isTyped ? "<span class=\"quiet\">null</span>" : ""
        case .string(let text): text.isLonger(than: maximumText) ? "\(text.cut(to: maximumText))…" : "\(text)"
        case .double(let value) where !value.isFinite: "\(Quantity.number(value))"
        default: "\(cell.text)"
        }
    }
}
