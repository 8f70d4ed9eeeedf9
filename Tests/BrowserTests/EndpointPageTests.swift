import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    @Suite struct EndpointPageTests {
        @Test func saysHowToBegin() async throws {
            let page = try await PageCheck.open(.endpoints, on: .empty)
            try await page.expectSound("Nothing is served yet", "kind: Endpoint")
        }

        @Test func namesAllThereAre() async throws {
            let page = try await PageCheck.open(.endpoints, on: .three)
            try await page.expectSound(ServingSeed.endpoint, "ready", Awkward.model)
            try await page.expectReachable(ServingSeed.endpoint, "ready")
        }

        @Test func tellsWhoAnswersAndWhatWasAnswered() async throws {
            let page = try await PageCheck.open(.endpoint, on: .three)
            try await page.expectSound("Variants", Awkward.model, "Latest predictions", "Ask it", "kind: Endpoint")
            try await page.expectReachable("Variants", Awkward.model, "Latest predictions")
        }

        @Test func onePredictionIsLookedUpByItsID() async throws {
            let page = try await PageCheck.open(.endpoint, on: .three)
            let id = page.server.places.prediction
            try await page.browser.find(.textbox, named: "Prediction").type(" \(id) ")
            try await page.browser.click(.button, named: "Look up")
            try await page.browser.wait(for: "the prediction") { try await $0.url.hasSuffix("/predictions/\(id)") }
            try await page.expectSound("What came in", "What went out", "No label has come yet", "\(Awkward.model)/2")
            try await page.server.server.client.post(
                "/api/v1/labels", json: ["labels": [["prediction_id": .string(id), "value": 7.25]]])
            try await page.browser.wait(for: "the label") { try await $0.text.contains("7.25") }
            try await page.expectNoTrouble()
        }

        @Test func toldApartByVariantAndStage() async throws {
            let page = try await PageCheck.open(.divided, on: .three)
            try await page.expectSound(
                "Requests a minute", "Errors a minute", "Latency in the model, ms", "Move traffic")
            try await page.expectReachable("Requests a minute")
        }

        @Test func rolloutsAndShadowsHavePagesOfTheirOwn() async throws {
            let rollouts = try await PageCheck.open(.rollouts, on: .three)
            try await rollouts.expectSound("Rollouts of", "Before", "promoted")
            try await rollouts.expectReachable("Before", "promoted")
            let shadow = try await PageCheck.open(.shadow, on: .three)
            try await shadow.expectSound("Shadow of", "equal answers", "How far apart", "Latency of the model")
            try await shadow.expectReachable("equal answers")
        }

        @Test func leadsToTheModelThatAnswers() async throws {
            for place in [Place.endpoints, .endpoint] {
                let page = try await PageCheck.open(place, on: .three)
                try await page.browser.click(.link, named: Awkward.model)
                try await page.browser.wait(for: "the model") { try await $0.title.hasPrefix(Awkward.model) }
                try await page.expectNoTrouble()
            }
        }
    }
}
