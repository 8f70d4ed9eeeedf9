import Foundation
import TestSupport
import Testing
import Web
import Wire

extension PagesInBrowser {
    /// That the browser tells what it is asked: what the other suites rely on.
    @Suite struct BrowserItselfTests {
        /// A server of one page.
        private func show(_ html: HTML, _ body: (Browser, LiveServer) async throws -> Void) async throws {
            var routes = Routes()
            routes.get("/", .read("pages")) { _ in .html(html) }
            let browser = try await Stage.browser()
            try await LiveServer.run(routes) { server in
                try await browser.open(server.url)
                try await body(browser, server)
            }
        }

        @Test func notesWhatGoesWrong() async throws {
            let page: HTML = """
                <!doctype html><title>t</title><link rel="icon" href="data:,">
                <script>inline()</script><p style="color: red">x</p><img src="/nothing.png" alt="">
                <img src="http://127.0.0.1:1/elsewhere.png" alt="">
                """
            try await show(page) { browser, server in
                try await browser.run("console.warn('not bad'); console.error('bad');")
                let troubles = try await browser.takeLog().troubles
                #expect(troubles.contains(.refusedRequest(url: "\(server.url)/nothing.png", status: 404)))
                #expect(troubles.contains(.failedRequest(url: "http://127.0.0.1:1/elsewhere.png", reason: "csp")))
                let errors = troubles.filter {
                    if case .consoleError(let text) = $0 { text.contains("bad") } else { false }
                }
                #expect(errors.count == 1)
                let forbidden = troubles.filter { if case .policyViolation = $0 { true } else { false } }
                // The icon, the script, the style, and the picture from elsewhere.
                #expect(forbidden.count == 4, "\(forbidden)")
                #expect(try await browser.takeLog().troubles == [])
            }
        }

        @Test func knowsNamesAndRoles() async throws {
            let page: HTML = """
                <!doctype html><title>t</title><link rel="icon" href="data:,"><main>
                <button aria-label="Save"></button><button id="mute"></button><a href="/a"><img src="data:," alt="Home"></a>
                <div id="frame" tabindex="0">words</div><label>Age <input type="number"></label></main>
                """
            try await show(page) { browser, _ in
                let controls = try await browser.controls()
                #expect(
                    controls.filter(\.isNamed).map { "\($0.role) \($0.name)" } == [
                        "button Save", "link Home", "spinbutton Age",
                    ])
                #expect(
                    controls.filter { !$0.isNamed }.map(\.tag) == [
                        "<button id=\"mute\">", "<div id=\"frame\" tabindex=\"0\">",
                    ])
                #expect(try await browser.find(.spinbutton, named: "Age").role == "spinbutton")
                await #expect(throws: WebDriverError.self) { try await browser.find(.button, named: "Age") }
                try await browser.find(.spinbutton, named: "Age").type("41")
                #expect(try await browser.find("input").property("value") == "41")
            }
        }

        @Test func goesFromStopToStop() async throws {
            let page: HTML = """
                <!doctype html><title>t</title><link rel="icon" href="data:,">
                <a href="#main">Skip</a><button>One</button><main id="main"><a href="/two">Two</a><a href="/three">Three</a></main>
                """
            try await show(page) { browser, _ in
                let stops = try await browser.tabStops()
                #expect(stops.map(\.name) == ["Skip", "One", "Two"])
                #expect(stops.map(\.path) == ["#main", nil, "/two"])
                #expect(stops.map(\.isInMain) == [false, false, true])
                try await browser.press(.tab, holding: .shift)
                #expect(try await browser.focused.name == "One")
            }
        }

        @Test func seesWhatStandsOut() async throws {
            let page: HTML = """
                <!doctype html><title>t</title><link rel="icon" href="data:,">
                <svg id="wide" width="700" height="10"></svg>
                """
            try await show(page) { browser, _ in
                try await browser.resize(width: 390)
                let widths = try await browser.widths
                #expect(widths.window == 390 && widths.document > 690)
                #expect(try await browser.overflowing.first?.contains("wide") == true)
                let picture = try await browser.screenshot()
                #expect(picture.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
                try await browser.setTheme(.dark)
                #expect(try await browser.run("return matchMedia('(prefers-color-scheme: dark)').matches;") == true)
            }
        }

        @Test func saysWhatDidNotCome() async throws {
            try await show("<!doctype html><title>t</title><p>only this</p>") { browser, _ in
                let failure = await #expect(throws: Browser.DidNotCome.self) {
                    try await browser.wait(for: "that", limit: .zero) { try await $0.text == "that" }
                }
                #expect(failure?.text == "only this")
            }
        }

        @Test func endsWithAllItStarted() async throws {
            let driver = try await ChromeDriver.start()
            let browser = try await driver.browser()
            try await browser.open("data:text/html,<title>there</title>")
            #expect(try await browser.title == "there")
            #expect(!Self.processes(of: driver.folder).isEmpty)
            await driver.end()
            #expect(Self.processes(of: driver.folder) == [])
            #expect(!FileManager.default.fileExists(atPath: driver.folder))
        }

        /// The command lines in which a folder is named.
        private static func processes(of folder: String) -> [String] {
            let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return numbers.compactMap { number in
                guard Int(number) != nil, let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline")
                else {
                    return nil
                }
                let words = String(decoding: line, as: UTF8.self)
                return words.contains(folder) ? words : nil
            }
        }
    }
}
