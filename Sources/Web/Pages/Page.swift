import Wire

/// What a page shows inside the shell.
package struct Page: Sendable {
    /// The browser's title and the heading.
    package let title: String
    /// The way here, outermost first, each with its link.
    package let trail: [Link]
    /// The state of what the page is about, beside the heading.
    package let badge: HTML?
    /// Scripts of this page alone, by the names of their files among the assets, such as `runs.js`; each is a module.
    package let modules: [String]
    /// Whether it changes while somebody looks at it, and then tells so; drawing it takes little.
    package let isLive: Bool
    package let body: HTML

    package init(
        title: String, trail: [Link] = [], badge: HTML? = nil, modules: [String] = [], isLive: Bool = false, body: HTML
    ) {
        self.title = title
        self.trail = trail
        self.badge = badge
        self.modules = modules
        self.isLive = isLive
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
    /// Pages of second rank, which the foot of every page leads to.
    package let more: [Link]
    /// The version in the footer.
    package let version: String
    /// Whether every page has a field that leads to `/find`; with scripts on, it opens the palette.
    package let hasFinder: Bool

    /// - Parameter hasFinder: whether there are `FindRoutes`.
    package init(sections: [Link], more: [Link] = [], version: String, hasFinder: Bool = false) {
        self.sections = sections
        self.more = more
        self.version = version
        self.hasFinder = hasFinder
    }

    func reply(with page: Page) -> Reply {
        .html(document(page))
    }

    func document(_ page: Page) -> HTML {
        let content = content(of: page)
        // By which the stream of a live page knows what its reader has already.
        let live: HTML? = page.isLive ? " data-live=\"\(content.digestWithoutAges)\"" : nil
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(page.title) · Martlet</title>
            <link rel="icon" href="\(AssetTable.path(of: "martlet.svg"))">
            <link rel="stylesheet" href="\(AssetTable.path(of: "martlet.css"))">
            \((Self.modules + (page.isLive ? ["live.js"] : []) + page.modules).map(script))
            </head>
            <body>
            <a class="skip" href="#main">Skip to content</a>
            <header class="bar">
            <a class="mark" href="/"><img src="\(AssetTable.path(of: "martlet.svg"))" alt="" width="24" height="24">Martlet</a>
            <nav aria-label="Sections">\(sections.map { section(_: $0, trail: page.trail) })</nav>
            \(hasFinder ? Self.finder : nil)
            </header>
            <main id="main"\(live)>
            \(content)
            </main>
            <footer>
            \(more.isEmpty ? nil : "<nav aria-label=\"More\">\(more.map { section(_: $0, trail: page.trail) })</nav>" as HTML)
            <span>Martlet \(version)</span>
            </footer>
            </body>
            </html>

            """
    }

    /// What `<main>` holds: what of a page is its own.
    func content(of page: Page) -> HTML {
        """
        \(breadcrumbs(page))
        <h1>\(HTML.name(page.title)) \(page.badge)</h1>
        \(page.body)
        """
    }

    /// The scripts of every page.
    private static let modules = ["martlet.js", "times.js", "palette.js", "session.js"]

    private static let finder: HTML = """
        <form class="find" action="/find" method="get" role="search">
        <input type="search" name="q" aria-label="Find by name" placeholder="Find" autocomplete="off">
        </form>
        """

    private func script(_ name: String) -> HTML {
        "<script type=\"module\" src=\"\(AssetTable.path(of: name))\"></script>\n"
    }

    private func section(_ link: Link, trail: [Link]) -> HTML {
        let isCurrent = trail.first?.path == link.path
        let current: HTML = isCurrent ? " aria-current=\"page\"" : ""
        return "<a href=\"\(link.path)\"\(current)>\(link.title)</a>"
    }

    private func breadcrumbs(_ page: Page) -> HTML? {
        guard page.trail.count > 1 else { return nil }
        let links = page.trail.map { link -> HTML in "<li>\(HTML.link(link.title, to: link.path))</li>" }
        return "<nav class=\"trail\" aria-label=\"Breadcrumbs\"><ol>\(links)</ol></nav>"
    }

    /// The page for a problem: what, where, what next, and the request id that the log knows it by.
    /// - Parameters:
    ///   - asked: verb and path.
    ///   - back: the path of the page before.
    func page(about problem: any Problem, asked: String, back: String?, requestID: String) -> HTML {
        let status = problem.code.status
        let next: HTML? = problem.hint.map { "<p>\($0)</p>" }
        let way: HTML =
            back.map { "<a href=\"\($0)\">Back to the page before</a>" } ?? "<a href=\"/\">To the first page</a>"
        return document(
            Page(
                title: status == 404 ? "Not found" : "This did not work",
                body: """
                    <div class="notice \(status >= 500 ? "bad" : "warning")"><p dir="auto">\(problem.message)</p>\(next)</div>
                    <p>\(way)</p>
                    \(HTML.facts([
                        "Asked": "<code>\(HTML.name(asked))</code>", "Status": "\(status)",
                        "Request": "<code>\(requestID)</code>",
                    ]))
                    """))
    }
}
