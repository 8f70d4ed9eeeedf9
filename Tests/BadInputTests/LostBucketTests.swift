import NIOHTTP1
import TestSupport
import Testing
import Wire

/// A bucket that is busy, breaks off, or takes its time.
@Suite(.timeLimit(.minutes(2))) struct LostBucketTests {
    private static func run(
        _ body:
            @escaping @Sendable (HardenedServer, _ order: @escaping @Sendable (JSON) async throws -> Void) async throws
            -> Void
    ) async throws {
        let s3 = try await S3Server.get()
        let bucket = try await s3.bucket()
        try await HardenedServer.run(
            ["--artifacts", "s3://\(bucket)/kept"], environment: s3.environment, below: 300
        ) { server in
            try await body(server) { fault in try await s3.order(fault.with("bucket", .string(bucket))) }
        }
    }

    @Test func aBusyBucketIsAskedAgain() async throws {
        try await Self.run { server, order in
            try await order(["method": "PUT", "path": "a.txt", "status": 503, "times": 2])
            #expect(try await server.client.send(.PUT, server.file("a.txt"), body: "hello").status == 200)
            try await order(["method": "GET", "path": "a.txt", "status": 503, "times": 2])
            let answer = try await server.client.get(server.file("a.txt"))
            #expect(answer.text == "hello")
        }
    }

    /// Never a 500, and never half an answer.
    @Test func aBucketThatStaysBusyIs503WithAPause() async throws {
        try await Self.run { server, order in
            try await order(["method": "PUT", "path": "b.txt", "status": 503, "times": 100])
            try await order(["method": "GET", "path": "kept.txt", "status": 503, "times": 5])
            for answer in [
                try await server.client.send(.PUT, server.file("b.txt"), body: "hello"),
                try await server.client.get(server.file("kept.txt")),
            ] {
                #expect(answer.verdict == "503 TEMPORARILY_UNAVAILABLE")
                #expect(answer.header("Retry-After").flatMap { Int($0) } ?? 0 > 0)
                #expect(answer.message.contains(".txt"), "\(answer.text)")
            }
            #expect(try await server.client.get(server.file("b.txt")).status == 404)
        }
    }

    @Test func aDownloadThatBreaksOffGoesOnAndASlowOneIsWaitedFor() async throws {
        try await Self.run { server, order in
            let text = String(repeating: "0123456789", count: 100_000)
            #expect(try await server.client.send(.PUT, server.file("c.txt"), body: text).status == 200)
            try await order(["method": "GET", "path": "c.txt", "cut_after": 300_000, "times": 2])
            #expect(try await server.client.get(server.file("c.txt")).text == text)
            try await order(["method": "GET", "path": "c.txt", "delay": 1])
            #expect(try await server.client.get(server.file("c.txt")).text == text)
        }
    }
}
