import NIOCore
import NIOPosix
import Synchronization
import Wire

/// How long a worker is waited for.
struct Patience: Sendable, Hashable {
    /// After so long the request is answered without the worker.
    let answer: Duration
    /// After so long the worker is taken to hang. Not less than `answer`: who is late is not ended for it.
    let hanging: Duration

    /// - Parameters:
    ///   - deadline: when the request wants its answer; nil when it does not say.
    ///   - longest: how long one prediction may take.
    ///   - overtime: how much longer than the request waits a worker may take at least.
    init(until deadline: ContinuousClock.Instant? = nil, longest: Duration, overtime: Duration) {
        let left = deadline.map { max(Duration.zero, ContinuousClock.now.duration(to: $0)) } ?? longest
        guard left < longest else {
            answer = longest
            hanging = longest
            return
        }
        answer = left
        hanging = min(longest, left + max(left, overtime))
    }
}

/// A worker's process is gone, and with it what it was asked.
struct WorkerLost: Error {}

/// The socket to a worker: one call at a time.
struct WorkerConnection: Sendable {
    private let channel: any Channel
    private let hang: Hang

    /// Takes over a connected socket.
    static func adopt(socket: CInt, group: any EventLoopGroup, maximumFrameBytes: Int) async throws -> WorkerConnection
    {
        let hang = Hang()
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(WorkerFrameDecoder(maximumBytes: maximumFrameBytes)),
                        WorkerCallHandler(hang),
                    ])
                }
            }
            .withConnectedSocket(socket).get()
        return WorkerConnection(channel: channel, hang: hang)
    }

    /// Sends a frame and waits for the one that answers it. A worker that hangs is cut off: the connection is closed, and
    /// its process has to go.
    /// - Parameter whenFree: called on an event loop once the worker can be called again, which is before this returns
    ///   unless the answer comes too late. Never called when the worker is lost.
    /// - Throws: `WorkerLost` when the worker is gone, `RuntimeError` with 504 when it does not answer in time.
    func call(
        _ frame: WorkerFrame, patience: Patience, whenFree: @escaping @Sendable (WorkerFrame) -> Void = { _ in }
    ) async throws -> WorkerAnswer {
        let answer = channel.eventLoop.makePromise(of: WorkerFrame.self)
        let call = WorkerCall(frame: frame.bytes, patience: patience, answer: answer, whenFree: whenFree)
        channel.writeAndFlush(call).cascadeFailure(to: answer)
        do {
            return try WorkerAnswer(try await answer.futureResult.get())
        } catch let error as RuntimeError {
            throw error
        } catch {
            // A closed channel, or what the socket says when the process is gone.
            throw WorkerLost()
        }
    }

    /// Whether it was closed because the worker did not answer.
    var isHanging: Bool { hang.isNoticed.load(ordering: .relaxed) }

    func close() async {
        try? await channel.close().get()
    }

    /// Lets it close without waiting.
    func beginClosing() {
        channel.close(promise: nil)
    }

    /// Returns when either side has closed it.
    func waitUntilClosed() async {
        try? await channel.closeFuture.get()
    }
}

/// Whether a worker hangs.
private final class Hang: Sendable {
    let isNoticed = Atomic(false)
}

/// A frame on its way and who waits for the answer.
private struct WorkerCall: Sendable {
    let frame: ByteBuffer
    let patience: Patience
    let answer: EventLoopPromise<WorkerFrame>
    let whenFree: @Sendable (WorkerFrame) -> Void
}

/// Matches answers with calls. At most one call is under way.
private final class WorkerCallHandler: ChannelDuplexHandler {
    typealias InboundIn = WorkerFrame
    typealias OutboundIn = WorkerCall
    typealias OutboundOut = ByteBuffer

    private let hang: Hang
    private var current: WorkerCall?
    private var timer: Scheduled<Void>?

    init(_ hang: Hang) {
        self.hang = hang
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let call = unwrapOutboundIn(data)
        guard current == nil else {
            promise?.fail(RuntimeError(.internalError, "A worker was called while it was busy."))
            return
        }
        current = call
        let loopBound = context.loopBound
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(call.patience.answer)) {
            self.isLate(loopBound.value, call)
        }
        context.write(wrapOutboundOut(call.frame), promise: promise)
    }

    /// The request has waited long enough; the worker may come back yet.
    private func isLate(_ context: ChannelHandlerContext, _ call: WorkerCall) {
        call.answer.fail(RuntimeError.late(after: call.patience.answer))
        let loopBound = context.loopBound
        let left = call.patience.hanging - call.patience.answer
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(left)) {
            self.hang.isNoticed.store(true, ordering: .relaxed)
            loopBound.value.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard let call = current else {
            // Whatever it answers next would be taken for the answer to something else.
            context.close(promise: nil)
            return
        }
        settle()
        call.whenFree(frame)
        // Fails quietly when the answer is late.
        call.answer.succeed(frame)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(WorkerLost())
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error is RuntimeError ? error : WorkerLost())
        context.close(promise: nil)
    }

    private func fail(_ error: any Error) {
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
    static func late(after duration: Duration) -> RuntimeError {
        RuntimeError(.deadlineExceeded, "The model did not answer within \(duration.milliseconds) ms.")
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
