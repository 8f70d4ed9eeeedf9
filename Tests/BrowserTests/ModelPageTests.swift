import TestSupport
import Testing

extension PagesInBrowser {
    @Suite struct ModelPageTests {
        @Test func listsItsVersions() async throws {
            let page = try await PageCheck.open(.model, on: .three)
            try await page.expectSound(Awkward.model, "champion → 2", "Versions", "Use it")
            try await page.expectReachable(Awkward.model, "Versions")
        }

        @Test func leadsToTheFilesOfAVersion() async throws {
            let page = try await PageCheck.open(.model, on: .three)
            try await page.browser.find(.link, named: "files").click()
            try await page.browser.wait(for: "the files") { try await $0.text.contains("MLmodel") }
            try await page.expectNoTrouble()
        }
    }
}
