import TestSupport
import Testing

extension PagesInBrowser {
    @Suite struct OperationsPageTests {
        @Test func saysHowToBegin() async throws {
            let page = try await PageCheck.open(.operations, on: .empty)
            try await page.expectSound("Nothing is served yet", "No runs yet", page.server.url)
        }

        @Test func tellsWhatIsServedAndWhatIsWrong() async throws {
            let page = try await PageCheck.open(.operations, on: .three)
            try await page.expectSound(ServingSeed.endpoint, "2 of 2", "Waits for somebody", "🦉 night owl", "تشغيل ٣")
            try await page.expectReachable(ServingSeed.endpoint, "Waits for somebody", "<b>bold</b> run")
        }

        @Test func bearsAThousandThings() async throws {
            let page = try await PageCheck.open(.operations, on: .many)
            try await page.expectSound(ServingSeed.endpoint, "Waits for somebody")
        }

        @Test func leadsToTheModelBehindAnEndpoint() async throws {
            let page = try await PageCheck.open(.operations, on: .three)
            try await page.browser.click(.link, named: "\(Awkward.model)/2")
            try await page.browser.wait(for: "the model") { try await $0.title.hasPrefix(Awkward.model) }
            #expect(try await page.heading == Awkward.model)
            try await page.expectNoTrouble()
        }
    }
}
