import Logging
import NIOCore
import Natives
import Synchronization
package import Wire

/// A model that supervised Python processes run: any flavour that MLflow can load.
///
/// Each process takes one request at a time; others wait their turn in order. A process that dies is started again beside the
/// others, ever more slowly if it keeps dying. One that does not answer hangs, and is ended with all that it has started.
package final class PythonWorkers: ModelRuntime {
    package let name = "python"
    package let signature: ModelSignature?
    let process: WorkerProcess
    /// What people call the model, within a sentence.
    let title: String
    let logger: Logger
    let onEnd: @Sendable (_ words: String) -> Void
    let state: Mutex<State>

    /// A request that waits for a worker.
    struct Waiting: Sendable {
        let continuation: CheckedContinuation<Turn, any Error>
        var timer: Scheduled<Void>?
    }

    /// A worker that has been given to a request, which gives it back when it answers.
    struct Turn: Sendable {
        let worker: Int
        let connection: Connection
    }

    /// A worker's process while it runs.
    struct Connection: Sendable {
        let socket: WorkerConnection
        let output: WorkerOutput
        /// How the process ended, once it has.
        let end: EventLoopFuture<WorkerEnd>
    }

    /// What a worker goes on with, with all that it takes.
    enum Step: Sendable {
        case rest
        case leave(Connection)
        case answer(Waiting, Turn)
    }

    /// Whoever is in the pool's line is in `waiting`, and a worker that the pool holds ready has a connection.
    struct State: Sendable {
        var pool: WorkerPool
        var connections: [Int: Connection] = [:]
        var waiting: [Int: Waiting] = [:]
        var lastRequest = 0
        var supervisors: [Int: Task<Void, Never>] = [:]
        /// What is known of the model; nil before it is loaded.
        var model: LoadedModel?
        /// Whoever waits for the first worker.
        var starting: CheckedContinuation<Void, any Error>?
        /// Why a worker did not get as far as answering, by number.
        var loadingProblems: [Int: String] = [:]
    }

    init(
        _ process: WorkerProcess, title: String, settings: RuntimeSettings, logger: Logger,
        onEnd: @escaping @Sendable (_ words: String) -> Void
    ) {
        self.onEnd = onEnd
        self.process = process
        self.title = title
        self.logger = logger
        signature = process.folder.signature
        let wear = WorkerPool.Wear(afterRequests: settings.recycleAfterRequests, memoryBytes: settings.memoryBytes)
        state = Mutex(
            State(
                pool: WorkerPool(
                    size: settings.workers, longestLine: process.limits.waitingRequests,
                    backOff: process.limits.backOff, wear: wear)))
    }

    // MARK: Predicting

    package func predict(_ input: ModelInput, parameters: JSON?) async throws -> ModelOutput {
        try await predict(input, parameters: parameters, context: PredictionContext())
    }

    package func predict(
        _ input: ModelInput, parameters: JSON?, context: PredictionContext
    ) async throws -> ModelOutput {
        let frame = frame(input, parameters: parameters)
        guard frame.values.readableBytes <= process.limits.frameBytes else {
            throw RuntimeError(.tooLarge, "The request's values are too many.", hint: "Send it in smaller batches.")
        }
        let (answer, worker) = try await answer(to: frame, context)
        switch answer {
        case .output(let output): return output
        case .refused(let reason): throw RuntimeError(.badRequest, "The model refuses this input: \(reason)")
        case .exhausted(let reason): throw exhausted(reason, worker)
        case .loaded: throw RuntimeError(.unavailable, "The worker sent an answer that makes no sense.")
        }
    }

    /// Whether the model is known to answer each row by itself: its estimators are libraries' own, and none of those that
    /// look at other rows.
    var isRowWise: Bool { state.withLock { $0.model?.isRowWise == true } }

    private func frame(_ input: ModelInput, parameters: JSON?) -> WorkerFrame {
        if case .table(let batch) = input, parameters == nil, batch.isPlain(for: signature),
            state.withLock({ $0.model?.takesPlainTables == true })
        {
            return .predict(plain: batch)
        }
        return .predict(input, parameters: parameters, isPositional: isPositional)
    }

    /// Whether the model knows its columns by position only.
    private var isPositional: Bool {
        guard case .columns(let columns) = signature?.inputs else { return false }
        return columns.allSatisfy { $0.name == nil }
    }

    private func exhausted(_ reason: String, _ worker: Int) -> RuntimeError {
        guard !state.withLock({ $0.pool.isWorn(worker) }) else {
            return RuntimeError(
                .unavailable, "The model's process has used its memory up, and another takes its place: \(reason)",
                retryAfterSeconds: 2)
        }
        guard let memoryBytes = process.memoryBytes else {
            return RuntimeError(.tooLarge, "There is not enough memory for this input: \(reason)")
        }
        return RuntimeError(
            .tooLarge,
            "The model needs more memory for this input than its limit of \(memoryBytes.mebibytes): \(reason)",
            hint: "Send fewer rows at once, or raise memory_mb in the endpoint's manifest.")
    }

    /// A request whose worker was killed from outside is asked once more. One whose worker died of itself is not: the
    /// next worker would die of it too.
    private func answer(
        to frame: WorkerFrame, _ context: PredictionContext
    ) async throws -> (WorkerAnswer, worker: Int) {
        let turn = try await turn(context, isRetry: false)
        do {
            return (try await ask(turn, frame, context), turn.worker)
        } catch is WorkerLost {
            let end = try await turn.connection.end.get()
            guard end.isFromOutside else { throw lost(end) }
        }
        let second = try await self.turn(context, isRetry: true)
        do {
            return (try await ask(second, frame, context), second.worker)
        } catch is WorkerLost {
            throw lost(try await second.connection.end.get())
        }
    }

    private func ask(_ turn: Turn, _ frame: WorkerFrame, _ context: PredictionContext) async throws -> WorkerAnswer {
        let patience = Patience(
            until: context.deadline, longest: process.limits.answer, overtime: process.limits.overtime)
        turn.connection.output.begin(context.ids)
        return try await turn.connection.socket.call(frame, patience: patience) { [self] answer in
            turn.connection.output.end()
            giveBack(turn.worker, after: answer)
        }
    }

    // MARK: Taking turns

    /// Waits for a worker that is free.
    private func turn(_ context: PredictionContext, isRetry: Bool) async throws -> Turn {
        if let deadline = context.deadline, deadline <= .now { throw RuntimeError.lateInLine }
        if let turn = try state.withLock({ state throws(RuntimeError) in try state.take() }) { return turn }
        let request = state.withLock { state in
            state.lastRequest += 1
            return state.lastRequest
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(Waiting(continuation: continuation), as: request, isFirst: isRetry)
                if let deadline = context.deadline { setTimer(of: request, deadline) }
                if Task.isCancelled { abandon(request, because: CancellationError()) }
            }
        } onCancel: {
            abandon(request, because: CancellationError())
        }
    }

    private func wait(_ waiting: Waiting, as request: Int, isFirst: Bool) {
        let result = state.withLock { state -> Result<Turn, any Error>? in
            do {
                // One may have come free in between.
                if let turn = try state.take() { return .success(turn) }
                state.pool.wait(request, isFirst: isFirst)
                state.waiting[request] = waiting
                return nil
            } catch {
                return .failure(error)
            }
        }
        if let result { waiting.continuation.resume(with: result) }
    }

    private func setTimer(of request: Int, _ deadline: ContinuousClock.Instant) {
        let timer = process.group.next().scheduleTask(in: TimeAmount(ContinuousClock.now.duration(to: deadline))) {
            [self] in
            abandon(request, because: RuntimeError.lateInLine)
        }
        let waits = state.withLock { state in
            state.waiting[request]?.timer = timer
            return state.waiting[request] != nil
        }
        if !waits { timer.cancel() }
    }

    private func abandon(_ request: Int, because error: any Error) {
        let waiting = state.withLock { state in
            state.pool.abandon(request)
            return state.waiting.removeValue(forKey: request)
        }
        waiting?.timer?.cancel()
        waiting?.continuation.resume(throwing: error)
    }

    /// Called once a worker has answered, on an event loop.
    private func giveBack(_ worker: Int, after answer: WorkerFrame) {
        let (step, successor) = state.withLock { state in
            let (next, successor) = state.pool.answered(worker, bytes: answer.memoryBytes)
            return (state.step(worker, to: next), successor)
        }
        goOn(with: step)
        if let successor {
            logger.info("Worker \(worker) is worn out; worker \(successor) takes its place.")
            supervise(successor)
        }
    }

    func goOn(with step: Step) {
        switch step {
        case .rest: break
        case .leave(let connection): connection.socket.beginClosing()
        case .answer(let waiting, let turn):
            waiting.timer?.cancel()
            waiting.continuation.resume(returning: turn)
        }
    }

    // MARK: Looking

    package func obstacle() -> RuntimeError? {
        state.withLock { $0.pool.obstacle }
    }

    package func remark() -> String? {
        state.withLock { $0.pool.remark }
    }

    package var workers: WorkerCount? {
        var count = state.withLock { $0.pool.count }
        count.processIDs = process.running.ids
        return count
    }

    package var keepsOutput: Bool { true }

    package func printed(for id: String) -> [String] {
        process.log.lines(for: id)
    }
}

extension PythonWorkers.State {
    /// Takes out what a worker goes on with. To be called under the lock under which the pool has said so: the request may
    /// be given up and the worker may end at any other moment.
    mutating func step(_ worker: Int, to next: WorkerPool.Next) -> PythonWorkers.Step {
        guard let connection = connections[worker] else { return .rest }
        switch next {
        case .rest: return .rest
        case .leave: return .leave(connection)
        case .request(let request):
            let turn = PythonWorkers.Turn(worker: worker, connection: connection)
            return waiting.removeValue(forKey: request).map { .answer($0, turn) } ?? .rest
        }
    }

    /// Gives a worker that is free to a request; nil when it has to wait.
    fileprivate mutating func take() throws(RuntimeError) -> PythonWorkers.Turn? {
        guard let worker = try pool.take() else { return nil }
        return connections[worker].map { PythonWorkers.Turn(worker: worker, connection: $0) }
    }
}

extension RuntimeError {
    fileprivate static let lateInLine = RuntimeError(
        .deadlineExceeded, "The request's time was over before a process of the model was free for it.",
        hint: "The model has more requests than it can answer: give it more workers, or send fewer.",
        retryAfterSeconds: 1)
}
