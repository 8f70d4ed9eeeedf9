import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    @Suite struct ExperimentPageTests {
        @Test func saysHowToBegin() async throws {
            let page = try await PageCheck.open(.experiment, on: .empty)
            try await page.expectSound("Default", "No runs yet")
        }

        @Test func comparesItsRuns() async throws {
            let page = try await PageCheck.open(.experiment, on: .three)
            try await page.expectSound("3 runs", "<b>bold</b> run", "<i>adam</i>", "accuracy", "diverged", "NaN")
            try await page.expectReachable("3 runs", "<b>bold</b> run", "accuracy")
        }

        @Test func bearsTenThousandRuns() async throws {
            let page = try await PageCheck.open(.experiment, on: .many)
            try await page.expectSound("10\u{202F}003 runs", "sweep 0")
        }

        @Test func filterLeavesWhatFits() async throws {
            let page = try await PageCheck.open(.experiment, on: .three)
            try await page.browser.find("input[name=filter]").type("params.depth = '4'")
            try await page.browser.press(.enter)
            try await page.browser.wait(for: "one run") { try await $0.text.contains("1 run") }
            #expect(try await page.browser.find("input[name=filter]").property("value") == "params.depth = '4'")
            #expect(try await page.browser.text.contains("تشغيل ٣"))
            try await page.expectNoTrouble()
        }

        @Test func aFilterThatIsNoneIsAnsweredBesideIt() async throws {
            let page = try await PageCheck.open(.experiment, on: .three)
            try await page.browser.find("input[name=filter]").type("metrics.accuracy >> 1")
            try await page.browser.click(.button, named: "Filter")
            try await page.browser.wait(for: "the answer") { try await !$0.all(".notice.bad").isEmpty }
            #expect(try await page.heading == Awkward.markup)
        }
    }
}
