import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    /// Pages that go on while they are looked at.
    @Suite struct LivePagesInBrowser {
        @Test func aRunUnderWayShowsWhatItLogs() async throws {
            let page = try await PageCheck.open(.running, on: .three)
            let (browser, run) = (page.browser, page.server.places.runs[0])
            try await browser.run("window.sameDocument = true; document.querySelector('[name=charts]').focus();")
            try await page.server.server.client.mlflow(
                "runs/log-metric", ["run_id": .string(run), "key": "fresh", "value": 0.125, "timestamp": 1, "step": 0])
            try await browser.wait(for: "the new metric") { try await $0.text.contains("0.125") }
            // Nothing was loaded anew, and the reader is where the reader was.
            #expect(
                try await browser.run("return [window.sameDocument, document.activeElement.name];") == [true, "charts"])
            try await page.expectNoTrouble()
        }

        @Test func whatIsWrittenAndOpenedStays() async throws {
            let page = try await PageCheck.open(.running, on: .three)
            let (browser, run) = (page.browser, page.server.places.runs[0])
            try await browser.find(.searchbox, named: "Metrics").type("acc")
            try await browser.run("document.querySelector('details.long').open = true;")
            try await page.server.server.client.mlflow(
                "runs/log-parameter", ["run_id": .string(run), "key": "late", "value": "just come"])
            try await browser.wait(for: "the new param") { try await $0.text.contains("just come") }
            #expect(try await browser.find(.searchbox, named: "Metrics").property("value") == "acc")
            #expect(try await browser.run("return document.querySelector('details.long').open;") == true)
        }

        @Test func saysThatTheConnectionIsLostAndRecovers() async throws {
            let page = try await PageCheck.open(.operations, on: .three)
            let browser = page.browser
            // The stream is open before it is cut off.
            try await browser.wait(for: "the stream") {
                try await $0.run(
                    "return performance.getEntriesByType('resource').some((e) => e.name.includes('live.js'));") == true
            }
            try await browser.run("window.sameDocument = true;")
            try await browser.goOffline(true)
            // What is open already is not cut off by that: looking away and back makes the page ask anew.
            try await browser.run(
                """
                Object.defineProperty(document, "hidden", { value: true, configurable: true });
                document.dispatchEvent(new Event("visibilitychange"));
                delete document.hidden;
                document.dispatchEvent(new Event("visibilitychange"));
                """)
            try await browser.wait(for: "what is said") {
                try await $0.text.contains("The connection to the server is lost")
            }
            try await browser.goOffline(false)
            try await browser.wait(for: "the connection", limit: .seconds(30)) {
                try await !$0.text.contains("The connection to the server is lost")
            }
            #expect(try await browser.run("return window.sameDocument;") == true)
            _ = try await browser.takeLog()
        }

        @Test func saysWhenARunIsDeleted() async throws {
            let page = try await PageCheck.open(.running, on: .three)
            let (browser, client) = (page.browser, page.server.server.client)
            let run: JSON = ["run_id": .string(page.server.places.runs[0])]
            try await client.mlflow("runs/delete", run)
            try await browser.wait(for: "the badge") { try await $0.find("h1").text.contains("deleted") }
            try await client.mlflow("runs/restore", run)
            try await browser.wait(for: "that it is back") { try await $0.find("h1").text.contains("running") }
        }
    }
}
