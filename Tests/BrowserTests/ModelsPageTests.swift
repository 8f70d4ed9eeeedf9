import TestSupport
import Testing

extension PagesInBrowser {
    @Suite struct ModelsPageTests {
        @Test func saysHowToBegin() async throws {
            let page = try await PageCheck.open(.models, on: .empty)
            try await page.expectSound("No model is registered yet")
        }

        @Test func namesAllThereAre() async throws {
            let page = try await PageCheck.open(.models, on: .three)
            try await page.expectSound(
                Awkward.model, Awkward.rightToLeft, "<img src=x onerror=alert(1)>", "champion → 2")
            try await page.expectReachable(Awkward.model, "champion → 2")
        }

        @Test func bearsHundreds() async throws {
            let page = try await PageCheck.open(.models, on: .many)
            try await page.expectSound("model 0")
        }

        @Test func leadsToAModel() async throws {
            let page = try await PageCheck.open(.models, on: .three)
            try await page.browser.click(.link, named: "<img src=x onerror=alert(1)>")
            try await page.browser.wait(for: "the model") { try await $0.text.contains("No version yet") }
            #expect(try await page.heading == "<img src=x onerror=alert(1)>")
            try await page.expectNoTrouble()
        }
    }
}
