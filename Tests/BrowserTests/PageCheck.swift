import TestSupport
import Testing

/// A page that is open in the shared browser, and what every page is held to.
struct PageCheck {
    static let wide = 1280
    static let narrow = 390

    let browser: Browser
    let server: SeededServer

    /// Opens a page.
    static func open(_ place: Place, on size: DataSize) async throws -> PageCheck {
        let server = try await Stage.server(size)
        let check = PageCheck(browser: try await Stage.browser(), server: server)
        try await check.browser.open(server.url + place.path(on: server))
        return check
    }

    /// The page's own heading.
    var heading: String {
        get async throws { try await browser.find("h1").text }
    }

    // MARK: What every page is held to

    /// - Parameter words: what is to be read on it, with scripts and without.
    func expectSound(_ words: String...) async throws {
        try await expectWords(words)
        try await browser.settle()
        try await expectNoTrouble()
        try await expectNames()
        try await expectFits()
    }

    /// Besides, what is the same however much there is: the order of the focus, and that scripts are not needed.
    func expectReachable(_ words: String...) async throws {
        try await browser.reload()
        try await expectFocusOrder()
        try await browser.setScripts(areOn: false)
        try await browser.reload()
        try await expectWords(words)
        try await browser.setScripts(areOn: true)
        try await browser.reload()
    }

    private func expectWords(_ words: [String]) async throws {
        let text = try await browser.text
        let address = try await browser.url
        for word in words {
            #expect(text.contains(word), "\(address) says: \(text.prefix(3000))")
        }
    }

    /// Nothing in the console, nothing that the policy forbids, no request that failed.
    func expectNoTrouble() async throws {
        let address = try await browser.url
        #expect(try await browser.takeLog().troubles == [], "\(address)")
    }

    private func expectNames() async throws {
        let address = try await browser.url
        let nameless = try await browser.controls().filter { !$0.isNamed }
        #expect(nameless == [], "\(address)")
    }

    /// Nothing stands out of the window, however narrow.
    private func expectFits() async throws {
        let address = try await browser.url
        for width in [Self.wide, Self.narrow] {
            try await browser.resize(width: width)
            let widths = try await browser.widths
            let outside = try await browser.overflowing
            #expect(widths.document <= widths.window, "\(address) at \(width): \(outside)")
        }
        try await browser.resize(width: Self.wide)
    }

    /// Tab comes to the link that skips the navigation first, then through that, then to the page's own part, before what is at
    /// the foot.
    private func expectFocusOrder() async throws {
        let sections = try await browser.all("header nav a[href]")
        var paths: [String] = []
        for section in sections { paths.append(try await section.attribute("href") ?? "") }
        let stops = try await browser.tabStops()
        #expect(!paths.isEmpty)
        #expect(stops.filter { !$0.isInMain }.compactMap(\.path) == ["#main", "/"] + paths, "\(stops)")
        #expect(stops.filter { $0.name.isEmpty && !$0.isInMain } == [])
    }
}
