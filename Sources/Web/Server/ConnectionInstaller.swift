import NIOCore
import NIOHTTP1

/// Puts handlers where requests still are as HTTP/1 has them: behind the decoder. The framework only lets handlers be added
/// where its own form of requests has begun.
final class ConnectionInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let handlers: () -> [any ChannelHandler]

    /// - Parameter handlers: of one connection, the one nearest to it first.
    init(_ handlers: @escaping () -> [any ChannelHandler]) {
        self.handlers = handlers
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandlers(handlers(), position: .after(decoder))
        } catch {
            // Nobody may come in without them.
            context.close(promise: nil)
        }
    }
}
