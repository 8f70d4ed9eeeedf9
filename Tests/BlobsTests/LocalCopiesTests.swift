import Foundation
import NIOPosix
import TestSupport
import Testing
import Wire

@testable import Blobs

/// Copies on this machine of folders of a bucket.
@Suite(.timeLimit(.minutes(2))) struct LocalCopiesTests {
    let folder: TemporaryFolder
    let server: S3Server
    let bucket: String
    let store: BlobStore
    let model: BlobKey

    init() async throws {
        folder = try TemporaryFolder()
        server = try await S3Server.get()
        bucket = try await server.bucket()
        store = try BlobPlace.store(of: bucket, at: server, in: folder)
        model = try BlobKey("m")
        for name in ["MLmodel", "model.bin"] { try await store.put(try model.appending(name), chunks([name])) }
    }

    private func downloads() async throws -> Int {
        try await server.requests(of: bucket).count { $0.contains(" GET ") && !$0.contains("?") }
    }

    @Test func manyWhoAskAtOnceShareOneCopy() async throws {
        let paths = try await withThrowingTaskGroup(of: LocalFolder.self) { group in
            for _ in 0..<8 { group.addTask { try await store.localFolder(model) } }
            return try await group.reduce(into: [LocalFolder]()) { $0.append($1) }.map(\.path)
        }
        #expect(Set(paths).count == 1)
        #expect(try await downloads() == 2)
    }

    @Test func aChangedFolderIsCopiedAnew() async throws {
        let old = try await store.localFolder(model)
        try await store.put(try model.appending("model.bin"), chunks(["other"]))
        let new = try await store.localFolder(model)
        #expect(try String(contentsOfFile: new.path + "/model.bin", encoding: .utf8) == "other")
        #expect(try String(contentsOfFile: old.path + "/model.bin", encoding: .utf8) == "model.bin")
    }

    @Test func theCopyOfAFormerProcessIsUsed() async throws {
        let path = try await store.localFolder(model).path
        let again = try BlobPlace.store(of: bucket, at: server, in: folder)
        #expect(try await again.localFolder(model).path == path)
        #expect(try await downloads() == 2)
    }

    @Test func aCopyThatFailsLeavesNothingAndIsTriedAgain() async throws {
        try await server.order([
            "bucket": .string(bucket), "method": "GET", "path": "model.bin", "status": 403, "code": "AccessDenied",
        ])
        await #expect(throws: BlobError.self) { try await store.localFolder(model) }
        let local = try await store.localFolder(model)
        #expect(try String(contentsOfFile: local.path + "/MLmodel", encoding: .utf8) == "MLmodel")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("artifact-copies/.partial")).isEmpty)
    }

    @Test func whatNobodyHoldsIsRemovedOldestFirst() async throws {
        let copies = try LocalCopies(
            folder: folder.path("small"), unusedBytes: 10, entropy: .system, threads: .singleton)
        func copy(_ name: String) async throws -> LocalFolder {
            let key = try BlobKey(name)
            try await store.put(try key.appending("f"), chunks(["12345678"]))
            let content = try await store.read(try key.appending("f"))
            return try await copies.folder(of: [LocalCopies.File(path: "f", content: content)], at: key)
        }
        let held = try await copy("a")
        let second = try await copy("b").path
        let third = try await copy("c").path
        #expect(FileManager.default.fileExists(atPath: held.path))
        #expect(!FileManager.default.fileExists(atPath: second))
        #expect(FileManager.default.fileExists(atPath: third))
    }
}
