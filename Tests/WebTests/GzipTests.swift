import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Answers that are packed on their way.
@Suite struct GzipTests {
    @Test(arguments: ["html", "csv"])
    func packsLongTextsForWhoeverUnpacksThem(kind: String) async throws {
        try await LiveServer.run(.probe) { server in
            let plain = try await server.get("/long/\(kind)")
            #expect(plain.header("Content-Encoding") == nil)
            #expect(plain.header("Vary") == "Accept-Encoding")
            let packed = try await server.get("/long/\(kind)", headers: ["Accept-Encoding": "br, gzip;q=0.5"])
            #expect(packed.header("Content-Encoding") == "gzip")
            #expect(packed.header("Vary") == "Accept-Encoding")
            #expect(packed.body.readableBytes < plain.body.readableBytes / 20)
            #expect(packed.header("Content-Length") == String(packed.body.readableBytes))
            #expect(try await Self.unpacked(packed, by: server) == plain.text)
            let head = try await server.send(.HEAD, "/long/\(kind)", headers: ["Accept-Encoding": "gzip"])
            #expect(head.header("Content-Length") == String(packed.body.readableBytes))
        }
    }

    @Test(arguments: ["part", "coded", "ranged", "events", "streamed", "picture", "short", "json"])
    func leavesAsItIsWhatMustNotBePacked(kind: String) async throws {
        try await LiveServer.run(.probe) { server in
            let plain = try await server.get("/long/\(kind)")
            let answer = try await server.get("/long/\(kind)", headers: ["Accept-Encoding": "gzip"])
            #expect(answer.text == plain.text)
            #expect(answer.header("Content-Encoding") == (kind == "coded" ? "br" : nil))
        }
    }

    @Test(arguments: [
        ("gzip", true), ("GZIP", true), ("x-gzip", true), ("*", true), ("deflate, gzip;q=1.0", true), ("", false),
        ("identity", false), ("gzip;q=0", false), ("*, gzip;q=0.000", false), ("br;q=1, *;q=0", false),
        ("gzipped", false),
    ])
    func readsWhatClientsAccept(header: String, isPacked: Bool) async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.get("/long/html", headers: ["Accept-Encoding": header])
            #expect((answer.header("Content-Encoding") == "gzip") == isPacked)
        }
    }

    @Test func assetsArePackedToo() async throws {
        try await LiveServer.run(.probe) { server in
            let page = try await server.get("/page").text
            let path = String(try #require(page.firstMatch(of: /href="(\/assets\/[0-9a-f]+\/martlet\.css)"/)).1)
            let plain = try await server.get(path)
            let packed = try await server.get(path, headers: ["Accept-Encoding": "gzip"])
            #expect(packed.header("Content-Encoding") == "gzip")
            #expect(plain.headers["Vary"] == ["Accept-Encoding"])
            #expect(packed.headers["Vary"] == ["Accept-Encoding"])
            #expect(packed.body.readableBytes < plain.body.readableBytes / 2)
            #expect(try await Self.unpacked(packed, by: server) == plain.text)
        }
    }

    /// What the server itself makes of it.
    private static func unpacked(_ answer: LiveServer.Answer, by server: LiveServer) async throws -> String {
        var request = HTTPClientRequest(url: server.url + "/unpack")
        request.method = .POST
        request.headers.add(name: "Content-Encoding", value: "gzip")
        request.body = .bytes(answer.body)
        return try await server.send(request).text
    }
}
