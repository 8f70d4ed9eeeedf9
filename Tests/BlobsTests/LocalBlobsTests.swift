import Foundation
import NIOCore
import TestSupport
import Testing
import Wire

@testable import Blobs

@Suite struct LocalBlobsTests {
    let folder: TemporaryFolder
    let store: BlobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try BlobStore(folder: folder.path("blobs"), entropy: .system)
    }

    private func unfinished() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path("blobs/.partial"))
    }

    @Test func aBrokenUploadLeavesNoPartOfAFile() async throws {
        struct Broken: Error {}
        await #expect(throws: Broken.self) {
            try await store.put(try BlobKey("a"), chunks(["new"], then: Broken()))
        }
        try await store.put(try BlobKey("d/x"), chunks(["1"]))
        await #expect(throws: BlobError.self) { try await store.put(try BlobKey("d"), chunks(["1"])) }
        #expect(try unfinished().isEmpty)
    }

    @Test func whatAFormerProcessLeftUnfinishedIsGone() throws {
        try folder.write("half", to: "blobs/.partial/x")
        _ = try BlobStore(folder: folder.path("blobs"), entropy: .system)
        #expect(try unfinished().isEmpty)
    }

    /// Whatever the size of the folder, a portion holds little more than it shows.
    @Test func theFirstNamesAreFoundAmongMany() {
        let all = (0..<5000).map { "f\(($0 * 7919) % 5000)" } + ["\u{E9}", "e\u{301}"]
        let sorted = all.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for (after, limit) in [(nil, 1), (nil, 40), ("f2", 7), ("f999", 40), ("\u{E9}", 3)] as [(String?, Int)] {
            var names = FirstNames(after: after, limit: limit)
            for name in all {
                names.add(name)
                #expect(names.held.count < 2 * limit)
            }
            let behind = sorted.drop { name in after.map { !$0.utf8.lexicographicallyPrecedes(name.utf8) } ?? false }
            #expect(names.first.map { Array($0.utf8) } == behind.prefix(limit).map { Array($0.utf8) })
        }
    }

    @Test func aReplacedFileIsReadToItsEndAsItWas() async throws {
        let key = try BlobKey("a")
        let old = String(repeating: "o", count: LocalBlobs.chunkBytes + 10)
        try await store.put(key, chunks([old]))
        let reading = try await store.read(key)
        try await store.put(key, chunks(["new"]))
        var count = 0
        for try await chunk in reading { count += chunk.readableBytes }
        #expect(count == old.utf8.count)
    }
}
