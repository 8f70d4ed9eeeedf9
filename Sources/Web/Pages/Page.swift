/// What a page shows inside the shell.
package struct Page: Sendable {
    /// The browser's title and the heading.
    package let title: String
    /// The way here, outermost first, each with its link.
    package let trail: [Link]
    /// The state of what the page is about, beside the heading.
    package let badge: HTML?
    package let body: HTML

    package init(title: String, trail: [Link] = [], badge: HTML? = nil, body: HTML) {
        self.title = title
        self.trail = trail
        self.badge = badge
        self.body = body
    }
}

/// A link with its words.
package struct Link: Sendable, Hashable {
    package let title: String
    package let path: String

    package init(_ title: String, _ path: String) {
        self.title = title
        self.path = path
    }
}

/// What surrounds every page: the document, the navigation, the style. The composition root names the sections.
package struct PageShell: Sendable {
    package let sections: [Link]
    /// The version in the footer.
    package let version: String

    package init(sections: [Link], version: String) {
        self.sections = sections
        self.version = version
    }

    func reply(with page: Page) -> Reply {
        .html(document(page))
    }

    private func document(_ page: Page) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(page.title) · Martlet</title>
        <link rel="icon" href="\(AssetTable.path(of: "martlet.svg"))">
        <link rel="stylesheet" href="\(AssetTable.path(of: "martlet.css"))">
        <script type="module" src="\(AssetTable.path(of: "martlet.js"))"></script>
        </head>
        <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="bar">
        <a class="mark" href="/"><img src="\(AssetTable.path(of: "martlet.svg"))" alt="" width="24" height="24">Martlet</a>
        <nav aria-label="Sections">\(sections.map { section(_: $0, trail: page.trail) })</nav>
        </header>
        <main id="main">
        \(breadcrumbs(page))
        <h1>\(page.title) \(page.badge)</h1>
        \(page.body)
        </main>
        <footer>Martlet \(version)</footer>
        </body>
        </html>

        """
    }

    private func section(_ link: Link, trail: [Link]) -> HTML {
        let isCurrent = trail.first?.path == link.path
        let current: HTML = isCurrent ? " aria-current=\"page\"" : ""
        return "<a href=\"\(link.path)\"\(current)>\(link.title)</a>"
    }

    private func breadcrumbs(_ page: Page) -> HTML? {
        guard page.trail.count > 1 else { return nil }
        let links = page.trail.map { link -> HTML in "<li><a href=\"\(link.path)\">\(link.title)</a></li>" }
        return "<nav class=\"trail\" aria-label=\"Breadcrumbs\"><ol>\(links)</ol></nav>"
    }

    /// The page for a problem, with the request id that the log knows it by.
    func problem(status: Int, message: String, hint: String?, requestID: String) -> HTML {
        let advice: HTML? = hint.map { "<p>\($0)</p>" }
        return document(
            Page(
                title: status == 404 ? "Not found" : "This did not work",
                body: "<p>\(message)</p>\(advice)<p class=\"quiet\">Request \(requestID), status \(status)</p>"))
    }
}
