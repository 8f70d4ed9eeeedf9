import Web
import Wire

/// A preview as a part of a page.
struct PreviewPage {
    let preview: Preview
    /// Where the file itself is downloaded.
    let download: String
    /// Where a document is shown inside its sandbox.
    let document: String

    var html: HTML {
        """
        <p>\(preview.mediaType), \(Quantity.bytes(preview.sizeBytes))\(pixels) · <a href="\(download)">Download</a></p>
        \(content)
        """
    }

    private var pixels: HTML? {
        guard case .image(let size?, _) = preview.content else { return nil }
        return ", \(size.width) × \(size.height) pixels"
    }

    private var content: HTML {
        switch preview.content {
        case .image: "<figure><img src=\"\(download)\" alt=\"\(preview.path)\"></figure>"
        case .text(let head): "\(HTML.code(head.text))\(rest(head.isCut))"
        case .json(let head): "\(HTML.code(head.text))\(rest(head.isCut))"
        case .table(let head): "\(table(head))\(rest(head.isCut))"
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

    private func table(_ head: TableHead) -> HTML {
        HTML.table(
            head.columns.map(HTML.Column.words),
            rows: head.rows.map { row in row.map { cell in "\(cell.stringValue ?? (cell == .null ? "" : cell.text))" } }
        )
    }
}
