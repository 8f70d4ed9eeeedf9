import NIOCore
import NIOPosix
import Wire

/// The socket to a worker: one call at a time, each with a deadline.
struct WorkerConnection: Sendable {
    private let channel: any Channel

    /// Takes over a connected socket.
    static func adopt(socket: CInt, group: any EventLoopGroup, maximumFrameBytes: Int) async throws -> WorkerConnection
    {
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(WorkerFrameDecoder(maximumBytes: maximumFrameBytes)),
                        WorkerCallHandler(),
                    ])
                }
            }
            .withConnectedSocket(socket).get()
        return WorkerConnection(channel: channel)
    }

    /// Sends a frame and waits for the one that answers it. When the deadline passes the connection is closed: what
    /// does not answer hangs, and its process has to go.
    /// - Throws: `RuntimeError` with 503 when the worker is gone, 504 when it hangs.
    func call(_ frame: WorkerFrame, deadline: Duration) async throws -> WorkerAnswer {
        let answer = channel.eventLoop.makePromise(of: WorkerFrame.self)
        let call = WorkerCall(frame: frame.bytes, deadline: deadline, answer: answer)
        channel.writeAndFlush(call).cascadeFailure(to: answer)
        do {
            return try WorkerAnswer(try await answer.futureResult.get())
        } catch let error as RuntimeError {
            throw error
        } catch {
            // A closed channel, or what the socket says when the process is gone.
            throw RuntimeError.workerGone
        }
    }

    func close() async {
        try? await channel.close().get()
    }

    /// Returns when either side has closed it.
    func waitUntilClosed() async {
        try? await channel.closeFuture.get()
    }
}

/// A frame on its way and who waits for the answer.
private struct WorkerCall: Sendable {
    let frame: ByteBuffer
    let deadline: Duration
    let answer: EventLoopPromise<WorkerFrame>
}

/// Matches answers with calls. At most one call is under way.
private final class WorkerCallHandler: ChannelDuplexHandler {
    typealias InboundIn = WorkerFrame
    typealias OutboundIn = WorkerCall
    typealias OutboundOut = ByteBuffer

    private var current: WorkerCall?
    private var timer: Scheduled<Void>?

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let call = unwrapOutboundIn(data)
        guard current == nil else {
            promise?.fail(RuntimeError(.internalError, "A worker was called while it was busy."))
            return
        }
        current = call
        let loopBound = context.loopBound
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(call.deadline)) {
            self.fail(
                RuntimeError(.deadlineExceeded, "The model did not answer within \(call.deadline) and was ended."))
            loopBound.value.close(promise: nil)
        }
        context.write(wrapOutboundOut(call.frame), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let call = current
        settle()
        call?.answer.succeed(unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.workerGone)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error as? RuntimeError ?? .workerGone)
        context.close(promise: nil)
    }

    private func fail(_ error: RuntimeError) {
        let call = current
        settle()
        call?.answer.fail(error)
    }

    private func settle() {
        timer?.cancel()
        timer = nil
        current = nil
    }
}

extension RuntimeError {
    fileprivate static let workerGone = RuntimeError(
        .unavailable, "The process that runs the model ended while it was predicting.", retryAfterSeconds: 1)
}
