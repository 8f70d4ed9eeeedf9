import Foundation
import NIOCore
import TestSupport
import Testing
import Wire

@testable import Blobs

@Suite struct BlobStoreTests {
    let folder: TemporaryFolder
    let store: BlobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try BlobStore(folder: folder.path("blobs"), entropy: .system)
    }

    private func chunks(_ texts: [String], then failure: (any Error)? = nil) -> AsyncThrowingStream<
        ByteBuffer, any Error
    > {
        AsyncThrowingStream { continuation in
            for text in texts { continuation.yield(ByteBuffer(string: text)) }
            continuation.finish(throwing: failure)
        }
    }

    private func text(_ key: BlobKey, range: Range<Int>? = nil) async throws -> String {
        var whole = ByteBuffer()
        for try await var chunk in try await store.read(key, range: range) { whole.writeBuffer(&chunk) }
        return String(buffer: whole)
    }

    @Test func keepsWhatItWasGivenAndReadsRanges() async throws {
        let key = try BlobKey("a/b/c.txt")
        #expect(try await store.put(key, chunks(["hel", "lo"])) == 5)
        #expect(try await text(key) == "hello")
        #expect(try await text(key, range: 1..<3) == "el")
        #expect(try await store.info(key)?.sizeBytes == 5)
        #expect(try await store.put(key, chunks([])) == 0)
        #expect(try await text(key) == "")
    }

    @Test func aBrokenUploadLeavesNothingAndKeepsWhatWasThere() async throws {
        struct Broken: Error {}
        let key = try BlobKey("a/b.txt")
        try await store.put(key, chunks(["old"]))
        await #expect(throws: Broken.self) { try await store.put(key, chunks(["new"], then: Broken())) }
        #expect(try await text(key) == "old")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("blobs/.partial")).isEmpty)
    }

    @Test func whatAFormerProcessLeftUnfinishedIsGone() throws {
        try folder.write("half", to: "blobs/.partial/x")
        _ = try BlobStore(folder: folder.path("blobs"), entropy: .system)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("blobs/.partial")).isEmpty)
    }

    @Test func listsOneLevelByName() async throws {
        for path in ["r/b.txt", "r/a/x.txt", "r/empty"] {
            try await store.put(try BlobKey(path), chunks(path == "r/empty" ? [] : ["1"]))
        }
        let list = try await store.list(try BlobKey("r"))
        #expect(list.map(\.name) == ["a", "b.txt", "empty"])
        #expect(list.map(\.isFolder) == [true, false, false])
        #expect(try await store.list(try BlobKey("r/b.txt")).isEmpty)
        #expect(try await store.list(try BlobKey("nowhere")).isEmpty)
        #expect(try await store.list(.root).map(\.name) == ["r"])
    }

    @Test func aFileAndAFolderCannotShareAName() async throws {
        try await store.put(try BlobKey("a"), chunks(["1"]))
        await #expect(throws: BlobError.self) { try await store.put(try BlobKey("a/b"), chunks(["1"])) }
        try await store.put(try BlobKey("d/x"), chunks(["1"]))
        await #expect(throws: BlobError.self) { try await store.put(try BlobKey("d"), chunks(["1"])) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("blobs/.partial")).isEmpty)
    }

    @Test func deletesAFolderWithAllInItButNeverTheRoot() async throws {
        try await store.put(try BlobKey("a/b/c"), chunks(["1"]))
        try await store.delete(try BlobKey("a"))
        try await store.delete(try BlobKey("a"))
        #expect(try await store.info(try BlobKey("a")) == nil)
        await #expect(throws: BlobError.self) { try await store.delete(.root) }
    }

    @Test func aReplacedFileIsReadToItsEndAsItWas() async throws {
        let key = try BlobKey("a")
        let old = String(repeating: "o", count: BlobStore.chunkBytes + 10)
        try await store.put(key, chunks([old]))
        let reading = try await store.read(key)
        try await store.put(key, chunks(["new"]))
        var count = 0
        for try await chunk in reading { count += chunk.readableBytes }
        #expect(count == old.utf8.count)
    }

    @Test func aMissingObjectIsNotFoundAndAFolderIsNoFile() async throws {
        let missing = await #expect(throws: BlobError.self) { try await store.read(try BlobKey("x/y")) }
        #expect(missing?.code == .doesNotExist)
        try await store.put(try BlobKey("d/x"), chunks(["1"]))
        let folder = await #expect(throws: BlobError.self) { try await store.read(try BlobKey("d")) }
        #expect(folder?.code == .invalidParameterValue)
    }
}
