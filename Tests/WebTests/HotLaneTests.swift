import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing
import Web
import Wire

/// Requests that are answered before the framework: alike in everything that a client sees.
@Suite(.timeLimit(.minutes(1))) struct HotLaneTests {
    /// The same handlers, once before the framework and once behind it.
    private static let twins: Routes = {
        var routes = Routes()
        let handlers: [(String, Route.Handler)] = [
            (
                "/echo/{name}",
                { call in .json(["name": .string(try call.path("name")), "sent": try await call.json()]) }
            ),
            ("/query", { call in .json(.object(try call.queryFields().members)) }),
            ("/length", { call in .text(String(try await call.body().readableBytes)) }),
            ("/who", { call in .text("\(call.principal.name) at \(call.origin)\(call.rawPath)") }),
            ("/fail", { _ in throw Unforeseen() }),
            (
                "/busy",
                { _ in throw WebError(.unavailable, "Busy.", hint: "Later.", retryAfterSeconds: 7) }
            ),
            ("/page", { _ in .html("<p>Hello</p>") }),
            ("/headers", { _ in Reply.empty.adding(.eTag, "\"a\"") }),
        ]
        for (path, handler) in handlers {
            routes.hot("/hot\(path)", .write("things"), handler)
            routes.post("/old\(path)", .write("things"), handler)
        }
        routes.open("/plain/{name}") { call in .text(try call.path("name")) }
        return routes
    }()

    private struct Unforeseen: Error {}

    private static func post(_ path: String, _ body: String = "{}", headers: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\(headers)"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static let end = "GET /plain/end HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    @Test(
        arguments: [
            post("/hot/echo/a%20b", #"{"b":[1,2.5]}"#), post("/hot/echo/%ff"), post("/hot/echo/a", "{"),
            post("/hot/echo/a?x=1"), post("/hot/echo/"), post("/hot/echo/a/b"), post("/hot//echo/a"),
            post("/hot/echo/a/"), post("/hot/query?a=1&b=x+y&a=2"), post("/hot/query?a=%ff"), post("/hot/query?"),
            post("/hot/length", String(repeating: "x", count: 64 << 10)),
            post("/hot/length", String(repeating: "x", count: (64 << 10) + 1)), post("/hot/length", ""),
            post("/hot/who"), post("/hot/who", headers: "X-Forwarded-Proto: https\r\n"),
            post("/hot/who", headers: "Origin: http://evil.example\r\n"), post("/hot/fail"), post("/hot/busy"),
            post("/hot/page"), post("/hot/headers"),
            "POST /hot/who HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n",
            "POST /hot/echo/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
            "POST /hot/length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "PUT /hot/who HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
            "POST /hot/who HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ])
    func answersAsTheFrameworkDoes(request: String) async throws {
        try await LiveServer.run(Self.twins) { server in
            let hot = try await server.raw(request + Self.end)
            let old = try await server.raw(request.replacing("/hot", with: "/old") + Self.end)
            #expect(Self.comparable(hot) == Self.comparable(old.replacing("/old", with: "/hot")))
            #expect(hot.hasSuffix("end"))
        }
    }

    @Test(
        arguments: [
            "POST /hot/length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc",
            "POST /hot/length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
            "POST /hot/length HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", post("/hot/length", "abc"),
        ])
    func endsConnectionsAsTheFrameworkDoes(request: String) async throws {
        try await LiveServer.run(Self.twins) { server in
            var answers: [[String]] = []
            for way in ["/hot", "/old"] {
                answers.append(
                    Self.comparable(
                        try await RawConnection.open(to: server) { connection in
                            try await connection.sender.send(request.replacing("/hot", with: way))
                            connection.sender.finish()
                            return await connection.rest()
                        }))
            }
            #expect(answers[0] == answers[1])
        }
    }

    /// Without what differs from request to request; headers in the order of the alphabet, for theirs means nothing.
    private static func comparable(_ answers: String) -> [String] {
        // The framework leaves out zeros at the start of its ids.
        answers.replacing(/[0-9a-f]{20,32}/, with: "ID").split(separator: "\r\n", omittingEmptySubsequences: false)
            .map(String.init).filter { !$0.hasPrefix("Date: ") && !$0.hasPrefix("X-Request-Id: ") }
            .split(separator: "").flatMap { $0.sorted { $0.lowercased() < $1.lowercased() } }
            .map { $0.lowercased() }
    }

    @Test func answersNameTheirMomentAndTheirRequest() async throws {
        try await LiveServer.run(Self.twins, clock: WallClock { Timestamp(milliseconds: 784_111_777_000) }) { server in
            let answer = try await server.raw(Self.post("/hot/who") + Self.end)
            #expect(answer.contains("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"))
            #expect(answer.contains(/X-Request-Id: [0-9a-f]+\r\n/))
        }
    }

    @Test func wantsTheToken() async throws {
        try await LiveServer.run(Self.twins, authoriser: .token("secret", clock: .system)) { server in
            let bare = try await server.raw(Self.post("/hot/who") + Self.end)
            #expect(bare.hasPrefix("HTTP/1.1 401 "))
            #expect(bare.lowercased().contains("www-authenticate: basic"))
            let known = try await server.raw(
                Self.post("/hot/who", headers: "Authorization: Bearer secret\r\n") + Self.end)
            #expect(known.hasPrefix("HTTP/1.1 200 "))
            #expect(known.contains("\r\n\r\ntoken at "))
        }
    }

    @Test func answersComeInTheOrderOfTheRequests() async throws {
        try await LiveServer.run(Self.twins) { server in
            var requests = ""
            for index in 0..<300 {
                requests +=
                    index % 7 < 4
                    ? Self.post("/hot/echo/\(index)")
                    : "GET /plain/%7B%22name%22:%22\(index) HTTP/1.1\r\nHost: localhost\r\n\r\n"
            }
            let answers = try await server.raw(requests + Self.end)
            #expect(answers.matches(of: /"name":"(\d+)/).compactMap { Int($0.1) } == Array(0..<300))
        }
    }

    @Test func whatComesDuringAnAnswerWaitsForIt() async throws {
        let gate = Gate()
        var routes = Self.twins
        routes.hot("/gate", .write("things")) { _ in
            await gate.pass()
            return .text("slow")
        }
        try await LiveServer.run(routes) { server in
            try await RawConnection.open(to: server) { connection in
                try await connection.sender.send(Self.post("/gate") + Self.post("/hot/echo/after") + Self.end)
                // The client has said all it has to say, and still gets its answers.
                connection.sender.finish()
                await gate.reached()
                gate.open()
                let answers = await connection.rest()
                let order = answers.matches(of: /slow|after|end/).map { $0.0 }
                #expect(order == ["slow", "after", "end"])
            }
        }
    }

    /// The server lets go of what listens first, and of a connection when its request is answered.
    @Test func aServerThatEndsAnswersWhatItHasBegun() async throws {
        let gate = Gate()
        var routes = Self.twins
        routes.hot("/gate", .write("things")) { _ in
            await gate.pass()
            return .text("slow")
        }
        let answer = try await LiveServer.run(routes) { server in
            let answer = Task {
                try await RawConnection.open(to: server) { connection in
                    try await connection.sender.send(Self.post("/gate"))
                    return await connection.rest()
                }
            }
            await gate.reached()
            Task {
                while (try? await server.get("/plain/a")) != nil {}
                gate.open()
            }
            return answer
        }
        #expect(try await answer.value.hasSuffix("\r\n\r\nslow"))
    }

    @Test func aServerThatEndsWaitsForABodyThatIsComing() async throws {
        let answer = try await LiveServer.run(Self.twins) { server in
            let hasBegun = AsyncStream.makeStream(of: Void.self)
            let answer = Task {
                try await RawConnection.open(to: server) { connection in
                    // The answer to the first request says that the head of the second has come.
                    try await connection.sender.send(
                        Self.post("/hot/who")
                            + "POST /hot/length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc")
                    _ = try await connection.answer(containing: "local at")
                    hasBegun.continuation.finish()
                    while (try? await server.get("/plain/a")) != nil {}
                    try await connection.sender.send("def")
                    return await connection.rest()
                }
            }
            for await _ in hasBegun.stream {}
            return answer
        }
        #expect(try await answer.value.hasSuffix("\r\n\r\n6"))
    }

    @Test func aClientThatHangsUpHarmsNobody() async throws {
        let gate = Gate()
        var routes = Self.twins
        routes.hot("/gate", .write("things")) { _ in
            await gate.pass()
            return .text("slow")
        }
        try await LiveServer.run(routes) { server in
            try await RawConnection.open(to: server) { connection in
                try await connection.sender.send(Self.post("/gate"))
                await gate.reached()
                try await connection.cut()
            }
            gate.open()
            #expect(try await server.get("/plain/a").status == 200)
        }
    }
}

/// Holds a handler until a test lets it go.
private final class Gate: Sendable {
    private let arrivals = AsyncStream.makeStream(of: Void.self)
    private let opened = AsyncStream.makeStream(of: Void.self)

    func pass() async {
        arrivals.continuation.yield()
        for await _ in opened.stream {}
    }

    func reached() async {
        for await _ in arrivals.stream { break }
    }

    func open() { opened.continuation.finish() }
}
