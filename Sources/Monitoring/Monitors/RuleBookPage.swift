import Web

/// By what rules a monitor judges, and where each comes from.
struct RuleBookPage {
    let status: MonitorStatus
    let book: RuleBook

    var page: Web.Page {
        let name = status.monitor.name
        let path = "/monitors/\(name)"
        return Web.Page(
            title: "Rules of \(name)",
            trail: [MonitorPage.section, Link(name, path), Link("rules", "\(path)/rules")],
            body: """
                <p>By these rules monitor \(HTML.name(name)) calls something bad. What the manifest does not say is Martlet’s \
                default. \(HTML.link("Edit the manifest", to: "/manifests/monitors/\(name)")) or \
                \(HTML.link("silence alerts", to: "/silences?monitor=\(name)")) for a while.</p>
                \(table)
                """)
    }

    /// One table, so that what stands below each other is of one kind; each chapter under its heading.
    private var table: HTML {
        let head = ["about", "in force", "tested", "from", "key"].map { "<th scope=\"col\">\($0)</th>" as HTML }
        return .framed(
            """
            <thead><tr>\(head)</tr></thead>
            \(book.chapters.map(Self.chapter))
            """, named: "Rules")
    }

    private static func chapter(_ chapter: RuleBook.Chapter) -> HTML {
        let rows = chapter.rules.prefix(Self.limit).map { rule -> HTML in
            """
            <tr><th scope="row">\(HTML.name(rule.subject))</th><td>\(HTML.name(rule.words))</td>\
            <td>\(rule.test ?? "–")</td>\
            <td>\(rule.isDeclared ? HTML.badge("manifest", .active) : HTML.badge("default", .plain))</td>\
            <td><code>\(HTML.name(rule.key))</code></td></tr>
            """
        }
        let left = chapter.rules.count - Self.limit
        let more: HTML? =
            left > 0
            ? "<tr><th scope=\"row\" colspan=\"5\" class=\"quiet\">And \(Quantity.count(left)) more, in the manifest.</th></tr>"
            : nil
        return """
            <tbody><tr class="part"><th scope="rowgroup" colspan="5">\(chapter.title)</th></tr>
            \(rows)\(more)</tbody>
            """
    }

    /// A manifest may say something of each of thousands of columns.
    private static let limit = 60
}
