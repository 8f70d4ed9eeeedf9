import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    /// What scripts add to the table of runs.
    @Suite struct RunTableTests {
        private func names(_ browser: Browser) async throws -> [String] {
            let names = try await browser.run(
                "return [...document.querySelectorAll('tr[data-run] th a')].map((link) => link.textContent)")
            return (names.arrayValue ?? []).compactMap(\.stringValue)
        }

        private func press(_ words: String, in browser: Browser) async throws {
            try await browser.click(.button, named: words)
        }

        @Test func rowsFarAwayComeWhenTheyAreScrolledTo() async throws {
            let page = try await PageCheck.open(.experiment, on: .many)
            let browser = page.browser
            try await browser.run("document.querySelector('.runs .table').scrollTop = 1e9")
            try await browser.wait(for: "the last run") { try await $0.text.contains("sweep 9999") }
            let rows = try await browser.run("return document.querySelectorAll('tr[data-run]').length")
            #expect((rows.integerValue ?? .max) < 500, "those out of sight are not there")
            let last = try await browser.run(
                "return [...document.querySelectorAll('tr[data-run]')].at(-1).ariaRowIndex")
            #expect(last == "10004")
            try await page.expectNoTrouble()
        }

        @Test func aHeadingSortsInPlaceAndTheAddressGoesAlong() async throws {
            let page = try await PageCheck.open(.experiment, on: .many)
            let browser = page.browser
            try await browser.run("globalThis.isHere = true")
            try await browser.find("th[data-column='params.depth'] a").click()
            try await browser.wait(for: "the order") { try await $0.url.contains("order_by=params.depth") }
            #expect(try await browser.find("th[data-column='params.depth']").attribute("aria-sort") == "ascending")
            #expect(try await browser.run("return globalThis.isHere") == true, "the page was not loaded anew")
            let shown = try await names(browser).prefix(5)
            try await browser.reload()
            #expect(try await names(browser).prefix(5) == shown, "the address is the view")
            try await page.expectNoTrouble()
        }

        @Test func theFilterGoesOnByItselfAndSaysWhatIsWrong() async throws {
            let page = try await PageCheck.open(.experiment, on: .three)
            let browser = page.browser
            try await browser.find("input[name=filter]").type("metrics.accu")
            try await browser.wait(for: "the name") { try await !$0.all("#completions li").isEmpty }
            try await browser.press(.down)
            try await browser.press(.enter)
            #expect(try await browser.find("input[name=filter]").property("value") == "metrics.accuracy ")
            try await browser.find("input[name=filter]").type("> x")
            try await browser.wait(for: "what is wrong") { try await $0.text.contains("Expected numeric value") }
            #expect(try await browser.find(".hint .caret").text.hasSuffix("\n                   ^"))
            try await page.expectNoTrouble()
        }

        @Test func columnsAreFoundChosenAndPutInOrder() async throws {
            let page = try await PageCheck.open(.experiment, on: .three)
            let browser = page.browser
            try await press("Columns…", in: browser)
            try await browser.find(".picker input[type=search]").type("essay")
            try await browser.wait(for: "the key") { try await $0.all(".picker ul li").count == 1 }
            try await browser.find(".picker ul input").click()
            try await browser.run("document.querySelector('.picker ol li:last-child').focus()")
            try await browser.run(
                """
                document.activeElement.dispatchEvent(
                    new KeyboardEvent("keydown", { key: "ArrowUp", altKey: true, bubbles: true, cancelable: true }))
                """)
            try await press("Show", in: browser)
            try await browser.wait(for: "the column") { try await !$0.all("th[data-column='tags.essay']").isEmpty }
            let place = try await browser.run(
                "return [...document.querySelectorAll('thead th')].findLastIndex((th) => th.dataset.column === 'tags.essay')"
            )
            let count = try await browser.all("thead th").count
            #expect(place.integerValue == Int64(count - 2))
            try await page.expectNoTrouble()
        }

        @Test func rowsAreChosenByKeysDeletedAndBroughtBack() async throws {
            let page = try await PageCheck.open(.experiment, on: .many)
            let browser = page.browser
            let before = try await names(browser).prefix(3)
            try await browser.press("j")
            try await browser.wait(for: "the first row") { try await !$0.all("tr.current").isEmpty }
            try await browser.press("x")
            try await browser.wait(for: "the bar") { try await $0.text.contains("1 chosen") }
            try await press("Delete", in: browser)
            try await browser.wait(for: "the deletion") { try await $0.text.contains("1 run is in the trash.") }
            #expect(try await names(browser).first == before.dropFirst().first)
            try await press("Undo", in: browser)
            try await browser.wait(for: "the run") { _ in try await names(browser).prefix(3) == before }
            try await page.expectNoTrouble()
        }

        @Test func groupsOpenToTheirRuns() async throws {
            let page = try await PageCheck.open(.experiment, on: .many)
            let browser = page.browser
            try await browser.open(browser.url + "?group_by=params.depth")
            try await browser.find(".fold").click()
            try await browser.wait(for: "its runs") { try await !$0.all(".folded tr[data-run]").isEmpty }
            try await page.expectNoTrouble()
        }

        @Test func aViewIsKeptUnderAName() async throws {
            let page = try await PageCheck.open(.experiment, on: .three)
            let browser = page.browser
            try await browser.open(browser.url + "?filter=params.depth%20%3D%20%274%27")
            try await browser.find("#views summary").click()
            try await press("Save this view", in: browser)
            try await browser.find(".ask input[name=name]").type("four <b>")
            try await browser.press(.enter)
            try await browser.wait(for: "the view") { try await !$0.all("#views li[data-id]").isEmpty }
            try await browser.find("#views summary").click()
            #expect(try await browser.find("#views a[aria-current]").text == "four <b>")
            try await press("Delete four <b>", in: browser)
            try await browser.wait(for: "its end") { try await $0.all("#views li[data-id]").isEmpty }
            try await page.expectNoTrouble()
        }
    }
}
