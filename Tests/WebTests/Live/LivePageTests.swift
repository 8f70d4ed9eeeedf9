import Synchronization
import TestSupport
import Testing
import Web
import Wire

/// Pages that tell their readers what is new, over a real connection.
struct LivePageTests {
    /// What a page shows, changed by tests.
    private final class Board: Sendable {
        private let words = Mutex("first")
        private let isThere = Atomic(true)
        private let drawings = Atomic(0)

        func write(_ new: String) { words.withLock { $0 = new } }
        func takeDown() { isThere.store(false, ordering: .relaxed) }
        var drawn: Int { drawings.load(ordering: .relaxed) }

        func routes(isLive: Bool = true) -> Routes {
            var routes = Routes()
            routes.page("/board", .read("pages")) { call in
                self.drawings.add(1, ordering: .relaxed)
                guard self.isThere.load(ordering: .relaxed) else {
                    throw WebError(.doesNotExist, "The <board> is gone.", hint: "Make another.")
                }
                let words = self.words.withLock(\.self)
                return Page(
                    title: "Board", isLive: isLive,
                    body: "<p>\(words)</p>\n<p>\(HTML.time(Timestamp(milliseconds: 0), now: call.time))</p>")
            }
            return routes
        }
    }

    private static var limits: ServerLimits {
        var limits = ServerLimits()
        limits.livePause = .milliseconds(1)
        limits.livePages = 2
        return limits
    }

    @Test func tellsWhatIsNewAndNothingElse() async throws {
        let board = Board()
        // A clock that goes on by an hour each time it is read: ages grow, and that is no news.
        let hours = Mutex(0)
        let clock = WallClock {
            Timestamp(
                milliseconds: Int64(
                    hours.withLock {
                        $0 += 1; return $0
                    }) * 3_600_000)
        }
        try await LiveServer.run(board.routes(), clock: clock, limits: Self.limits) { server in
            let page = try await server.get("/board")
            #expect(page.text.contains("<main id=\"main\" data-live=\""))
            #expect(page.text.contains("/live.js\""))
            let stream = try await server.events("/board")
            #expect(stream.status == 200 && stream.type == "text/event-stream")
            var events = stream.events.makeAsyncIterator()
            let first = try #require(try await events.next())
            #expect(first.name == "page" && first.data.contains("<h1>") && first.data.contains("<p>first</p>"))
            // Nothing but what stands in the page's own part.
            #expect(page.text.contains(first.data.prefix { $0 != "\n" }) && !first.data.contains("<main"))
            for _ in 0..<3 { #expect(try await events.next() == .comment) }
            board.write("second")
            var next = try await events.next()
            while next == .comment { next = try await events.next() }
            #expect(next?.name == "page" && next?.data.contains("<p>second</p>") == true && next?.id != first.id)
        }
    }

    @Test func aReaderWhoComesBackIsToldOnlyWhatWasMissed() async throws {
        let board = Board()
        try await LiveServer.run(board.routes(), limits: Self.limits) { server in
            var events = try await server.events("/board").events.makeAsyncIterator()
            let seen = try #require(try await events.next()).id
            var again = try await server.events("/board", lastID: seen).events.makeAsyncIterator()
            #expect(try await again.next() == .comment)
        }
    }

    @Test func aReaderWhoHasThePageIsNotSentItAgain() async throws {
        let board = Board()
        try await LiveServer.run(board.routes(), limits: Self.limits) { server in
            let page = try await server.get("/board").text
            let digest = try #require(page.firstMatch(of: /data-live="([0-9a-f]+)"/)?.1)
            var events = try await server.events("/board?live=\(digest)").events.makeAsyncIterator()
            #expect(try await events.next() == .comment)
            board.write("second")
            var next = try await events.next()
            while next == .comment { next = try await events.next() }
            #expect(next?.data.contains("<p>second</p>") == true)
            // What it has by now tells more than the address from which it began.
            var again = try await server.events("/board?live=\(digest)", lastID: next?.id ?? "").events
                .makeAsyncIterator()
            #expect(try await again.next() == .comment)
        }
    }

    @Test func saysWhenWhatItShowsIsGone() async throws {
        let board = Board()
        try await LiveServer.run(board.routes(), limits: Self.limits) { server in
            var events = try await server.events("/board").events.makeAsyncIterator()
            #expect(try await events.next()?.name == "page")
            board.takeDown()
            var last = try await events.next()
            while last == .comment { last = try await events.next() }
            #expect(last?.name == "gone")
            #expect(last?.data.contains("The &lt;board&gt; is gone.") == true)
            #expect(last?.data.contains("Make another.") == true)
            #expect(try await events.next() == nil)
            // Who asks for it anew is answered as anybody is.
            #expect(try await server.events("/board").status == 404)
        }
    }

    @Test func aPageThatDoesNotChangeHasNoStream() async throws {
        try await LiveServer.run(Board().routes(isLive: false)) { server in
            let stream = try await server.events("/board")
            #expect(stream.status == 204)
            #expect(try await server.get("/board").text.contains("data-live") == false)
        }
    }

    @Test func soManyAndNoMore() async throws {
        try await LiveServer.run(Board().routes(), limits: Self.limits) { server in
            let one = try await server.events("/board")
            let two = try await server.events("/board")
            #expect(try await server.events("/board").status == 503)
            #expect(try await server.get("/board").status == 200)
            withExtendedLifetime((one, two)) {}
        }
    }

    /// Both ways to end: the reader leaves, and the server stops (which it does at the end of `run`, with a stream open).
    @Test func aReaderWhoLeavesGivesBackTheSeat() async throws {
        try await LiveServer.run(Board().routes(), limits: Self.limits) { server in
            for _ in 0..<8 {
                while true {
                    let stream = try await server.events("/board")
                    if stream.status == 503 { continue }
                    var events = stream.events.makeAsyncIterator()
                    #expect(try await events.next()?.name == "page")
                    break
                }
            }
        }
    }

    @Test func whoMayNotReadThePageGetsNoStream() async throws {
        try await LiveServer.run(Board().routes(), authoriser: .token("secret", clock: .system)) { server in
            let stream = try await server.events("/board")
            #expect(stream.status == 401)
        }
    }
}
