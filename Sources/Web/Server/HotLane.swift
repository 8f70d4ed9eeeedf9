import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import Wire

/// Answers hot routes on the event loop of their connection; all other requests go on to the framework behind it.
///
/// Answers come in the order of the requests. While a request of the framework is under way, hot ones follow it there; while
/// a hot one is, everything that comes, requests and events alike, waits for its answer, and no more is read.
final class HotLane: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Parts go to the framework. Next: `reading`.
        case passing
        /// The body of a hot request is coming. Next: `answering`, or `passing` when the connection ends.
        case reading(HTTPRequestHead, HotRoutes.Match, ByteBuffer)
        /// Next: `passing`.
        case answering
    }

    /// What came while a request was being answered.
    private enum Arrival {
        case part(HTTPServerRequestPart)
        case event(Any)
        case error(any Error)
    }

    private let routes: HotRoutes
    private let reception: Reception
    private let logger: Logger
    private var executor: EventLoopExecutor?
    private var state = State.passing
    /// Requests that the framework has not answered to the end.
    private var passed = 0
    private var waiting = CircularBuffer<Arrival>()
    /// More was asked for while something waited.
    private var isReadDue = false
    private var isTakingWaiting = false

    init(routes: HotRoutes, reception: Reception, logger: Logger) {
        self.routes = routes
        self.reception = reception
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        executor = EventLoopExecutor(context.eventLoop)
    }

    func channelInactive(context: ChannelHandlerContext) {
        waiting.removeAll()
        context.fireChannelInactive()
    }

    // MARK: What comes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        take(.part(unwrapInboundIn(data)), context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        take(.event(event), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        take(.error(error), context)
    }

    func read(context: ChannelHandlerContext) {
        if waiting.isEmpty || isReading { context.read() } else { isReadDue = true }
    }

    private func take(_ arrival: Arrival, _ context: ChannelHandlerContext) {
        // What belongs to the request being read comes before what waits for its answer.
        guard waiting.isEmpty || isReading, !mustWait(arrival, context) else { return waiting.append(arrival) }
        switch arrival {
        case .part(let part): take(part, context)
        case .event(let event): context.fireUserInboundEventTriggered(event)
        case .error(let error): take(error, context)
        }
    }

    private var isReading: Bool {
        if case .reading = state { true } else { false }
    }

    private func mustWait(_ arrival: Arrival, _ context: ChannelHandlerContext) -> Bool {
        switch (state, arrival) {
        case (.answering, _), (.reading, .event): true
        // A client that does not read its answers gets no more of them.
        case (.passing, .part(.head)): passed == 0 && !context.channel.isWritable
        default: false
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.passing, .head(let head)):
            let path = head.uri.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
            if passed == 0, let match = routes.match(head, path: Substring(path)) {
                state = .reading(head, match, ByteBuffer())
            } else {
                passed += 1
                context.fireChannelRead(wrapInboundOut(part))
            }
        case (.reading(let head, let match, var body), .body(var bytes)):
            // Nobody else may hold the buffer while it grows.
            state = .passing
            if body.readableBytes == 0 { body = bytes } else { body.writeBuffer(&bytes) }
            state = .reading(head, match, body)
        case (.reading(let head, let match, let body), .end): answer(head, match, body, context)
        default: context.fireChannelRead(wrapInboundOut(part))
        }
    }

    private func take(_ error: any Error, _ context: ChannelHandlerContext) {
        if case .reading(let head, let match, let body) = state, let damage = error as? HTTPParserError {
            answer(head, match, body, damage: damage, context)
        } else {
            context.fireErrorCaught(error)
        }
    }

    // MARK: Answers

    private func answer(
        _ head: HTTPRequestHead, _ match: HotRoutes.Match, _ body: ByteBuffer, damage: HTTPParserError? = nil,
        _ context: ChannelHandlerContext
    ) {
        state = .answering
        let end = head.uri.utf8.firstIndex(of: UInt8(ascii: "?")) ?? head.uri.endIndex
        let sent = SentRequest(
            head: HTTPRequest(head), path: String(head.uri[..<end]), query: String(head.uri[end...].dropFirst()),
            parameters: match.parameters, body: body)
        let place = NIOLoopBound((lane: self, context: context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        executor?.start { [reception, logger] in
            let reply = await reception.answerWhole(sent, by: match.route, damage: damage, logger)
            let body = await reply.wholeBody
            if eventLoop.inEventLoop {
                place.value.lane.write(reply, body, isLast: damage != nil, place.value.context)
            } else {
                eventLoop.execute { place.value.lane.write(reply, body, isLast: damage != nil, place.value.context) }
            }
        }
    }

    private func write(_ reply: Reply, _ body: ByteBuffer?, isLast: Bool, _ context: ChannelHandlerContext) {
        state = .passing
        guard context.channel.isActive, let body else { return context.close(promise: nil) }
        context.write(wrapOutboundOut(.head(HTTPResponseHead(reply, length: body.readableBytes))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if isLast { context.close(mode: .output, promise: nil) }
        takeWaiting(context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { passed -= 1 }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        if context.channel.isWritable { takeWaiting(context) }
    }

    /// Takes what waited, up to what has to wait again.
    private func takeWaiting(_ context: ChannelHandlerContext) {
        // An answer that is there at once comes back here: the loop below goes on with what follows it.
        guard !waiting.isEmpty, !isTakingWaiting else { return }
        isTakingWaiting = true
        defer { isTakingWaiting = false }
        while let next = waiting.first, !mustWait(next, context) {
            waiting.removeFirst()
            switch next {
            case .part(let part): take(part, context)
            case .event(let event): context.fireUserInboundEventTriggered(event)
            case .error(let error): take(error, context)
            }
        }
        context.fireChannelReadComplete()
        if waiting.isEmpty, isReadDue {
            isReadDue = false
            context.read()
        }
    }
}

extension Reply {
    /// The body in one piece; nil when a stream of it failed.
    fileprivate var wholeBody: ByteBuffer? {
        get async {
            switch body {
            case .none: return ByteBuffer()
            case .bytes(let bytes): return bytes
            case .written(let write):
                do {
                    var whole = ByteBuffer()
                    try await write { chunk in whole.writeImmutableBuffer(chunk) }
                    return whole
                } catch {
                    return nil
                }
            case .stream(_, let chunks):
                do {
                    var whole = ByteBuffer()
                    for try await var chunk in chunks { whole.writeBuffer(&chunk) }
                    return whole
                } catch {
                    return nil
                }
            }
        }
    }
}

extension HTTPResponseHead {
    fileprivate init(_ reply: Reply, length: Int) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(reply.headers.count + 1)
        for field in reply.headers { headers.add(name: field.name.rawName, value: field.value) }
        headers.replaceOrAdd(name: "Content-Length", value: String(length))
        self.init(version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status.code), headers: headers)
    }
}
