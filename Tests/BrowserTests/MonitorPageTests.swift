import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    @Suite struct MonitorPageTests {
        @Test func saysHowToBegin() async throws {
            let page = try await PageCheck.open(.monitors, on: .empty)
            try await page.expectSound("No monitors")
        }

        @Test func namesAllThereAre() async throws {
            let page = try await PageCheck.open(.monitors, on: .three)
            try await page.expectSound(MonitoringSeed.monitor, ServingSeed.endpoint, "alert", "ann")
            try await page.expectReachable(MonitoringSeed.monitor, ServingSeed.endpoint)
        }

        @Test func bearsDozens() async throws {
            let page = try await PageCheck.open(.monitors, on: .many)
            try await page.expectSound("crowd-39")
        }

        @Test func tellsWhatDrifts() async throws {
            let page = try await PageCheck.open(.monitor, on: .three)
            try await page.expectSound("Monitor ward", "age", "<b>ward</b>", "حرارة", "Findings")
            try await page.expectReachable("Monitor ward", "age", "<b>ward</b>")
        }

        @Test func leadsToAColumnCalledLikeMarkup() async throws {
            let page = try await PageCheck.open(.monitor, on: .three)
            try await page.browser.click(.link, named: "<b>ward</b>")
            try await page.browser.wait(for: "the column") { try await $0.url.contains("/columns/") }
            #expect(try await page.heading.contains("<b>ward</b>"))
            try await page.expectNoTrouble()
        }
    }

    @Suite struct MonitoringPartsTests {
        @Test func theTimeIsChosenInPlaceAndStaysInTheAddress() async throws {
            let page = try await PageCheck.open(.monitor, on: .three)
            let browser = page.browser
            try await browser.run("window.sameDocument = true;")
            try await browser.click(.link, named: "last day")
            try await browser.wait(for: "the day") { try await $0.url.hasSuffix("?range=day") }
            try await browser.wait(for: "the choice") { try await $0.text.contains("Effect by window") }
            #expect(try await browser.find(".range b").text == "last day")
            try await browser.run("document.querySelector('[name=from]').value = '2001-01-01T00:00';")
            try await browser.run("document.querySelector('[name=to]').value = '2001-01-02T00:00';")
            try await browser.click(.button, named: "Show")
            try await browser.wait(for: "what was then") {
                try await $0.text.contains("No window of this monitor lies in this time")
            }
            // What was written there before does not come back.
            try await browser.click(.link, named: "last day")
            try await browser.wait(for: "the day again") { try await $0.text.contains("Effect by window") }
            #expect(try await browser.run("return document.querySelector('[name=from]').value;") == "")
            #expect(try await browser.run("return window.sameDocument;") == true)
            try await page.expectNoTrouble()
        }

        @Test func aViewThatIsAskedForWithoutAConnectionLosesNothing() async throws {
            let page = try await PageCheck.open(.monitor, on: .three)
            let browser = page.browser
            try await browser.run("window.sameDocument = true;")
            try await browser.goOffline(true)
            try await browser.click(.link, named: "last day")
            try await browser.wait(for: "what is said") { try await $0.text.contains("The server cannot be reached") }
            #expect(try await !browser.url.contains("range=day"))
            #expect(try await browser.text.contains("Effect by window"))
            try await browser.goOffline(false)
            try await browser.click(.link, named: "last day")
            try await browser.wait(for: "the day") { try await $0.url.hasSuffix("?range=day") }
            #expect(try await browser.run("return window.sameDocument;") == true)
            _ = try await browser.takeLog()
        }

        @Test func rulesAreThereToBeRead() async throws {
            let page = try await PageCheck.open(.rules, on: .three)
            try await page.expectSound(
                "When findings become an alert", "after 3 windows in a row", "manifest", "default")
            try await page.expectReachable("When findings become an alert", "default")
        }

        @Test func whatWasWrongWithRowsIsThereToBeRead() async throws {
            let page = try await PageCheck.open(.dataQuality, on: .three)
            try await page.expectSound("Data quality of", "How data quality is measured")
            try await page.expectReachable("Data quality of")
        }

        @Test func alertsAreSilencedAndHeardAgain() async throws {
            let page = try await PageCheck.open(.silences, on: .three)
            try await page.expectSound("Nothing is silenced", "Silence")
            try await page.expectReachable("Nothing is silenced")
            let browser = page.browser
            try await browser.find("select[name=monitor]").type(MonitoringSeed.monitor)
            try await browser.find("input[name=subject]").type("<b>ward</b>")
            try await browser.click(.button, named: "Silence")
            try await browser.wait(for: "the silence") { try await $0.text.contains("End it now") }
            #expect(try await browser.text.contains("<b>ward</b>"))
            try await page.expectNoTrouble()
            try await browser.find("main td button").click()
            try await browser.wait(for: "that it is over") { try await $0.text.contains("Nothing is silenced") }
            try await page.expectNoTrouble()
        }
    }

    @Suite struct ColumnPageTests {
        @Test func setsAColumnAgainstItsReference() async throws {
            let page = try await PageCheck.open(.column, on: .three)
            try await page.expectSound("<b>ward</b>", "heart 🫀", "<i>eye</i>")
            try await page.expectReachable("<b>ward</b>", "heart 🫀")
        }

        @Test func leadsBackToTheMonitor() async throws {
            let page = try await PageCheck.open(.column, on: .three)
            try await page.browser.find("nav.trail a[href='/monitors/ward']").click()
            try await page.browser.wait(for: "the monitor") { try await $0.url.hasSuffix("/monitors/ward") }
            try await page.expectNoTrouble()
        }
    }
}
