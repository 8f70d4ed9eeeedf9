import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    @Suite struct FilesPageTests {
        @Test(arguments: [Place.files, .modelFiles]) func listsAFolder(place: Place) async throws {
            let file = place == .files ? "README.md" : "MLmodel"
            let page = try await PageCheck.open(place, on: .three)
            try await page.expectSound(file)
            try await page.expectReachable(file)
        }

        @Test func showsTheBeginningOfAFile() async throws {
            let page = try await PageCheck.open(.file, on: .three)
            try await page.expectSound("What was tried", "<script>alert(1)</script>")
            try await page.expectReachable("What was tried")
        }

        /// The policy of the pages lets pictures of this server be shown, although they are sent as files to keep.
        @Test func showsThePicturesOfAFolder() async throws {
            let page = try await PageCheck.open(.picture, on: .three)
            try await page.expectSound("roc.png")
            let size = try await page.browser.run(
                "const image = document.querySelector('.content img'); return [image.naturalWidth, image.naturalHeight];"
            )
            #expect(size == [120, 60])
        }

        @Test func leadsThroughFoldersToATable() async throws {
            let page = try await PageCheck.open(.files, on: .three)
            try await page.browser.click(.link, named: "tables/")
            try await page.browser.wait(for: "the folder") { try await $0.title.hasPrefix("tables") }
            try await page.browser.click(.link, named: "rows.csv")
            try await page.browser.wait(for: "the table") { try await $0.text.contains("<b>Bob</b>") }
            try await page.expectNoTrouble()
        }
    }
}
