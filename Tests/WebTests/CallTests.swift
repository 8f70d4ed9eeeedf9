import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing
import Web
import Wire

/// What a route learns of its request: path, query, body.
@Suite struct CallTests {
    @Test(arguments: [
        ("abc", "abc"), ("a%20b", "a b"), ("a%2Fb", "a/b"), ("a%2fb", "a/b"), ("%C3%A9", "é"), ("a+b", "a+b"),
        ("%2525", "%25"), ("%2e%2e", ".."), ("a:b;c=d", "a:b;c=d"), ("%00", "\u{0}"),
    ])
    func decodesPathComponentsOnce(raw: String, name: String) async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.raw(
                "GET /things/\(raw) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.hasSuffix("\r\n\r\n\(name)"))
        }
    }

    @Test(arguments: ["%", "%1", "%zz", "%ff", "a%C3", "%ED%A0%80"])
    func refusesPathComponentsThatAreNotEncodedText(raw: String) async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.raw(
                "GET /things/\(raw) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400"))
            #expect(answer.contains("'name' is not valid percent-encoded text"))
        }
    }

    @Test(
        arguments: [
            ("b=1&a=x", ["b": "1", "a": "x"]), ("a=x+y%2Bz%26", ["a": "x y+z&"]), ("a%20b=%C3%A9", ["a b": "é"]),
            ("a=1&a=2", ["a": ["1", "2"]]), ("ids=1", ["ids": ["1"]]), ("a", ["a": ""]), ("a=", ["a": ""]),
            ("a=b=c", ["a": "b=c"]), ("", [:]), ("&&", [:]), ("=x", ["": "x"]),
        ] as [(String, JSON)])
    func decodesQueriesAsFormsEncodeThem(query: String, members: JSON) async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.raw(
                "GET /query?\(query) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            let body = answer.split(separator: "\r\n").last ?? ""
            #expect(try JSON.parse(String(body)) == members)
        }
    }

    @Test func refusesAQueryThatIsNotEncodedText() async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.raw(
                "GET /query?a=%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test func malformedJSONIs400WithLineAndColumn() async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.send(.POST, "/echo", body: "{\n  \"a\": tru}", type: "application/json")
            #expect(answer.status == 400)
            #expect(try answer.json["error_code"] == "INVALID_PARAMETER_VALUE")
            #expect(try answer.json["message"]?.stringValue?.contains("line 2, column 8") == true)
        }
    }

    @Test func bodiesMustSayThatTheyAreJSON() async throws {
        try await LiveServer.run(.probe) { server in
            for type in [nil, "text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
                let answer = try await server.send(.POST, "/echo", body: "{}", type: type)
                #expect(answer.status == 400)
                #expect(try answer.json["message"]?.stringValue?.contains("application/json") == true)
            }
            for type in ["application/json", "Application/JSON; charset=utf-8", "application/json ;x=1"] {
                #expect(try await server.send(.POST, "/echo", body: "{}", type: type).status == 200)
            }
        }
    }

    /// Nothing of it is waited for.
    @Test func aBodyThatIsDeclaredTooLargeIsRefusedAtOnce() async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.raw(
                "POST /count HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1048577\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            #expect(answer.contains("larger than 1 MiB"))
        }
    }

    @Test func refusesMoreValuesThanARequestMayHold() async throws {
        try await LiveServer.run(.probe) { server in
            let zeros = "[" + String(repeating: "0,", count: Call.maximumValues) + "0]"
            let answer = try await server.send(.POST, "/echo", body: zeros, type: "application/json")
            #expect(answer.status == 400)
            #expect(answer.message.contains("column 1000000: more than 500000 values"))
        }
    }

    @Test func whatRequestsHoldTogetherIsBounded() async throws {
        var limits = ServerLimits()
        limits.heldBytes = 1 << 20
        let (holding, held) = AsyncStream.makeStream(of: Void.self)
        let (going, go) = AsyncStream.makeStream(of: Never.self)
        var routes = Routes.probe
        routes.post("/hold", .write("things")) { call in
            let body = try await call.body()
            held.yield()
            for await _ in going {}
            return .text(String(body.readableBytes))
        }
        try await LiveServer.run(routes, limits: limits) { server in
            let body = String(repeating: "a", count: 600_000)
            async let first = server.send(.POST, "/hold", body: body)
            for await _ in holding { break }
            let second = try await server.send(.POST, "/hold", body: body)
            #expect(second.verdict == "503 TEMPORARILY_UNAVAILABLE")
            #expect(second.header("Retry-After") == "1")
            go.finish()
            #expect(try await first.text == "600000")
            #expect(try await server.send(.POST, "/hold", body: body).text == "600000")
        }
    }

    @Test func readsEmptyAndDoublyEncodedBodies() async throws {
        try await LiveServer.run(.probe) { server in
            let type = "application/json"
            let empty = try await server.send(.POST, "/echo", body: "", type: type)
            #expect(empty.text == "{}")
            let double = try await server.send(.POST, "/echo", body: #""{\"a\":1}""#, type: type)
            #expect(double.text == #"{"a":1}"#)
        }
    }

    @Test func aBodyBeyondTheLimitIs413AndTheConnectionStaysUsable() async throws {
        try await LiveServer.run(.probe) { server in
            let sent = Mutex(0)
            let chunk = ByteBuffer(repeating: 0x20, count: 1 << 16)
            let chunks = AsyncStream(unfolding: { () -> ByteBuffer? in
                sent.withLock { sent in
                    sent += 1
                    return sent <= 1024 ? chunk : nil
                }
            })
            var request = HTTPClientRequest(url: server.url + "/count")
            request.method = .POST
            request.body = .stream(chunks, length: .unknown)
            let answer = try await server.send(request)
            #expect(answer.status == 413)
            #expect(try answer.json["message"]?.stringValue?.contains("larger than 1 MiB") == true)
            let small = try await server.send(.POST, "/count", body: String(repeating: "x", count: 1 << 20))
            #expect(small.text == String(1 << 20))
        }
    }
}
