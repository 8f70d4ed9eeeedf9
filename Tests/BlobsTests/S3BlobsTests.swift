import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Blobs

/// What only a bucket does: it refuses for a while, breaks off, takes objects in parts, hands out links.
@Suite(.timeLimit(.minutes(2))) struct S3BlobsTests {
    let folder: TemporaryFolder
    let server: S3Server
    let bucket: String
    let store: BlobStore

    init() async throws {
        folder = try TemporaryFolder()
        server = try await S3Server.get()
        bucket = try await server.bucket()
        store = try BlobPlace.store(of: bucket, at: server, in: folder)
    }

    private func requests(_ method: String, _ status: Int = 200) async throws -> [String] {
        try await server.requests(of: bucket).filter { $0.hasPrefix("\(status) \(method) ") }
    }

    @Test func aStoreThatIsBusyIsAskedAgain() async throws {
        try await server.order(["bucket": .string(bucket), "method": "PUT", "status": 503, "times": 2])
        let key = try BlobKey("a.txt")
        try await store.put(key, chunks(["hello"]))
        try await server.order(["bucket": .string(bucket), "method": "GET", "status": 500, "times": 3])
        #expect(try await store.text(key) == "hello")
        #expect(try await requests("PUT", 503).count == 2)
        #expect(try await requests("GET", 500).count == 3)
    }

    @Test func aStoreThatStaysBusyIs503WithAPause() async throws {
        try await server.order([
            "bucket": .string(bucket), "method": "PUT", "status": 503, "times": 4, "retry_after": 7,
        ])
        let error = await #expect(throws: BlobError.self) {
            try await store.put(try BlobKey("a.txt"), chunks(["hello"]))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.retryAfterSeconds == 7)
        #expect(try await requests("PUT", 503).count == 4)
        #expect(try await store.list(.root).isEmpty)
    }

    @Test func aRefusalIsNotTriedAgainAndSaysWhatIsMissing() async throws {
        try await server.order(["bucket": .string(bucket), "method": "PUT", "status": 403, "code": "AccessDenied"])
        let error = await #expect(throws: BlobError.self) {
            try await store.put(try BlobKey("a.txt"), chunks(["hello"]))
        }
        #expect(error?.code == .permissionDenied)
        #expect(error?.message.contains("store 'a.txt'") == true)
        #expect(error?.hint?.contains("s3:PutObject") == true)
        #expect(try await requests("PUT", 403).count == 1)
    }

    @Test func whatDoesNotAnswerIs503() async throws {
        let location = try S3Location(
            url: "s3://bucket",
            environment: server.environment.merging(["AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"]) { $1 })
        let nowhere = try BlobStore(
            s3: location, copies: folder.path("copies"), clock: .system, entropy: .system,
            backoff: S3Backoff(attempts: 2, firstMs: 1, longestMs: 1))
        let error = await #expect(throws: BlobError.self) { try await nowhere.check() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("http://127.0.0.1:1 does not answer (Connection refused)") == true)
    }

    @Test func aBucketThatIsNotThereIsToldSo() async throws {
        let missing = try BlobPlace.store(of: "nothing-\(bucket)", at: server, in: folder)
        let error = await #expect(throws: BlobError.self) { try await missing.check() }
        #expect(error?.message.contains("no bucket 'nothing-\(bucket)'") == true, "\(error?.message ?? "")")
        try await store.check()
    }

    @Test func aDownloadThatBreaksOffGoesOnWhereItWas() async throws {
        let key = try BlobKey("a.txt")
        let text = String(repeating: "0123456789", count: 20_000)
        try await store.put(key, chunks([text]))
        try await server.order(["bucket": .string(bucket), "method": "GET", "cut_after": 70_000, "times": 2])
        #expect(try await store.text(key) == text)
        #expect(try await requests("GET", 206).count == 3)
    }

    @Test func anObjectReplacedWhileItIsReadIsNeverMixed() async throws {
        let key = try BlobKey("a.txt")
        try await store.put(key, chunks(["old"]))
        let reading = try await store.read(key)
        try await store.put(key, chunks(["new"]))
        let error = await #expect(throws: BlobError.self) { try await reading.collect(limit: 100) }
        #expect(error?.code == .conflict)
    }

    /// The stream tells how much was pulled from it, the server how many parts it has answered.
    @Test func aLargeUploadGoesInPartsAndHoldsTwoAtMost() async throws {
        let total = 3 * S3Upload.partBytes + 12_345
        let chunk = ByteBuffer(repeating: 7, count: 1 << 20)
        let pulled = Mutex(0)
        let largestLead = Mutex(0)
        try await server.order([
            "bucket": .string(bucket), "method": "PUT", "query": "partNumber", "delay": 0.3, "times": 4,
        ])
        let source = AsyncThrowingStream<ByteBuffer, any Error> { [server, bucket] in
            let before = pulled.withLock(\.self)
            guard before < total else { return nil }
            let answered = try await server.requests(of: bucket).count { $0.contains("partNumber=") }
            largestLead.withLock { $0 = max($0, before - answered * S3Upload.partBytes) }
            let next = chunk.getSlice(at: 0, length: min(chunk.readableBytes, total - before))
            pulled.withLock { $0 += next?.readableBytes ?? 0 }
            return next
        }
        let key = try BlobKey("large.bin")
        #expect(try await store.put(key, source) == total)
        #expect(try await store.info(key)?.sizeBytes == total)
        #expect(largestLead.withLock(\.self) <= 2 * S3Upload.partBytes)
        #expect(try await requests("PUT").count { $0.contains("partNumber=") } == 4)
        var count = 0
        for try await piece in try await store.read(key, range: S3Upload.partBytes - 5..<S3Upload.partBytes + 5) {
            count += piece.readableBytes
            #expect(piece.readableBytesView.allSatisfy { $0 == 7 })
        }
        #expect(count == 10)
    }

    @Test func aLargeUploadThatBreaksIsAborted() async throws {
        struct Broken: Error {}
        let part = String(repeating: "x", count: S3Upload.partBytes)
        try await server.order([
            "bucket": .string(bucket), "method": "PUT", "query": "partNumber=2", "delay": 0.5,
        ])
        await #expect(throws: Broken.self) {
            try await store.put(try BlobKey("a"), chunks([part, part], then: Broken()))
        }
        // Last: a part that came after it would stay.
        #expect(try await server.requests(of: bucket).last?.hasPrefix("204 DELETE") == true)
        #expect(try await store.info(try BlobKey("a")) == nil)
    }

    /// As when the client goes away and the server stops what it did for it.
    @Test func aCancelledUploadIsAborted() async throws {
        let (source, feed) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
        feed.yield(ByteBuffer(repeating: 1, count: S3Upload.partBytes + 1))
        let upload = Task { try await store.put(try BlobKey("a"), source) }
        while try await !server.requests(of: bucket).contains(where: { $0.contains("partNumber=1") }) {
            await Task.yield()
        }
        upload.cancel()
        await #expect(throws: (any Error).self) { try await upload.value }
        #expect(try await requests("DELETE", 204).count == 1)
    }

    @Test func listsAndDeletesMoreThanAPage() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<1010 {
                if index >= 16 { try await group.next() }
                group.addTask { try await store.put(try BlobKey("many/\(index)"), chunks([])) }
            }
            try await group.waitForAll()
        }
        #expect(try await store.list(try BlobKey("many")).count == 1010)
        try await store.delete(try BlobKey("many"))
        #expect(try await store.info(try BlobKey("many")) == nil)
    }

    @Test func linksWorkWithoutCredentials() async throws {
        let links = try #require(store.links)
        let key = try BlobKey("a b/ü.txt")
        var put = HTTPClientRequest(url: links.upload(key, lasting: 60))
        put.method = .PUT
        put.body = .bytes(ByteBuffer(string: "hello"))
        #expect(try await HTTPClient.shared.execute(put, timeout: .seconds(30)).status == .ok)
        let get = HTTPClientRequest(url: links.download(key, lasting: 60))
        let answer = try await HTTPClient.shared.execute(get, timeout: .seconds(30))
        #expect(String(buffer: try await answer.body.collect(upTo: 100)) == "hello")
        #expect(try await store.text(key) == "hello")
    }
}
