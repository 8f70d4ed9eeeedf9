import HTTPTypes
import NIOCore
import ServiceLifecycle
import Wire

/// A page that tells its readers when it has changed: asked with `Accept: text/event-stream` at its own address, the server
/// draws it again every few seconds, as long as somebody looks, and sends what is new (server-sent events, WHATWG HTML, section
/// 9.2). The page's `live.js` puts it in place.
///
/// A reader says by `live=DIGEST` in the address which drawing it has; one that comes back says it by `Last-Event-ID`.
///
///     event: page                 what `<main>` holds, when it is not what was sent last
///     event: gone                 what the page was about is not there any more, or not for this reader: a notice
///     :                           nothing is new
struct LivePage: AsyncSequence, Sendable {
    private let call: Call
    private let draw: @Sendable (Call) async throws -> Page
    private let first: Page
    /// Held as long as anybody reads.
    private let seat: PageReaders.Seat

    /// What the stream's reader asked for, or the page itself.
    static func reply(
        to call: Call, draw: @escaping @Sendable (Call) async throws -> Page
    ) async throws -> Reply {
        let page = try await draw(call)
        guard call.headers[.accept]?.hasPrefix("text/event-stream") == true else { return call.shell.reply(with: page) }
        // 204 tells the browser not to ask again.
        guard page.isLive else { return Reply(status: .noContent) }
        let live = LivePage(call: call, draw: draw, first: page, seat: try call.readers.takeSeat())
        return Reply(
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: .stream(length: nil, live.cancelOnGracefulShutdown()))
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(live: self, next: .page(first), last: call.headers[.lastEventID] ?? call.query("live") ?? "")
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate enum Next {
            case page(Page)
            /// Once this long has gone by.
            case drawing(after: Duration)
            case end
        }

        fileprivate let live: LivePage
        fileprivate var next: Next
        /// What the reader has; one who lost the stream and comes back says it.
        fileprivate var last: String

        mutating func next() async throws -> ByteBuffer? {
            switch next {
            case .page(let page): return tell(page, drawnIn: .zero)
            case .drawing(let pause):
                try await Task.sleep(for: pause)
                let began = ContinuousClock.now
                do {
                    try await live.call.authorise()
                    let page = try await live.draw(live.call.again())
                    return tell(page, drawnIn: ContinuousClock.now - began)
                } catch let problem as any Problem where problem.code.status < 500 {
                    next = .end
                    return LivePage.event("gone", id: "", LivePage.notice(of: problem))
                }
            case .end: return nil
            }
        }

        private mutating func tell(_ page: Page, drawnIn time: Duration) -> ByteBuffer {
            // What takes long to draw is drawn less often, so that it takes no more than a tenth of the time.
            next = .drawing(after: Swift.max(live.call.readers.pause, time * 10))
            let content = live.call.shell.content(of: page)
            let digest = content.digestWithoutAges
            guard digest != last else { return ByteBuffer(string: ":\n\n") }
            last = digest
            return LivePage.event("page", id: digest, content)
        }
    }

    private static func notice(of problem: any Problem) -> HTML {
        let hint = problem.hint.map { "<p>\($0)</p>" as HTML }
        return .notice(.warning, "<p dir=\"auto\">\(problem.message)</p>\(hint)")
    }

    private static func event(_ name: String, id: String, _ content: HTML) -> ByteBuffer {
        let lines = content.text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { "data: \($0)\n" }
        return ByteBuffer(string: "event: \(name)\nid: \(id)\n\(lines.joined())\n")
    }
}

extension HTML {
    /// Tells two drawings of a page apart, unless only the ages have grown.
    var digestWithoutAges: String {
        // Ages stand between `<time …>` and `</time>`, and in `data-age` within the tag. FNV-1a, 64 bits: the reader is told
        // what is new by it, not what is true.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var isInside = false
        for piece in text.utf8.split(separator: UInt8(ascii: "<"), omittingEmptySubsequences: false) {
            isInside = piece.starts(with: "time ".utf8)
            let kept = isInside ? piece.prefix(while: { $0 != UInt8(ascii: "\"") }) : piece
            let moment =
                isInside ? piece.dropFirst(kept.count + 1).prefix { $0 != UInt8(ascii: "\"") } : piece.prefix(0)
            for byte in [kept, moment].joined() { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0x3c) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }
}

extension HTTPField.Name {
    /// What a browser that lost its stream was sent last.
    static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .from
}
