import NIOHTTP1
import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    /// Shares that are moved, manifests that are edited, models that are asked by hand.
    @Suite struct EndpointFormsTests {
        private static func apply(_ spec: String, on page: PageCheck) async throws {
            try await page.server.server.client.apply("Endpoint", ServingSeed.divided, spec)
        }

        private static func weights(on page: PageCheck) async throws -> [JSON?] {
            let manifest = try await page.server.server.client.get("/api/v1/manifests/endpoints/\(ServingSeed.divided)")
            return try manifest.json["spec"]?["variants"]?.arrayValue?.map { $0["weight"] } ?? []
        }

        /// Moves a slider as a hand does.
        private static func slide(_ variant: String, to share: Int, _ browser: Browser) async throws {
            try await browser.run(
                """
                const slider = document.querySelector(`label[data-key="${arguments[0]}"] input[type=range]`);
                slider.value = arguments[1];
                slider.dispatchEvent(new Event("input", { bubbles: true }));
                slider.dispatchEvent(new Event("change", { bubbles: true }));
                """, [.string(variant), .integer(Int64(share))])
        }

        @Test func sharesAreReadAndReachedByKeyboard() async throws {
            let page = try await PageCheck.open(.shares, on: .three)
            try await page.expectSound("first", "second", "weight: 55", "Write it")
            try await page.expectReachable("first", "second", "weight: 55")
        }

        @Test func aSliderWritesTheManifestThatItShows() async throws {
            let page = try await PageCheck.open(.shares, on: .three)
            let browser = page.browser
            try await browser.open(page.server.url + "/endpoints/\(ServingSeed.divided)/traffic")
            try await browser.wait(for: "the sliders") { try await $0.all("input[type=range]").count == 2 }
            try await browser.run("window.sameDocument = true;")
            try await Self.slide("first", to: 60, browser)
            // The other has the rest, and the server draws what that makes of the manifest.
            try await browser.wait(for: "what changes") {
                let text = try await $0.text
                return try await $0.all("ins").count == 2 && text.contains("weight: 40")
            }
            #expect(try await browser.url.contains("weight.first=60&weight.second=40"))
            #expect(try await browser.run("return window.sameDocument;") == true)
            #expect(try await Self.weights(on: page) == [70, 30])
            try await page.expectNoTrouble()
            try await browser.click(.button, named: "Write it")
            try await browser.wait(for: "the endpoint") {
                try await $0.url.hasSuffix("/endpoints/\(ServingSeed.divided)")
            }
            #expect(try await Self.weights(on: page) == [60, 40])
            try await page.expectNoTrouble()
            try await Self.apply(ServingSeed.dividedSpec, on: page)
        }

        @Test func theSecondOfTwoIsToldWhatTheFirstWrote() async throws {
            let page = try await PageCheck.open(.shares, on: .three)
            let browser = page.browser
            try await browser.open(page.server.url + "/endpoints/\(ServingSeed.divided)/traffic")
            try await browser.wait(for: "the sliders") { try await $0.all("input[type=range]").count == 2 }
            try await Self.slide("first", to: 10, browser)
            try await browser.wait(for: "what changes") { try await $0.text.contains("weight: 90") }
            let other = ServingSeed.dividedSpec.replacing("70", with: "80").replacing("30", with: "20")
            try await Self.apply(other, on: page)
            try await browser.click(.button, named: "Write it")
            try await browser.wait(for: "what is said") { try await $0.text.contains("has changed the manifest") }
            #expect(try await Self.weights(on: page) == [80, 20])
            // 409 is what the page is answered with.
            _ = try await browser.takeLog()
            try await browser.click(.link, named: "Go on from what is in force")
            try await browser.wait(for: "what is in force") {
                try await $0.find("[name='weight.first']").property("value") == "80"
            }
            try await page.expectNoTrouble()
            try await Self.apply(ServingSeed.dividedSpec, on: page)
        }

        @Test func aManifestSaysWhatIsWrongWhereItIs() async throws {
            let page = try await PageCheck.open(.manifest, on: .three)
            try await page.expectSound("Manifest of", "Applied", "Write it")
            try await page.expectReachable("Manifest of", "Write it")
            let browser = page.browser
            let manifest = "/api/v1/manifests/endpoints/\(ServingSeed.endpoint)"
            let before = try await page.server.server.client.get(manifest).text
            try await browser.run(
                """
                const text = document.querySelector("textarea");
                text.value = text.value.replace("variants:", "variant:");
                """)
            try await browser.click(.button, named: "Write it")
            try await browser.wait(for: "what is wrong") {
                try await $0.text.contains("there is no key 'variant' here")
            }
            #expect(try await browser.text.contains("Did you mean 'variants'?"))
            #expect(try await browser.find("samp.caret").text.contains("^"))
            #expect(try await browser.find("textarea").property("value").stringValue?.contains("variant:") == true)
            #expect(try await page.server.server.client.get(manifest).text == before)
            _ = try await browser.takeLog()
        }

        @Test func aModelIsAskedByTheFormOfItsSignature() async throws {
            let page = try await PageCheck.open(.trial, on: .three)
            try await page.expectSound("Input", "x", "double", "curl")
            try await page.expectReachable("Input", "double", "curl")
            let browser = page.browser
            try await browser.find("input[name='in.x']").type("3.5")
            try await browser.click(.button, named: "Predict")
            try await browser.wait(for: "the answer") { try await $0.text.contains("Answer") }
            #expect(try await browser.text.contains("\"x\":3.5"))
            try await page.expectNoTrouble()
            try await browser.find("main a[href^='/predictions/']").click()
            try await browser.wait(for: "the prediction") { try await $0.text.contains("What came in") }
            #expect(try await browser.text.contains("3.5"))
            try await page.expectNoTrouble()
        }
    }
}
