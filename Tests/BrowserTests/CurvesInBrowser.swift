import Foundation
import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    /// Curves of a run and of several, looked at in ways that the address says.
    @Suite struct CurvesInBrowser {
        @Test func theAddressIsTheView() async throws {
            let page = try await PageCheck.open(.run, on: .three)
            let browser = page.browser
            try await browser.run(
                """
                window.sameDocument = true;
                const select = document.querySelector("[name=x]");
                select.value = "relative";
                select.dispatchEvent(new Event("change", { bubbles: true }));
                """)
            try await browser.wait(for: "the other axis") { try await $0.text.contains("since the run began") }
            #expect(try await browser.url.contains("x=relative"))
            #expect(try await browser.run("return window.sameDocument;") == true)
            // Who is given the address sees the same.
            try await browser.reload()
            #expect(try await browser.text.contains("since the run began"))
            try await page.expectNoTrouble()
        }

        @Test func aStretchIsLookedAtMoreCloselyAndBack() async throws {
            let page = try await PageCheck.open(.run, on: .three)
            let browser = page.browser
            try await browser.drag(over: "figure.chart[data-x] > svg", [0.25, 0.5, 0.75])
            try await browser.wait(for: "the stretch") { try await $0.url.contains("from=") }
            // As near as a mouse, which stands on whole pixels, comes to 14.75 and 44.25.
            try await browser.wait(for: "its charts") { browser in
                let words = try await browser.run("return document.querySelector('figure.chart').dataset.x;")
                    .stringValue
                let ends = (words ?? "").split(separator: " ").prefix(2).compactMap { Double($0) }
                return ends.count == 2 && abs(ends[0] - 14.75) < 0.2 && abs(ends[1] - 44.25) < 0.2
            }
            try await browser.run(
                "document.querySelector('figure.chart[data-x] > svg').dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));"
            )
            try await browser.wait(for: "all of it") { try await !$0.url.contains("from=") }
            try await page.expectNoTrouble()
        }

        @Test func onePointerForAllCharts() async throws {
            let page = try await PageCheck.open(.run, on: .three)
            let shown = try await page.browser.run(
                """
                const svg = document.querySelector("figure.chart[data-x] > svg");
                const box = svg.getBoundingClientRect();
                svg.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX: box.left + box.width, clientY: box.top + 9 }));
                return [...document.querySelectorAll(".pointer p")].map((e) => e.textContent);
                """)
            // The last values: 1 - 0.4 loss, and the loss itself.
            let loss = exp(-3 * 59.0 / 60) + 0.05 * sin(61.0)
            #expect(shown.arrayValue?.count == 2)
            let words = shown.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(words.first?.hasPrefix("59: 0.9") == true, "\(words)")
            let last = try #require(Double(words.last ?? ""))
            #expect(abs(last - loss) < 0.001)
        }

        @Test func severalRunsSideBySide() async throws {
            let page = try await PageCheck.open(.compare, on: .three)
            try await page.expectSound("Compare 3 runs", "optimizer", "depth", "<b>bold</b> run", "Together", "Curves")
            try await page.expectReachable("Compare 3 runs", "depth")
            let browser = page.browser
            try await browser.click(.checkbox, named: "only what differs")
            try await browser.wait(for: "less") { try await !$0.text.contains("optimizer") }
            #expect(try await browser.text.contains("depth"))
            try await browser.click(.link, named: "pin")
            try await browser.wait(for: "differences") { try await $0.text.contains("+1, 33.3 %") }
            #expect(try await browser.url.contains("pin="))
            try await page.expectNoTrouble()
        }

        @Test(arguments: [(Place.contour, "inverse distance weighting"), (.box, "first to the third quartile")])
        func otherPicturesOfTheSameRuns(place: Place, words: String) async throws {
            let page = try await PageCheck.open(place, on: .three)
            try await page.expectSound("Compare 24 runs", words)
            try await page.expectReachable("Compare 24 runs", words)
        }

        @Test func whichPictureIsInTheAddress() async throws {
            let page = try await PageCheck.open(.contour, on: .three)
            let browser = page.browser
            try await browser.run("window.sameDocument = true;")
            try await browser.run(
                """
                const select = document.querySelector("[name=plot_z]");
                select.value = "metrics.seconds";
                select.dispatchEvent(new Event("change", { bubbles: true }));
                """)
            try await browser.wait(for: "the other height") {
                try await $0.run("return document.querySelector('.contour figcaption').textContent;") == "seconds"
            }
            #expect(try await browser.url.contains("plot_z=metrics.seconds"))
            try await browser.click(.link, named: "Box")
            try await browser.wait(for: "the boxes") { try await $0.url.contains("plot=box") }
            try await browser.wait(for: "a box for each kind") {
                try await $0.run("return document.querySelectorAll('td.box rect').length;") == 2
            }
            #expect(try await browser.run("return window.sameDocument;") == true)
            // The height that was chosen is there again.
            try await browser.click(.link, named: "Contour")
            try await browser.wait(for: "the contour") {
                try await $0.run("return document.querySelector('.contour figcaption')?.textContent ?? '';")
                    == "seconds"
            }
            try await page.expectNoTrouble()
        }

        @Test func aCurveIsDownloadedWhole() async throws {
            let page = try await PageCheck.open(.run, on: .three)
            let lines = try await page.browser.runUntilDone(
                """
                const link = [...document.querySelectorAll("figure.chart a[download]")].find((e) => e.ariaLabel === "loss as CSV");
                fetch(link.href).then((answer) => answer.text()).then((text) => done(text.trim().split("\\r\\n").length));
                """)
            #expect(lines == 61)
        }

        @Test func aBrushLeavesTheLinesThroughIt() async throws {
            let page = try await PageCheck.open(.compare, on: .three)
            let left = try await page.browser.run(
                """
                const figure = document.querySelector("figure.parallel");
                const svg = figure.querySelector("svg");
                svg.scrollIntoView();
                const box = svg.getBoundingClientRect();
                const at = (kind, y) => svg.dispatchEvent(new PointerEvent(kind, { bubbles: true, button: 0,
                    clientX: box.left, clientY: box.top + y * box.height }));
                at("pointerdown", 0); at("pointermove", 0.6); at("pointerup", 0.6);
                return [figure.querySelectorAll("polyline").length, figure.querySelectorAll("polyline.out").length];
                """)
            // Of the depths 3, 4 and 5 the lowest is out.
            #expect(left == [3, 1])
        }
    }
}
