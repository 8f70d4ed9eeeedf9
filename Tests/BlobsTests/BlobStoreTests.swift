import Foundation
import NIOCore
import TestSupport
import Testing
import Wire

@testable import Blobs

/// What a store promises, wherever it keeps its objects.
@Suite(.timeLimit(.minutes(2))) struct BlobStoreTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: BlobPlace.allCases)
    func keepsWhatItWasGivenAndReadsRanges(place: BlobPlace) async throws {
        let store = try await place.store(in: folder)
        let key = try BlobKey("a/b/c.txt")
        #expect(try await store.put(key, chunks(["hel", "lo"])) == 5)
        #expect(try await store.text(key) == "hello")
        #expect(try await store.text(key, range: 1..<3) == "el")
        #expect(try await store.info(key)?.sizeBytes == 5)
        #expect(try await store.put(key, chunks([])) == 0)
        #expect(try await store.text(key) == "")
    }

    @Test(
        arguments: BlobPlace.allCases,
        ["a b+c&d=e.txt", "ü/日本.txt", "(1)'*!~,;:@$.bin", "100% sure?.csv", "a\"b<c>&amp;.xml"])
    func namesMayHaveAnyCharacter(place: BlobPlace, name: String) async throws {
        let store = try await place.store(in: folder)
        let key = try BlobKey(name)
        try await store.put(key, chunks(["x"]))
        #expect(try await store.text(key) == "x")
        let parent = try BlobKey(key.path.split(separator: "/").dropLast().joined(separator: "/"))
        #expect(try await store.list(parent).map(\.name) == [key.name])
        try await store.delete(key)
        #expect(try await store.info(key) == nil)
    }

    @Test(arguments: BlobPlace.allCases)
    func aBrokenUploadLeavesNothingAndKeepsWhatWasThere(place: BlobPlace) async throws {
        struct Broken: Error {}
        let store = try await place.store(in: folder)
        let key = try BlobKey("a/b.txt")
        try await store.put(key, chunks(["old"]))
        await #expect(throws: Broken.self) { try await store.put(key, chunks(["new"], then: Broken())) }
        #expect(try await store.text(key) == "old")
    }

    @Test(arguments: BlobPlace.allCases)
    func listsOneLevelByName(place: BlobPlace) async throws {
        let store = try await place.store(in: folder)
        for path in ["r/b.txt", "r/a/x.txt", "r/empty"] {
            try await store.put(try BlobKey(path), chunks(path == "r/empty" ? [] : ["1"]))
        }
        let list = try await store.list(try BlobKey("r"))
        #expect(list.map(\.name) == ["a", "b.txt", "empty"])
        #expect(list.map(\.isFolder) == [true, false, false])
        #expect(try await store.list(try BlobKey("r/b.txt")).isEmpty)
        #expect(try await store.list(try BlobKey("nowhere")).isEmpty)
        #expect(try await store.list(.root).map(\.name) == ["r"])
        #expect(try await store.info(try BlobKey("r/a"))?.isFolder == true)
    }

    /// However small the portions are, each entry is in one of them, and no portion is larger than asked for.
    @Test(arguments: BlobPlace.allCases, [1, 2, 3, 100])
    func listsByPortions(place: BlobPlace, limit: Int) async throws {
        let store = try await place.store(in: folder)
        for path in ["r/a/x", "r/a/y/z", "r/a-b", "r/a b", "r/ä", "r/c.txt", "r/c/1", "q", "s/1"] {
            try await store.put(try BlobKey(path), chunks(["1"]))
        }
        var found: [BlobInfo] = []
        var after: String?
        repeat {
            let portion = try await store.portion(of: try BlobKey("r"), after: after, limit: limit)
            #expect((1...limit).contains(portion.entries.count))
            found += portion.entries
            after = portion.next
        } while after != nil && found.count < 20
        #expect(found.map(\.name).sorted() == ["a", "a b", "a-b", "c", "c.txt", "ä"])
        #expect(Set(found.filter(\.isFolder).map(\.name)) == ["a", "c"])
        #expect(found.first { $0.name == "c.txt" }?.sizeBytes == 1)
        let none = try await store.portion(of: try BlobKey("nowhere"), after: "x", limit: limit)
        #expect(none.entries.isEmpty && none.next == nil)
    }

    @Test(arguments: BlobPlace.allCases)
    func aFileAndAFolderCannotShareAName(place: BlobPlace) async throws {
        let store = try await place.store(in: folder)
        try await store.put(try BlobKey("a"), chunks(["1"]))
        await #expect(throws: BlobError.self) { try await store.put(try BlobKey("a/b"), chunks(["1"])) }
        await #expect(throws: BlobError.self) { try await store.put(try BlobKey("a/b/c"), chunks(["1"])) }
        try await store.put(try BlobKey("d/x"), chunks(["1"]))
        await #expect(throws: BlobError.self) { try await store.put(try BlobKey("d"), chunks(["1"])) }
        #expect(try await store.list(.root).map(\.name) == ["a", "d"])
    }

    @Test(arguments: BlobPlace.allCases)
    func deletesAFolderWithAllInItButNeverTheRoot(place: BlobPlace) async throws {
        let store = try await place.store(in: folder)
        try await store.put(try BlobKey("a/b/c"), chunks(["1"]))
        try await store.put(try BlobKey("a-b"), chunks(["1"]))
        try await store.delete(try BlobKey("a"))
        try await store.delete(try BlobKey("a"))
        #expect(try await store.info(try BlobKey("a")) == nil)
        #expect(try await store.list(.root).map(\.name) == ["a-b"])
        await #expect(throws: BlobError.self) { try await store.delete(.root) }
    }

    @Test(arguments: BlobPlace.allCases)
    func aMissingObjectIsNotFoundAndAFolderIsNoFile(place: BlobPlace) async throws {
        let store = try await place.store(in: folder)
        let missing = await #expect(throws: BlobError.self) { try await store.read(try BlobKey("x/y")) }
        #expect(missing?.code == .doesNotExist)
        try await store.put(try BlobKey("d/x"), chunks(["1"]))
        let folder = await #expect(throws: BlobError.self) { try await store.read(try BlobKey("d")) }
        #expect(folder?.code == .invalidParameterValue)
    }

    @Test(arguments: BlobPlace.allCases)
    func anotherContentHasAnotherRevision(place: BlobPlace) async throws {
        let store = try await place.store(in: folder)
        let key = try BlobKey("a")
        try await store.put(key, chunks(["one"]))
        let first = try await store.info(key)?.revision
        try await store.put(key, chunks(["two"]))
        let second = try await store.info(key)?.revision
        #expect(first?.isEmpty == false && first != second)
        #expect(try await store.read(key).info.revision == second)
        #expect(try await store.list(.root).first?.revision == second)
    }

    @Test(arguments: BlobPlace.allCases)
    func aFolderOfTheStoreIsAFolderOfThisMachine(place: BlobPlace) async throws {
        let store = try await place.store(in: folder)
        try await store.put(try BlobKey("m/MLmodel"), chunks(["flavors:"]))
        try await store.put(try BlobKey("m/data/model.bin"), chunks(["bytes"]))
        let local = try await store.localFolder(try BlobKey("m"))
        #expect(try String(contentsOfFile: local.path + "/MLmodel", encoding: .utf8) == "flavors:")
        #expect(try String(contentsOfFile: local.path + "/data/model.bin", encoding: .utf8) == "bytes")
    }
}

func chunks(_ texts: [String], then failure: (any Error)? = nil) -> AsyncThrowingStream<ByteBuffer, any Error> {
    AsyncThrowingStream { continuation in
        for text in texts { continuation.yield(ByteBuffer(string: text)) }
        continuation.finish(throwing: failure)
    }
}

extension BlobStore {
    func text(_ key: BlobKey, range: Range<Int>? = nil) async throws -> String {
        String(buffer: try await read(key, range: range).collect(limit: 1 << 30))
    }
}
