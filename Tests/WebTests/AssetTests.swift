import Assets
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct AssetTests {
    /// The table in assets.c is written by hand.
    @Test func everyFileOfTheFolderIsEmbeddedAndNothingElse() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/CAssets/files")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
        #expect(Asset.all.map(\.name) == names)
        for asset in Asset.all {
            #expect(try Data(contentsOf: folder.appending(path: asset.name)) == Data(asset.bytes))
        }
    }
}
