import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing
import Web
import Wire

@Suite struct WebServerTests {
    private struct Unforeseen: Error {}

    /// Routes that show what the server understood.
    private var routes: Routes {
        var routes = Routes()
        routes.add(.get, "/health", .open) { _ in .text("OK") }
        routes.get("/things/{name}", .read("things")) { call in .text(try call.path("name")) }
        routes.delete("/things/{name}", .write("things")) { _ in .empty }
        routes.get("/query", .read("things")) { call in .json(.object(try call.queryFields(lists: ["ids"]).members)) }
        routes.post("/echo", .write("things")) { call in .json(try await call.json()) }
        routes.post("/count", .write("things")) { call in
            .text(String(try await call.body(limit: 1 << 20).readableBytes))
        }
        routes.get("/unforeseen", .read("things")) { _ in throw Unforeseen() }
        routes.get("/busy", .read("things")) { _ in throw Busy() }
        routes.get("/who", .read("things")) { call in .text(call.principal.name) }
        routes.page("/page", .read("things")) { _ in
            let words = "<script>alert(1)</script>"
            return Page(title: words, trail: [Link("A & B", "/page"), Link("\"c\"", "/page")], body: "<p>\(words)</p>")
        }
        return routes
    }

    private struct Busy: Problem {
        var code: ProblemCode { .unavailable }
        var message: String { "Busy." }
        var retryAfterSeconds: Int? { 7 }
    }

    @Test func answersOnAFreePortAndStops() async throws {
        try await LiveServer.run(routes) { server in
            let answer = try await server.get("/health")
            #expect(answer.status == 200)
            #expect(answer.text == "OK")
        }
    }

    @Test func anUnknownPathIs404InMLflowsForm() async throws {
        try await LiveServer.run(routes) { server in
            for path in ["/nothing", "/things", "/things/a/b", "/%2e%2e/etc/passwd"] {
                let answer = try await server.get(path)
                #expect(answer.status == 404)
                #expect(answer.header("Content-Type") == "application/json")
                #expect(try answer.json["error_code"] == "ENDPOINT_NOT_FOUND")
                #expect(try answer.json["message"]?.stringValue?.contains("GET \(path)") == true)
            }
        }
    }

    @Test func aKnownPathWithAnotherVerbIs405AndNamesTheVerbs() async throws {
        try await LiveServer.run(routes) { server in
            let answer = try await server.send(.PUT, "/things/a")
            #expect(answer.status == 405)
            #expect(answer.header("Allow") == "DELETE, GET, HEAD")
            #expect(try answer.json["error_code"] == "METHOD_NOT_ALLOWED")
            #expect(try answer.json["message"]?.stringValue?.contains("DELETE, GET") == true)
            #expect(try await server.send(.HEAD, "/echo").status == 405)
        }
    }

    @Test func headSaysWhatGetWouldWithoutABody() async throws {
        try await LiveServer.run(routes) { server in
            let head = try await server.send(.HEAD, "/health")
            #expect(head.status == 200)
            #expect(head.header("Content-Length") == "2")
            #expect(head.body.readableBytes == 0)
        }
    }

    /// A body after HEAD would be read as the start of the next answer.
    @Test func headHasNoBodyEvenWhenItFails() async throws {
        try await LiveServer.run(routes) { server in
            let answers = try await server.raw(
                "HEAD /nothing HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /unforeseen HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    + "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answers.hasPrefix("HTTP/1.1 404"))
            #expect(answers.hasSuffix("OK"))
            #expect(!answers.contains("error_code"))
        }
    }

    @Test(arguments: [
        ("abc", "abc"), ("a%20b", "a b"), ("a%2Fb", "a/b"), ("a%2fb", "a/b"), ("%C3%A9", "é"), ("a+b", "a+b"),
        ("%2525", "%25"), ("%2e%2e", ".."), ("a:b;c=d", "a:b;c=d"), ("%00", "\u{0}"),
    ])
    func decodesPathComponentsOnce(raw: String, name: String) async throws {
        try await LiveServer.run(routes) { server in
            let answer = try await server.raw(
                "GET /things/\(raw) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.hasSuffix("\r\n\r\n\(name)"))
        }
    }

    @Test(arguments: ["%", "%1", "%zz", "%ff", "a%C3", "%ED%A0%80"])
    func refusesPathComponentsThatAreNotEncodedText(raw: String) async throws {
        try await LiveServer.run(routes) { server in
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
        try await LiveServer.run(routes) { server in
            let answer = try await server.raw(
                "GET /query?\(query) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            let body = answer.split(separator: "\r\n").last ?? ""
            #expect(try JSON.parse(String(body)) == members)
        }
    }

    @Test func refusesAQueryThatIsNotEncodedText() async throws {
        try await LiveServer.run(routes) { server in
            let answer = try await server.raw(
                "GET /query?a=%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test func malformedJSONIs400WithLineAndColumn() async throws {
        try await LiveServer.run(routes) { server in
            let answer = try await server.send(.POST, "/echo", body: "{\n  \"a\": tru}", type: "application/json")
            #expect(answer.status == 400)
            #expect(try answer.json["error_code"] == "INVALID_PARAMETER_VALUE")
            #expect(try answer.json["message"]?.stringValue?.contains("line 2, column 8") == true)
        }
    }

    @Test func bodiesMustSayThatTheyAreJSON() async throws {
        try await LiveServer.run(routes) { server in
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

    @Test func readsEmptyAndDoublyEncodedBodies() async throws {
        try await LiveServer.run(routes) { server in
            let type = "application/json"
            let empty = try await server.send(.POST, "/echo", body: "", type: type)
            #expect(empty.text == "{}")
            let double = try await server.send(.POST, "/echo", body: #""{\"a\":1}""#, type: type)
            #expect(double.text == #"{"a":1}"#)
        }
    }

    @Test func aBodyBeyondTheLimitIs413AndTheConnectionStaysUsable() async throws {
        try await LiveServer.run(routes) { server in
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

    @Test func anUnforeseenErrorTellsTheClientOnlyWhereToLook() async throws {
        try await LiveServer.run(routes) { server in
            let answer = try await server.get("/unforeseen")
            #expect(answer.status == 500)
            #expect(!answer.text.contains("Unforeseen"))
            let id = try #require(answer.header("X-Request-Id"))
            #expect(try answer.json["request_id"] == .string(id))
            #expect(try answer.json["message"]?.stringValue?.contains(id) == true)
        }
    }

    @Test func everyAnswerHasItsOwnRequestID() async throws {
        try await LiveServer.run(routes) { server in
            var ids: Set<String> = []
            for path in ["/health", "/health", "/nothing", "/unforeseen", "/page"] {
                ids.insert(try #require(try await server.get(path).header("X-Request-Id")))
            }
            #expect(ids.count == 5)
        }
    }

    @Test func saysWhenToTryAgain() async throws {
        try await LiveServer.run(routes) { server in
            let answer = try await server.get("/busy")
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") == "7")
        }
    }

    // MARK: - Who may

    @Test(
        arguments: [
            (nil, 401, ""), ("Bearer s3cret:x", 200, "token"), ("bearer   s3cret:x", 200, "token"),
            ("Bearer wrong", 401, ""),
            ("Bearer s3cret", 401, ""), ("Bearer ", 401, ""), ("Bearer", 401, ""), ("s3cret:x", 401, ""),
            ("Basic YWRhOnMzY3JldDp4", 200, "ada"), ("Basic OnMzY3JldDp4", 200, "token"),
            ("Basic YWRhOndyb25n", 401, ""),
            ("Basic YWRh", 401, ""), ("Basic ###", 401, ""), ("Digest s3cret:x", 401, ""),
        ] as [(String?, Int, String)])
    func aTokenIsTakenAsBearerOrAsBasicPassword(authorization: String?, status: Int, name: String) async throws {
        try await LiveServer.run(routes, authoriser: .token("s3cret:x")) { server in
            let answer = try await server.get("/who", headers: authorization.map { ["Authorization": $0] } ?? [:])
            #expect(answer.status == status)
            if status == 200 {
                #expect(answer.text == name)
            } else {
                #expect(try answer.json["error_code"] == "UNAUTHENTICATED")
                #expect(answer.header("WWW-Authenticate")?.hasPrefix("Basic") == true)
                #expect(!answer.text.contains("s3cret"))
            }
            #expect(try await server.get("/health").status == 200)
        }
    }

    @Test func whatTheAuthoriserDeniesIs403() async throws {
        let authoriser = Authoriser(
            authenticate: { _ in Principal(name: "bob") }, permits: { _, permission in permission.action == .read })
        try await LiveServer.run(routes, authoriser: authoriser) { server in
            #expect(try await server.get("/who").text == "bob")
            let answer = try await server.post("/echo", json: [:])
            #expect(answer.status == 403)
            #expect(try answer.json["message"]?.stringValue?.contains("bob may not write things") == true)
        }
    }

    @Test func changesFromPagesOfOtherSitesAreRefused() async throws {
        try await LiveServer.run(routes) { server in
            for origin in ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", ""] {
                let answer = try await server.post("/echo", json: [:], headers: ["Origin": origin])
                #expect(answer.status == 403)
                #expect(try answer.json["error_code"] == "PERMISSION_DENIED")
            }
            #expect(try await server.post("/echo", json: [:], headers: ["Origin": server.url]).status == 200)
            #expect(try await server.get("/who", headers: ["Origin": "https://evil.example"]).status == 200)
        }
    }

    @Test(arguments: [
        ("localhost", 200), ("LOCALHOST:8080", 200), ("127.0.0.1", 200), ("127.1.2.3:80", 200), ("[::1]:8080", 200),
        ("evil.example", 403), ("evil.example:8080", 403), ("127.0.0.1.evil.example", 403), ("127.0.0", 403),
        ("localhost.evil.example", 403), ("10.0.0.1", 403), ("127.0.0.256", 403), ("[::2]", 403), ("", 403),
    ])
    func aServerWithoutATokenAnswersOnlyToThisMachinesNames(host: String, status: Int) async throws {
        let request = "GET /health HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
        try await LiveServer.run(routes) { server in
            let answer = try await server.raw(request)
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"))
        }
        try await LiveServer.run(routes, authoriser: .token("secret")) { server in
            let answer = try await server.raw(request)
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    // MARK: - Pages

    @Test func browsersGetPagesAndProgramsGetJSONForTheSameProblem() async throws {
        try await LiveServer.run(routes) { server in
            for path in ["/nothing/%3Cb%3E", "/unforeseen", "/things/a/b/c"] {
                let page = try await server.get(path, headers: ["Accept": "text/html,*/*"])
                #expect(page.header("Content-Type") == "text/html; charset=utf-8")
                #expect(page.text.contains("<!doctype html>"))
                #expect(page.text.contains(page.header("X-Request-Id") ?? "?"))
                #expect(page.status == (try await server.get(path).status))
                #expect(page.header("Content-Security-Policy") != nil)
                #expect(page.header("X-Content-Type-Options") == "nosniff")
            }
        }
    }

    @Test func pagesTrustNothingButThisServer() async throws {
        try await LiveServer.run(routes) { server in
            let page = try await server.get("/page")
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.contains("default-src 'self'"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(!page.text.contains("<script>"))
            #expect(page.text.contains("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"))
            #expect(page.text.contains("<title>&lt;script&gt;"))
            #expect(page.text.contains(">A &amp; B</a>"))
        }
    }

    @Test func assetsAreNamedByTheirContentAndKeptForEver() async throws {
        try await LiveServer.run(routes) { server in
            let page = try await server.get("/page").text
            let stylesheet = try #require(page.firstMatch(of: /href="(\/assets\/[0-9a-f]+\/martlet\.css)"/)).1
            let answer = try await server.get(String(stylesheet))
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "text/css; charset=utf-8")
            #expect(answer.header("Cache-Control")?.contains("immutable") == true)
            #expect(answer.text.contains(":root"))
            #expect(try await server.get("/assets/x/none.css").status == 404)
        }
    }

    @Test func aPortInUseIsSaidInPlainWords() async throws {
        try await LiveServer.run(routes) { server in
            let second = WebServer(
                host: "127.0.0.1", port: server.port, routes: Routes(), authoriser: .local,
                shell: PageShell(sections: [], version: "0"), clock: .system, logger: LiveServer.quiet)
            let error = try await #require(throws: WebError.self) { try await second.run() }
            #expect(error.message.contains("in use"))
            #expect(error.message.contains(String(server.port)))
        }
    }
}
