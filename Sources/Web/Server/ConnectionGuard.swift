import HTTPTypes
import NIOCore
import NIOHTTP1
import Synchronization
import Wire

/// Stands between a connection and the routes: answers in words what is no HTTP, keeps to the protocol where it protects
/// from mistaking one request for another, and closes connections that only cost.
///
/// Requests are counted from their head to the end of their answer. Whoever is refused gets one answer, and what it still
/// sends is thrown away.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: ServerLimits
    private let census: Census
    private var patience: Patience
    private var looks: RepeatedTask?
    /// The last answer has been given. What still comes is taken and thrown away, so that the client gets to read it.
    private var isDraining = false
    /// The request being read, or answered, is the last on this connection.
    private var isLast = false

    /// How many connections there are.
    final class Census: Sendable {
        private let count = Mutex(0)

        func enter() -> Int {
            count.withLock {
                $0 += 1; return $0
            }
        }
        func leave() { count.withLock { $0 -= 1 } }
    }

    init(limits: ServerLimits, census: Census) {
        self.limits = limits
        self.census = census
        patience = Patience(limits: limits, now: .now())
    }

    // MARK: The connection

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        let isTooMany = census.enter() > limits.connections
        let period = min(limits.patience, limits.silence)
        let box = NIOLoopBound((guard: self, context: context), eventLoop: context.eventLoop)
        looks = context.eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
            let (connectionGuard, context) = box.value
            connectionGuard.look(context)
        }
        if isTooMany { refuse(context, .tooManyConnections(limits.connections)) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if looks != nil { census.leave() }
        looks?.cancel()
        looks = nil
        context.fireChannelInactive()
    }

    private func look(_ context: ChannelHandlerContext) {
        if patience.look(at: .now()) != .fine || isDraining { context.close(promise: nil) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        patience.writable(context.channel.isWritable, at: .now())
        context.fireChannelWritabilityChanged()
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is StreamBegins else { return context.triggerUserOutboundEvent(event, promise: promise) }
        patience.streams()
        promise?.succeed()
    }

    // MARK: Requests

    func read(context: ChannelHandlerContext) {
        patience.asked(at: .now())
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDraining else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let bytes):
            patience.got(bytes.readableBytes, at: .now())
            context.fireChannelRead(data)
        case .end:
            patience.gotEnd(at: .now())
            context.fireChannelRead(data)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var head = head
        if let refusal = Refusal(head) {
            // Its answer would come before those that are under way.
            guard patience.requestsInProgress == 0 else { return context.close(promise: nil) }
            return refuse(context, refusal)
        }
        patience.gotHead(at: .now())
        if !head.isKeepAlive {
            isLast = true
            head.headers.replaceOrAdd(name: "Connection", value: "close")
        }
        let waitsForPermission = head.headers["Expect"].contains { $0.lowercased() == "100-continue" }
        if waitsForPermission, patience.requestsInProgress == 1 {
            let permission = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(permission)), promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, error != .invalidEOFState else {
            return context.fireErrorCaught(error)
        }
        if isDraining { return }
        if patience.requestsInProgress > 0 {
            // Whoever reads the body answers it.
            isLast = true
            context.fireErrorCaught(error)
        } else if patience.isReceiving {
            // It was answered before it had come, and there is no second answer.
            context.close(promise: nil)
        } else {
            refuse(context, Refusal(error))
        }
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // What others write to somebody who was refused has nobody to read it.
        guard !isDraining else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where isLast && patience.requestsInProgress == 1:
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .head, .body: context.write(data, promise: promise)
        case .end:
            patience.answered(at: .now())
            context.write(data, promise: promise)
            if isLast, patience.requestsInProgress == 0, patience.isReceiving { drain(context) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if isDraining { context.read() }
    }

    private func drain(_ context: ChannelHandlerContext) {
        isDraining = true
        context.read()
    }

    /// Answers once, and hangs up when the client has, or has had the time to read it.
    private func refuse(_ context: ChannelHandlerContext, _ refusal: Refusal) {
        defer { drain(context) }
        context.write(wrapOutboundOut(.head(refusal.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(refusal.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(mode: .output, promise: nil)
    }
}

/// Sent down a connection when its request turns out to be a stream.
struct StreamBegins: Sendable {}
