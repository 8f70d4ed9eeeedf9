import TestSupport
import Testing

extension PagesInBrowser {
    @Suite struct TrafficPageTests {
        @Test func tellsWhoAskedAndHowLongItTook() async throws {
            let page = try await PageCheck.open(.traffic, on: .three)
            try await page.expectSound("ward")
            try await page.expectReachable("ward")
        }

        @Test func tellsOfCallsThatWereAnsweredHere() async throws {
            let page = try await PageCheck.open(.latency, on: .three)
            try await page.expectSound("clinic")
        }

        @Test func leadsBackToTheMonitor() async throws {
            let page = try await PageCheck.open(.traffic, on: .three)
            try await page.browser.find("nav.trail a[href='/monitors/ward']").click()
            try await page.browser.wait(for: "the monitor") { try await $0.url.hasSuffix("/monitors/ward") }
            try await page.expectNoTrouble()
        }
    }

    @Suite struct PerformancePageTests {
        @Test func tellsHowGoodThePredictionsWere() async throws {
            let page = try await PageCheck.open(.performance, on: .three)
            try await page.expectSound("ward", "mae")
            try await page.expectReachable("ward", "mae")
        }

        @Test func leadsBackToTheMonitor() async throws {
            let page = try await PageCheck.open(.performance, on: .three)
            try await page.browser.find("nav.trail a[href='/monitors/ward']").click()
            try await page.browser.wait(for: "the monitor") { try await $0.url.hasSuffix("/monitors/ward") }
            try await page.expectNoTrouble()
        }
    }
}
