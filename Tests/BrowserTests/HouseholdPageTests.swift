import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    /// The pages that the foot of every page leads to.
    @Suite struct HouseholdPageTests {
        @Test func sayHowToBegin() async throws {
            let words: [(Place, String)] = [
                (.trash, "The trash is empty"), (.audit, "Audit log"), (.batches, "The server has scored no batch yet"),
                (.webhooks, "Nobody is told of changes"), (.manifests, "No manifest is applied"),
            ]
            for (place, sentence) in words {
                let page = try await PageCheck.open(place, on: .empty)
                try await page.expectSound(sentence, page.server.url)
            }
        }

        @Test func listWhatThereIs() async throws {
            let words: [(Place, [String])] = [
                (.trash, HouseholdSeed.deleted + ["0 runs"]), (.audit, ["run.deleted", "webhook.created", "runs/"]),
                (.batches, ["failed", "\(Awkward.model)/2"]), (.batch, ["failed", "tables/rows.csv", "refused"]),
                (.webhooks, [HouseholdSeed.webhook, "registered_model.created"]),
                (.webhook, ["Send an example", "hook?<b>"]), (.manifests, [MonitoringSeed.monitor, "Channel"]),
                (.manifest, ["variants", "How it came about"]),
            ]
            for (place, sentences) in words {
                let page = try await PageCheck.open(place, on: .three)
                for sentence in sentences { try await page.expectSound(sentence) }
                try await page.expectReachable(sentences[0])
            }
        }

        @Test func bearHundreds() async throws {
            for place in [Place.trash, .audit, .manifests] {
                let page = try await PageCheck.open(place, on: .many)
                try await page.expectSound(place == .manifests ? "crowd-" : "Next 100")
            }
        }

        @Test func theFootLeadsToThem() async throws {
            let page = try await PageCheck.open(.operations, on: .three)
            try await page.browser.click(.link, named: "Trash")
            try await page.browser.wait(for: "the trash") { try await $0.url.hasSuffix("/trash") }
            try await page.expectNoTrouble()
        }

        @Test func aRunComesBackFromTheTrashAndGoesForGood() async throws {
            let page = try await PageCheck.open(.trash, on: .three)
            let client = page.server.server.client
            let made = try await client.mlflow(
                "runs/create", ["experiment_id": .string(page.server.places.experiment), "run_name": "back and forth"])
            let id = try #require(made["run"]?["info"]?["run_id"]?.stringValue)
            try await client.mlflow("runs/delete", ["run_id": .string(id)])
            try await page.browser.reload()
            let row = "//tr[.//a[@href='/runs/\(id)']]"
            func press(_ place: String) async throws {
                try await page.browser.run(
                    """
                    document.evaluate(arguments[0], document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue.click();
                    """, [.string(row + place)])
            }
            try await press("//button[.='Restore']")
            try await page.browser.wait(for: "its leaving") { try await !$0.text.contains("back and forth") }
            try await client.mlflow("runs/delete", ["run_id": .string(id)])
            try await page.browser.reload()
            try await press("//summary")
            try await press("//button[.='Purge it']")
            try await page.browser.wait(for: "its end") { try await !$0.text.contains("back and forth") }
            #expect(try await client.get("/runs/\(id)").status == 404)
            try await page.expectNoTrouble()
        }

        @Test func anExampleIsSentAndItsFateIsShown() async throws {
            let page = try await PageCheck.open(.webhook, on: .three)
            try await page.browser.click(.button, named: "Send an example")
            // Nobody listens there; the page is drawn anew by itself.
            try await page.browser.wait(for: "the first attempt") { try await $0.text.contains("to be tried again") }
            try await page.expectNoTrouble()
        }

        @Test func theLogIsNarrowedToSomebody() async throws {
            let page = try await PageCheck.open(.audit, on: .three)
            try await page.browser.find(.textbox, named: "Who").type("batch-scoring")
            try await page.browser.click(.button, named: "Show")
            try await page.browser.wait(for: "the answer") { try await $0.url.contains("actor=batch-scoring") }
            let text = try await page.browser.find("main table").text
            #expect(text.contains("batch.failed") && !text.contains("run.created"), "\(text)")
            try await page.expectNoTrouble()
        }
    }
}
