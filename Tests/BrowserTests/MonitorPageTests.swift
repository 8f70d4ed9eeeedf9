import TestSupport
import Testing

extension PagesInBrowser {
    @Suite struct MonitorPageTests {
        @Test func saysHowToBegin() async throws {
            let page = try await PageCheck.open(.monitors, on: .empty)
            try await page.expectSound("No monitors")
        }

        @Test func namesAllThereAre() async throws {
            let page = try await PageCheck.open(.monitors, on: .three)
            try await page.expectSound(MonitoringSeed.monitor, ServingSeed.endpoint, "alert", "ann")
            try await page.expectReachable(MonitoringSeed.monitor, ServingSeed.endpoint)
        }

        @Test func bearsDozens() async throws {
            let page = try await PageCheck.open(.monitors, on: .many)
            try await page.expectSound("crowd-39")
        }

        @Test func tellsWhatDrifts() async throws {
            let page = try await PageCheck.open(.monitor, on: .three)
            try await page.expectSound("Monitor ward", "age", "<b>ward</b>", "حرارة", "Findings")
            try await page.expectReachable("Monitor ward", "age", "<b>ward</b>")
        }

        @Test func leadsToAColumnCalledLikeMarkup() async throws {
            let page = try await PageCheck.open(.monitor, on: .three)
            try await page.browser.click(.link, named: "<b>ward</b>")
            try await page.browser.wait(for: "the column") { try await $0.url.contains("/columns/") }
            #expect(try await page.heading.contains("<b>ward</b>"))
            try await page.expectNoTrouble()
        }
    }

    @Suite struct ColumnPageTests {
        @Test func setsAColumnAgainstItsReference() async throws {
            let page = try await PageCheck.open(.column, on: .three)
            try await page.expectSound("<b>ward</b>", "heart 🫀", "<i>eye</i>")
            try await page.expectReachable("<b>ward</b>", "heart 🫀")
        }

        @Test func leadsBackToTheMonitor() async throws {
            let page = try await PageCheck.open(.column, on: .three)
            try await page.browser.find("nav.trail a[href='/monitors/ward']").click()
            try await page.browser.wait(for: "the monitor") { try await $0.url.hasSuffix("/monitors/ward") }
            try await page.expectNoTrouble()
        }
    }
}
