import TestSupport
import Testing

extension PagesInBrowser {
    @Suite struct ExperimentsPageTests {
        @Test func saysHowToBegin() async throws {
            let page = try await PageCheck.open(.experiments, on: .empty)
            try await page.expectSound("Default", "mlflow.set_tracking_uri(\"\(page.server.url)\")")
        }

        @Test func namesAllThereAre() async throws {
            let page = try await PageCheck.open(.experiments, on: .three)
            try await page.expectSound(Awkward.markup, Awkward.rightToLeft, Awkward.emoji, "team=oncology")
            try await page.expectReachable(Awkward.markup, Awkward.rightToLeft, Awkward.emoji)
        }

        @Test func bearsHundreds() async throws {
            let page = try await PageCheck.open(.experiments, on: .many)
            try await page.expectSound("experiment 0")
        }

        @Test func leadsToAnExperimentCalledLikeAScript() async throws {
            let page = try await PageCheck.open(.experiments, on: .three)
            try await page.browser.click(.link, named: Awkward.markup)
            try await page.browser.wait(for: "the experiment") { try await $0.url.contains("/experiments/") }
            #expect(try await page.heading == Awkward.markup)
            try await page.expectNoTrouble()
        }
    }
}
