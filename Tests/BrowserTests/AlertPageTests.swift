import TestSupport
import Testing

extension PagesInBrowser {
    @Suite struct AlertPageTests {
        @Test func saysWhenThereIsNone() async throws {
            let page = try await PageCheck.open(.alerts, on: .empty)
            try await page.expectSound("No alerts")
        }

        @Test func listsThem() async throws {
            let page = try await PageCheck.open(.alerts, on: .three)
            try await page.expectSound("open", "high", "ward", "its incident")
            try await page.expectReachable("open", "ward", "its incident")
        }

        @Test func tellsWhatWasFound() async throws {
            let page = try await PageCheck.open(.alert, on: .three)
            try await page.expectSound("Evidence", "What to do next", "Silence", "age")
            try await page.expectReachable("Evidence", "Silence", "age")
        }

        @Test func leadsToItsIncident() async throws {
            let page = try await PageCheck.open(.alert, on: .three)
            try await page.browser.click(.link, named: "its incident")
            try await page.browser.wait(for: "the incident") { try await $0.url.contains("/incidents/") }
            try await page.expectNoTrouble()
        }
    }
}
