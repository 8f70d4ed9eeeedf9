import TestSupport
import Testing

extension PagesInBrowser {
    @Suite struct IncidentPageTests {
        @Test func saysHowToTry() async throws {
            let page = try await PageCheck.open(.incidents, on: .empty)
            try await page.expectSound("No incidents", "martlet monitors list --server \(page.server.url)")
        }

        @Test func listsWhatIsOpen() async throws {
            let page = try await PageCheck.open(.incidents, on: .three)
            try await page.expectSound("Open", "high", "ann", "ward")
            try await page.expectReachable("Open", "high", "ward")
        }

        @Test func tellsWhatHappened() async throws {
            let page = try await PageCheck.open(.incident, on: .three)
            try await page.expectSound("What to do next", "Evidence", "Time line", "age")
            try await page.expectReachable("What to do next", "Evidence", "Time line")
        }

        @Test func takesAComment() async throws {
            let page = try await PageCheck.open(.incident, on: .three)
            try await page.browser.find("form[action$='/comment'] input").type("a new <lab>, نعم")
            try await page.browser.click(.button, named: "Comment")
            try await page.browser.wait(for: "the comment") { try await $0.text.contains("a new <lab>, نعم") }
            #expect(try await page.browser.url.hasSuffix(Place.incident.path(on: page.server)))
            try await page.expectNoTrouble()
        }

        @Test func leadsToTheReport() async throws {
            let page = try await PageCheck.open(.incidents, on: .three)
            try await page.browser.click(.link, named: "How alarms went")
            try await page.browser.wait(for: "the report") { try await $0.url.hasSuffix("/incidents/report") }
            try await page.expectSound("How alarms went", "Alerts by monitor", "ward")
            try await page.expectReachable("How alarms went", "Alerts by monitor")
        }

        @Test func reportsNothing() async throws {
            let page = try await PageCheck.open(.report, on: .empty)
            try await page.expectSound("No alert was opened", "No incident is over")
        }
    }
}
