import NIOHTTP1
import Synchronization
import TestSupport
import Testing
import Web
import Wire

/// Browsers that sign in on a page, and what becomes of it when the token ends.
@Suite struct SessionTests {
    private static let day: Int64 = 86_400_000

    private static func request(
        _ method: String, _ path: String, port: Int, body: String = "", headers: String = ""
    ) -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\nAccept: text/html\r\n\(headers)"
            + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// The cookie that signing in gives, as it is sent back.
    private static func signIn(_ fields: String, at server: LiveServer) async throws -> (
        answer: String, cookie: String?
    ) {
        let answer = try await server.raw(request("POST", "/sign-in", port: server.port, body: fields))
        let cookie = answer.firstMatch(of: /(?i:set-cookie): ([^;\r]*);[^\r]*HttpOnly; SameSite=Lax/)?.1
        return (answer, cookie.map(String.init))
    }

    private static func who(_ cookie: String?, at server: LiveServer) async throws -> LiveServer.Answer {
        try await server.get("/who", headers: cookie.map { ["Cookie": "a=b; \($0); c=d"] } ?? [:])
    }

    @Test func aBrowserThatShowsTheTokenIsKnownFromThenOn() async throws {
        let cookie = try await LiveServer.run(.probe, authoriser: .token("s3cret", clock: .system)) { server in
            let (answer, cookie) = try await Self.signIn(
                "name=Ada+%F0%9F%90%A6&token=s3cret&from=%2Fpage%3Fx%3D1", at: server)
            #expect(answer.hasPrefix("HTTP/1.1 303") && answer.contains(/(?i:location): \/page\?x=1\r\n/), "\(answer)")
            #expect(!answer.contains("s3cret"))
            #expect(try await Self.who(cookie, at: server).text == "Ada 🐦")
            let name = try #require(cookie?.split(separator: "=").first)
            #expect(name == "martlet-session-\(server.port)")
            let seal = try #require(cookie?.dropFirst(name.count + 1))
            // Who changes a letter of it is nobody.
            let parts = seal.split(separator: ".")
            for forged in [
                "\(parts[0])0.\(parts[1]).\(parts[2])", "\(parts[0]).426f62.\(parts[2])", "\(parts[0]).\(parts[1]).00",
                "..", "\(parts[0]).\(parts[1])", "\(parts[0]).zz.\(parts[2])",
            ] {
                #expect(try await Self.who("\(name)=\(forged)", at: server).status == 401, "\(forged)")
            }
            // That of a server at another port of this machine.
            #expect(try await Self.who("martlet-session-1=\(seal)", at: server).status == 401)
            let out = try await server.raw(Self.request("POST", "/sign-out", port: server.port))
            #expect(out.contains("martlet-session-\(server.port)=; Path=/; Max-Age=0"), "\(out)")
            return String(seal)
        }
        // Another token ends what the former one began.
        try await LiveServer.run(.probe, authoriser: .token("another", clock: .system)) { server in
            let answer = try await Self.who("martlet-session-\(server.port)=\(cookie)", at: server)
            #expect(answer.status == 401)
        }
    }

    @Test func aWrongTokenIsSaidSo() async throws {
        try await LiveServer.run(.probe, authoriser: .token("s3cret", clock: .system)) { server in
            for fields in ["token=S3cret&from=%2Fpage", "name=ada", ""] {
                let (answer, cookie) = try await Self.signIn(fields, at: server)
                #expect(
                    answer.hasPrefix("HTTP/1.1 401") && answer.contains("not the token") && cookie == nil, "\(answer)")
            }
        }
    }

    @Test(arguments: ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a%0d%0aX: y", ""])
    func signingInLeadsNowhereElse(from: String) async throws {
        try await LiveServer.run(.probe, authoriser: .token("s3cret", clock: .system)) { server in
            let (answer, _) = try await Self.signIn("token=s3cret&from=\(from)", at: server)
            let isFirstPage = answer.contains(/(?i:location): \/\r\n/)
            #expect(isFirstPage, "\(answer)")
        }
    }

    @Test func whoIsNotKnownIsAskedAndComesBackToWhatTheyWanted() async throws {
        try await LiveServer.run(.probe, authoriser: .token("s3cret", clock: .system)) { server in
            let browser = "User-Agent: Mozilla/5.0\r\n"
            let page = try await server.raw(Self.request("GET", "/page?a=1&b=2", port: server.port, headers: browser))
            #expect(page.hasPrefix("HTTP/1.1 401"))
            #expect(page.contains("name=\"from\" value=\"/page?a=1&amp;b=2\""), "\(page)")
            // A window of the browser's own would come in front of pages whose scripts ask.
            #expect(page.contains(/(?i:www-authenticate): Bearer/) && !page.contains("Basic"))
            #expect(!page.contains("Nothing was changed"))
            let other = try await server.raw(Self.request("GET", "/page", port: server.port))
            #expect(other.contains(/(?i:www-authenticate): Basic/))
            let referrer = "Referer: http://127.0.0.1:\(server.port)/scripted\r\n"
            let form = try await server.raw(
                Self.request("POST", "/form?x=1", port: server.port, body: "a=1", headers: browser + referrer))
            #expect(
                form.contains("Nothing was changed by <code>POST /form</code>") && form.contains("target=\"_blank\""))
            #expect(form.contains("name=\"from\" value=\"/scripted\""))
        }
    }

    @Test func aSessionEndsAlsoForAPageThatIsOpen() async throws {
        let days = Mutex(Int64(0))
        let clock = WallClock { Timestamp(milliseconds: 1_800_000_000_000 + days.withLock { $0 } * Self.day) }
        var limits = ServerLimits()
        limits.livePause = .milliseconds(1)
        var routes = Routes.probe
        routes.page("/board", .read("things")) { _ in Page(title: "Board", isLive: true, body: "") }
        try await LiveServer.run(
            routes, authoriser: .token("s3cret", clock: clock), clock: clock, limits: limits
        ) { server in
            let cookie = try #require(try await Self.signIn("token=s3cret", at: server).cookie)
            var events = try await server.events("/board", cookie: cookie).events.makeAsyncIterator()
            #expect(try await events.next()?.name == "page")
            days.withLock { $0 = 29 }
            #expect(try await Self.who(cookie, at: server).status == 200)
            #expect(try await events.next() == .comment)
            days.withLock { $0 = 31 }
            #expect(try await Self.who(cookie, at: server).status == 401)
            var last = try await events.next()
            while last == .comment { last = try await events.next() }
            #expect(last?.name == "gone")
            #expect(try await events.next() == nil)
        }
    }

    @Test func aServerWithoutATokenHasNothingToSignInTo() async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.get("/sign-in")
            #expect(answer.status == 404)
        }
    }
}
