import NIOCore
import NIOHTTP1
import NIOPosix

/// A channel handler behind NIO's HTTP/1 decoder.
enum BareNIO {
    static func serve(port: Int, booster: Booster) throws {
        let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(Handler(booster: booster))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: port).wait()
        try channel.closeFuture.wait()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let booster: Booster
        private var body = ByteBuffer()

        init(booster: Booster) {
            self.booster = booster
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head: body.clear()
            case .body(var bytes): body.writeBuffer(&bytes)
            case .end:
                let answer =
                    body.readableBytes > 0 ? Invocation.answer(body, booster) : ByteBuffer(string: "{}")
                let headers: HTTPHeaders = [
                    "Content-Type": "application/json", "Content-Length": "\(answer.readableBytes)",
                ]
                let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(answer))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
