import Testing
import Wire

@testable import Blobs

@Suite struct BlobKeyTests {
    @Test(arguments: [
        ("a/b.txt", "a/b.txt"), ("a//b/", "a/b"), ("a/./b", "a/b"), ("a%2Fb", "a/b"), ("a%20b", "a b"),
        ("a..b", "a..b"),
        ("ü/日", "ü/日"), ("", ""), ("...", "..."),
    ])
    func readsAPathInItsCanonicalForm(raw: String, path: String) throws {
        #expect(try BlobKey(raw).path == path)
    }

    @Test(arguments: [
        "../x", "a/../b", "..", "/etc/passwd", "%2e%2e/x", "%252e%252e%252fx", "%2Fetc", "a\\b", "..%5Cx", "c:/x",
        "C:x",
        "a/\u{0}b", "a%00b", "a#b", "a%23b", ".partial/x", "a/%2e%2e/%2e%2e/b", "\u{7F}",
        String(repeating: "n", count: 256), "%25252525252525252525252525252e%2e/x",
    ])
    func refusesWhatCouldLeaveTheStore(raw: String) {
        let error = #expect(throws: BlobError.self) { try BlobKey(raw) }
        #expect(error?.code == .invalidParameterValue)
        #expect(error?.message.hasPrefix("Invalid path") == true)
    }
}
