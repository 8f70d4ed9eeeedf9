import TestSupport
import Testing

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
            try await page.expectSound("Variants", Awkward.model, "Latest predictions", "5.8", "Ask it")
            try await page.expectReachable("Variants", Awkward.model, "5.8")
        }

        @Test func leadsToTheModelThatAnswers() async throws {
            for place in [Place.endpoints, .endpoint] {
                let page = try await PageCheck.open(place, on: .three)
                try await page.browser.find(.link, named: Awkward.model).click()
                try await page.browser.wait(for: "the model") { try await $0.title.hasPrefix(Awkward.model) }
                try await page.expectNoTrouble()
            }
        }
    }
}
