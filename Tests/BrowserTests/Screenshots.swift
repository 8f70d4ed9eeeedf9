import Foundation
import TestSupport
import Testing

private enum Pictures {
    /// Where they go; nil when nobody wants any.
    static let folder = ProcessInfo.processInfo.environment["MARTLET_SCREENSHOTS"]
}

extension PagesInBrowser {
    /// Pictures of all pages for people to look at: `make screenshots`.
    @Suite(.enabled(if: Pictures.folder != nil)) struct Screenshots {
        /// `run-three-390-dark.png` and so on.
        @Test(arguments: DataSize.allCases) func takesPictures(size: DataSize) async throws {
            let folder = URL(filePath: try #require(Pictures.folder), relativeTo: BuiltProgram.package)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let server = try await Stage.server(size)
            let browser = try await Stage.browser()
            for place in Place.allCases where size != .empty || place.isThereAtFirst {
                try await browser.resize(width: PageCheck.wide)
                try await browser.open(server.url + place.path(on: server))
                for width in [PageCheck.wide, PageCheck.narrow] {
                    try await browser.resize(width: width)
                    for theme in Browser.Theme.allCases {
                        try await browser.setTheme(theme)
                        try await browser.settle()
                        let name = "\(place.rawValue)-\(size.rawValue)-\(width)-\(theme.rawValue).png"
                        try await browser.screenshot().write(to: folder.appending(path: name))
                    }
                }
            }
        }
    }
}
