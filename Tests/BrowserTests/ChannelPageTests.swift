import TestSupport
import Testing

extension PagesInBrowser {
    @Suite struct ChannelPageTests {
        @Test func saysHowToBegin() async throws {
            let page = try await PageCheck.open(.channels, on: .empty)
            try await page.expectSound("Nobody is told of incidents yet", "kind: Channel")
        }

        @Test func listsThem() async throws {
            let page = try await PageCheck.open(.channels, on: .three)
            try await page.expectSound(MonitoringSeed.channel, "webhook", "Send an example")
            try await page.expectReachable(MonitoringSeed.channel, "webhook")
        }

        @Test func isReachedFromTheIncidents() async throws {
            let page = try await PageCheck.open(.incidents, on: .three)
            try await page.browser.click(.link, named: "Who is told")
            try await page.browser.wait(for: "the channels") { try await $0.url.hasSuffix("/channels") }
            try await page.expectNoTrouble()
        }
    }
}
