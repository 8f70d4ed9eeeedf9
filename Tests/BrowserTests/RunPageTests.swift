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
            try await page.browser.click(.link, named: "on a page of their own")
            try await page.browser.wait(for: "the files") { try await $0.url.hasSuffix("/artifacts") }
            #expect(try await page.heading == "Files of 🦉 night owl")
            try await page.expectNoTrouble()
        }

        /// Folders and files open on the page of the run, and how its curves are looked at stays.
        @Test func filesOpenInPlace() async throws {
            let page = try await PageCheck.open(.run, on: .three)
            let browser = page.browser
            try await browser.open(try await browser.url + "?smooth=0.6")
            try await browser.run("window.sameDocument = true;")
            try await browser.click(.link, named: "forest/")
            try await browser.wait(for: "what the model takes") { try await $0.text.contains("may be missing") }
            try await browser.click(.link, named: "input_example.json")
            try await browser.wait(for: "the file") {
                try await $0.run("return document.querySelector('.content h3')?.textContent ?? '';")
                    == "forest/input_example.json"
            }
            let url = try await browser.url
            #expect(url.contains("path=forest%2Finput_example.json") && url.contains("smooth=0.6"))
            #expect(try await browser.run("return window.sameDocument;") == true)
            #expect(
                try await browser.run(
                    "return document.querySelector('.tree [aria-current] a').textContent;") == "input_example.json")
            // The folder that is open closes by the same link.
            try await browser.click(.link, named: "forest/")
            try await browser.wait(for: "the folder closed") { try await !$0.text.contains("MLmodel") }
            #expect(try await browser.run("return window.sameDocument;") == true)
            try await page.expectNoTrouble()
        }

        /// From the version that answers to the run that made it, and back to where it answers.
        @Test func tellsWhatBecameOfIt() async throws {
            let page = try await PageCheck.open(.version, on: .three)
            let run = try await page.browser.find("ol.lineage a[href^='/runs/']").attribute("href")
            try await page.browser.open(page.server.url + (try #require(run)))
            let steps = try await page.browser.run(
                "return [...document.querySelectorAll('ol.lineage > li')].map((e) => e.textContent.replace(/\\s+/g, ' '));"
            )
            let words = steps.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(
                words.count == 4 && words[2].contains("\(Awkward.model)/2") && words[2].contains("champion"), "\(words)"
            )
            #expect(words[3].contains("\(ServingSeed.endpoint) 100 %"), "\(words)")
            try await page.browser.click(.link, named: "\(Awkward.model)/2")
            try await page.browser.wait(for: "the version") { try await $0.url.hasSuffix("/versions/2") }
            try await page.expectNoTrouble()
        }

        @Test func tellsHowItIsDoneAgain() async throws {
            let page = try await PageCheck.open(.run, on: .three)
            let commands = try await page.browser.run(
                "return document.querySelector('#reproduce ~ .columns pre code').textContent;")
            let lines = commands.stringValue?.split(separator: "\n").map(String.init) ?? []
            #expect(lines.contains("git clone https://git.example/oncology/triage.git triage"))
            #expect(lines.contains("git checkout 3f2a9c1d7b5e") && lines.contains("python train.py"))
            #expect(lines.contains("  patients <2026>, digest d1a2b3c4, for training: /data/patients.csv"))
            #expect(lines.contains("  optimizer=<i>adam</i>"))
            let address = lines.first { $0.hasPrefix("pip install -r '\(page.server.url)/get-artifact?run_uuid=") }
            #expect(address != nil, "\(lines)")
            try await page.browser.click(.link, named: "patients <2026>")
            try await page.browser.wait(for: "the runs that used it") { try await $0.url.contains("dataset.digest") }
            #expect(try await page.browser.text.contains("night owl"))
            try await page.expectNoTrouble()
        }
    }
}
