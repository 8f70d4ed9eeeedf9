import TestSupport
import Testing

extension PagesInBrowser {
    @Suite struct TracePageTests {
        @Test func saysHowToBegin() async throws {
            let page = try await PageCheck.open(.traces, on: .empty)
            try await page.expectSound("No traces yet", "@mlflow.trace")
        }

        @Test func listsThem() async throws {
            let page = try await PageCheck.open(.traces, on: .three)
            try await page.expectSound("Traces", "checkout <b>☂</b>")
            try await page.expectReachable("Traces", "checkout <b>☂</b>")
        }

        @Test func bearsHundreds() async throws {
            let page = try await PageCheck.open(.traces, on: .many)
            try await page.expectSound("question 0", "Next 100")
        }

        @Test func showsSpansAlongTheirTime() async throws {
            let page = try await PageCheck.open(.trace, on: .three)
            try await page.expectSound("checkout <b>☂</b>", "استرجاع", "answer 🤖")
            try await page.expectReachable("checkout <b>☂</b>", "answer 🤖")
        }

        @Test func filterLeavesWhatFits() async throws {
            let page = try await PageCheck.open(.traces, on: .three)
            try await page.browser.find(.searchbox, named: "Filter").type("status = 'IN_PROGRESS'")
            try await page.browser.click(.button, named: "Search")
            try await page.browser.wait(for: "nothing") { try await $0.text.contains("No trace fits the filter") }
            try await page.expectNoTrouble()
        }
    }
}
