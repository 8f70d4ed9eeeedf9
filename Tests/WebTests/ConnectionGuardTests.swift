import NIOCore
import TestSupport
import Testing
import Web

/// What goes over a connection that is no request, or should not be taken for one.
@Suite(.timeLimit(.minutes(1))) struct ConnectionGuardTests {
    private static let post = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    private static let get = "GET /health HTTP/1.1\r\nHost: localhost\r\n"

    @Test(
        arguments: [
            ("two lengths", post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", 400, "content-length"),
            ("a length twice", post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400, "content-length"),
            (
                "a length and chunks", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
                "contradict"
            ),
            (
                "chunks and a length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400,
                "content-length"
            ),
            ("chunks last but one", post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400, "contradict"),
            (
                "an unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400,
                "cannot be read"
            ),
            ("no chunk size", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400, "chunk size"),
            ("a negative chunk", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n", 400, "chunk size"),
            (
                "a chunk of 2^68", post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}", 400, "chunk size"
            ),
            ("a negative length", post + "Content-Length: -2\r\n\r\n{}", 400, "content-length"),
            ("a signed length", post + "Content-Length: +2\r\n\r\n{}", 400, "content-length"),
            ("a length of 2^80", post + "Content-Length: 1208925819614629174706176\r\n\r\n{}", 400, "content-length"),
            ("a space before a colon", post + "Content-Length : 2\r\n\r\n{}", 400, "header"),
            ("a folded header", get + "A: b\r\n c\r\n\r\n", 400, "header"),
            ("a null byte", get + "A: \0\r\n\r\n", 400, "header"),
            ("no host", "GET /health HTTP/1.1\r\n\r\n", 400, "no Host"),
            ("two hosts", get + "Host: elsewhere\r\n\r\n", 400, "2 Host headers"),
            ("HTTP/0.9", "GET /health\r\n\r\n", 400, "HTTP/1.1"),
            ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "rule of HTTP"),
            ("HTTP/3", "GET /health HTTP/3.0\r\n\r\n", 400, "HTTP/1.1"),
            ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0", 400, "not https"),
            ("an address that is not ASCII", "GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "Percent-encode"),
            ("a long header", get + "A: \(String(repeating: "a", count: 200_000))\r\n\r\n", 431, "80 KiB"),
            ("many headers", get + String(repeating: "A: b\r\n", count: 5000) + "\r\n", 431, "1000 headers"),
            ("a long address", "GET /\(String(repeating: "a", count: 200_000)) HTTP/1.1\r\n", 431, "80 KiB"),
        ])
    func whatIsNotHTTPIsAnsweredInWords(what: String, bytes: String, status: Int, words: String) async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.raw(bytes)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(what): \(answer)")
            #expect(answer.contains("Connection: close\r\n"))
            #expect(answer.contains("\"error_code\":\"BAD_REQUEST\""))
            #expect(answer.contains(words), "\(what): \(answer)")
            #expect(answer.matches(of: /HTTP\/1.1 \d/).count == 1, "one answer, not more: \(answer)")
            #expect(try await server.get("/health").status == 200)
        }
    }

    /// A proxy in front that ends the first request elsewhere would take the rest for somebody else's.
    @Test func whatFollowsARefusedRequestIsNotAnswered() async throws {
        try await LiveServer.run(.probe) { server in
            let hidden = Self.get + "Connection: close\r\n\r\n"
            for first in [
                Self.post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
                Self.post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "GET / HTTP/1.1\r\n\r\n",
            ] {
                let answers = try await server.raw(first + hidden)
                #expect(answers.matches(of: /HTTP\/1.1 \d/).count == 1, "\(answers)")
                #expect(!answers.hasSuffix("OK"))
            }
        }
    }

    @Test func requestsBehindEachOtherAreAnsweredInOrder() async throws {
        try await LiveServer.run(.probe) { server in
            let requests = (0..<200).map { "GET /things/\($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined()
            let answers = try await server.raw(requests + Self.get + "Connection: close\r\n\r\n")
            let bodies = answers.matches(of: /\r\n\r\n(\d+)/).map { $0.1 }
            #expect(bodies == (0..<200).map { Substring("\($0)") })
        }
    }

    @Test(arguments: [
        "GET /health HTTP/1.0\r\n\r\n", "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, Close\r\n\r\n",
    ])
    func hangsUpWhenTheClientWantsNoMore(request: String) async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.raw(request)
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.contains("Connection: close\r\n"))
            #expect(answer.hasSuffix("OK"))
        }
    }

    @Test func permitsABodyThatWaitsForIt() async throws {
        try await LiveServer.run(.probe) { server in
            try await RawConnection.open(to: server) { connection in
                try await connection.sender.send(Self.post + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                #expect(try await connection.answer(containing: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
                try await connection.sender.send("{}")
                #expect(try await connection.answer(containing: "{}").hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    // MARK: Clients that take their time

    private static func limits(_ change: (inout ServerLimits) -> Void) -> ServerLimits {
        var limits = ServerLimits()
        change(&limits)
        return limits
    }

    private static let hasty = limits {
        $0.silence = .milliseconds(200)
        $0.patience = .milliseconds(100)
    }

    @Test(arguments: [
        "", "GET /health HTTP/1.1\r\nHost: loc", post + "Content-Length: 2\r\n\r\n",
        post + "Content-Length: 2\r\n\r\n{",
    ])
    func aClientThatSaysNoMoreIsLeft(start: String) async throws {
        try await LiveServer.run(.probe, limits: Self.hasty) { server in
            try await RawConnection.open(to: server) { connection in
                try await connection.sender.send(start)
                #expect(await connection.rest() == "")
            }
        }
    }

    /// One byte now and then keeps nothing open.
    @Test(arguments: [get + "A: ", post + "Content-Length: 100000\r\n\r\n"])
    func aClientThatDribblesIsLeft(start: String) async throws {
        try await LiveServer.run(.probe, limits: Self.hasty) { server in
            try await RawConnection.open(to: server) { connection in
                try await connection.sender.send(start)
                await #expect(throws: (any Error).self) {
                    while true {
                        try await connection.sender.send("a")
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
        }
    }

    @Test func aClientThatDoesNotTakeItsAnswerIsLeft() async throws {
        let (sending, end) = AsyncStream.makeStream(of: Never.self)
        var routes = Routes.probe
        routes.get("/much", .read("things")) { _ in Reply(body: .stream(length: nil, Endless(end: end))) }
        try await LiveServer.run(routes, limits: Self.hasty) { server in
            try await RawConnection.open(to: server) { connection in
                try await connection.sender.send("GET /much HTTP/1.1\r\nHost: localhost\r\n\r\n")
                // Nothing is read here, so all that the kernel does not hold stays with the server.
                for await _ in sending {}
            }
        }
    }

    /// Zeros without end; `end` finishes when nobody wants them any more.
    private struct Endless: AsyncSequence, Sendable {
        let end: AsyncStream<Never>.Continuation

        func makeAsyncIterator() -> Iterator { Iterator(end: end) }

        final class Iterator: AsyncIteratorProtocol {
            private let end: AsyncStream<Never>.Continuation

            init(end: AsyncStream<Never>.Continuation) {
                self.end = end
            }

            deinit { end.finish() }

            func next() async throws -> ByteBuffer? { ByteBuffer(repeating: 0, count: 1 << 16) }
        }
    }

    @Test func moreConnectionsThanThereMayBeAreToldToComeBack() async throws {
        try await LiveServer.run(.probe, limits: Self.limits { $0.connections = 2 }) { server in
            try await RawConnection.open(to: server) { first in
                try await first.sender.send(Self.get + "\r\n")
                _ = try await first.answer(containing: "OK")
                try await RawConnection.open(to: server) { second in
                    try await second.sender.send(Self.get + "\r\n")
                    _ = try await second.answer(containing: "OK")
                    let answer = try await server.raw(Self.get + "\r\n")
                    #expect(answer.hasPrefix("HTTP/1.1 503 "))
                    #expect(answer.contains("Retry-After: 5\r\n"))
                    #expect(answer.contains("TEMPORARILY_UNAVAILABLE"))
                }
                try await first.sender.send(Self.get + "\r\n")
                #expect(try await first.answer(containing: "OK").hasPrefix("HTTP/1.1 200 "))
            }
        }
    }
}
