import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    @Suite struct RunPageTests {
        @Test func tellsWhatItWasGivenAndHowItWent() async throws {
            let page = try await PageCheck.open(.run, on: .three)
            let words = ["🦉 night owl", "<i>adam</i>", "patients <2026>", "ten thousand letters", "Curves"]
            try await page.expectSound(words[0], words[1], words[2], words[3], words[4], "NaN", "train.py")
            try await page.expectReachable(words[0], words[1], words[2], words[3], words[4])
        }

        @Test func drawsNoCurveOfNothingButNaN() async throws {
            let page = try await PageCheck.open(.run, on: .three)
            let charts = try await page.browser.run(
                """
                return [...document.querySelectorAll("figure.chart")].map((e) =>
                    [e.querySelector("figcaption").textContent, e.querySelector("polyline") !== null]);
                """)
            #expect(charts == [["accuracy", true], ["diverged", false], ["loss", true]])
        }

        @Test func leadsToItsFiles() async throws {
            let page = try await PageCheck.open(.run, on: .three)
            try await page.browser.click(.link, named: "Files of this run")
            try await page.browser.wait(for: "the files") { try await $0.url.hasSuffix("/artifacts") }
            #expect(try await page.heading == "Files of 🦉 night owl")
            try await page.expectNoTrouble()
        }
    }
}
