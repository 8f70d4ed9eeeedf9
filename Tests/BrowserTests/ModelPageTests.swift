import TestSupport
import Testing
import Web

extension PagesInBrowser {
    @Suite struct ModelPageTests {
        @Test func listsItsVersions() async throws {
            let page = try await PageCheck.open(.model, on: .three)
            try await page.expectSound(Awkward.model, "champion → 2", "Versions", "Use it")
            try await page.expectReachable(Awkward.model, "Versions")
        }

        @Test func aVersionTellsWhereItComesFromAndAnswers() async throws {
            let page = try await PageCheck.open(.version, on: .three)
            try await page.expectSound("version 2", "champion", "Signature", "takes", ServingSeed.endpoint, "100 %")
            try await page.expectReachable("version 2", "Signature")
            try await page.browser.run(
                """
                const select = document.querySelector("[name=with]");
                select.value = "1";
                select.dispatchEvent(new Event("change", { bubbles: true }));
                """)
            try await page.browser.wait(for: "the other") {
                try await $0.text.contains("What version 1 takes and gives")
            }
            try await page.expectNoTrouble()
        }

        /// And the endpoint that follows the alias goes along, while its page is looked at.
        @Test func anAliasMovesAfterItIsSaidWhatThatChanges() async throws {
            let page = try await PageCheck.open(.version, on: .three)
            let browser = page.browser
            func move(to version: Int) async throws {
                try await browser.open(page.server.url + "/models/\(Awkward.model.queryEscaped)/versions/\(version)")
                try await browser.find(.combobox, named: "Alias").type("champion")
                try await browser.click(.button, named: "Move it here…")
                try await browser.wait(for: "the question") {
                    try await $0.text.contains("It will lead to version \(version).")
                }
                #expect(
                    try await browser.text.contains(
                        "\(ServingSeed.endpoint), variant main, 100 % of its requests: all at once"))
                try await browser.click(.button, named: "Move champion to version \(version)")
                try await browser.wait(for: "the version") { try await $0.url.hasSuffix("/versions/\(version)") }
                try await page.expectNoTrouble()
                try await browser.open(page.server.url + "/endpoints/\(ServingSeed.endpoint)")
                try await browser.wait(for: "the endpoint", limit: .seconds(30)) {
                    try await $0.text.contains("\(Awkward.model) version \(version)")
                }
            }
            try await move(to: 1)
            try await browser.run("document.querySelector('details.confirm').open = true;")
            try await browser.click(.button, named: "Roll back to \(Awkward.model)/2")
            try await browser.wait(for: "the former version", limit: .seconds(30)) {
                try await $0.text.contains("\(Awkward.model) version 2")
            }
            try await page.expectNoTrouble()
            try await move(to: 2)
        }

        @Test func leadsToTheFilesOfAVersion() async throws {
            let page = try await PageCheck.open(.model, on: .three)
            try await page.browser.click(.link, named: "files")
            try await page.browser.wait(for: "the files") { try await $0.text.contains("MLmodel") }
            try await page.expectNoTrouble()
        }
    }
}
