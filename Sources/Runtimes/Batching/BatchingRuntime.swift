import Logging
import NIOCore
import Synchronization
package import Wire

/// A model whose requests are predicted together while they wait: when all that runs it is busy, the rows of those that
/// wait become one input, and the answer is taken apart again. One request at a time passes straight through.
///
/// A batch that the model refuses is asked again request by request, so that a bad row spoils nobody else's answer.
final class BatchingRuntime: ModelRuntime {
    private let base: any ModelRuntime
    private let settings: BatchSettings
    private let longestLine: Int
    private let group: any EventLoopGroup
    private let logger: Logger
    private let state: Mutex<State>

    private struct Waiting: Sendable {
        let input: ModelInput
        let parameters: JSON?
        let context: PredictionContext
        let began = ContinuousClock.now
        let continuation: CheckedContinuation<ModelOutput, any Error>
        /// Makes it due; nil when it is so at once.
        var timer: Scheduled<Void>?

        func settle(_ result: Result<ModelOutput, any Error>) {
            timer?.cancel()
            continuation.resume(with: result)
        }
    }

    private struct State: Sendable {
        var line: BatchLine<BatchKind>
        /// Those in line, and those whose prediction is under way.
        var waiting: [Int: Waiting] = [:]
        var lastNumber = 0
        /// When it is next looked whether somebody has waited too long; nil while nobody can have.
        var alarm: ContinuousClock.Instant?
        /// Whether the model has shown that it does not answer row by row.
        var isOff = false

        mutating func take(_ number: Int) -> Waiting? {
            line.remove(number)
            return waiting.removeValue(forKey: number)
        }
    }

    /// - Parameters:
    ///   - lanes: how many predictions `base` makes at once.
    ///   - longestLine: how many requests may wait.
    init(
        _ base: any ModelRuntime, settings: BatchSettings, lanes: Int, longestLine: Int, group: any EventLoopGroup,
        logger: Logger
    ) {
        self.base = base
        self.settings = settings
        self.longestLine = longestLine
        self.group = group
        self.logger = logger
        state = Mutex(State(line: BatchLine(maximumRows: settings.rows, longest: longestLine, lanes: lanes)))
    }

    var name: String { base.name }
    var signature: ModelSignature? { base.signature }

    func obstacle() async -> RuntimeError? { await base.obstacle() }
    func remark() async -> String? { await base.remark() }
    var workers: WorkerCount? { base.workers }
    var keepsOutput: Bool { base.keepsOutput }
    func printed(for id: String) async -> [String] { await base.printed(for: id) }
    func close() async { await base.close() }

    /// How many requests are in line, or in a batch that is under way.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    // MARK: Predicting

    func predict(_ input: ModelInput, parameters: JSON?) async throws -> ModelOutput {
        try await predict(input, parameters: parameters, context: PredictionContext())
    }

    func predict(_ input: ModelInput, parameters: JSON?, context: PredictionContext) async throws -> ModelOutput {
        let waitsForOthers = settings.delay > .zero && (input.rowCount ?? settings.rows) < settings.rows
        if !waitsForOthers, state.withLock({ $0.line.begin() }) {
            defer { finish() }
            return try await base.predict(input, parameters: parameters, context: context)
        }
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiting = Waiting(
                    input: input, parameters: parameters, context: context, continuation: continuation)
                guard wait(waiting, as: number) else { return }
                if waitsForOthers { setDelay(of: number, context.deadline) }
                if let deadline = context.deadline { setAlarm(deadline) }
                if Task.isCancelled { settle(number, .failure(CancellationError())) }
                goOn()
            }
        } onCancel: {
            settle(number, .failure(CancellationError()))
        }
    }

    /// - Returns: whether it waits now.
    private func wait(_ waiting: Waiting, as number: Int) -> Bool {
        let kind = BatchKind(waiting.input, parameters: waiting.parameters)
        let refusal: RuntimeError? = state.withLock { state in
            guard !state.line.isFull else {
                return RuntimeError(
                    .tooManyRequests, "\(state.line.count) requests wait for this model already.", retryAfterSeconds: 1)
            }
            state.line.append(
                number, kind: state.isOff ? nil : kind, rows: waiting.input.rowCount ?? 1,
                isDue: settings.delay == .zero)
            state.waiting[number] = waiting
            return nil
        }
        if let refusal { waiting.continuation.resume(throwing: refusal) }
        return refusal == nil
    }

    /// It is kept back for others, but never for more than half of the time that it has.
    private func setDelay(of number: Int, _ deadline: ContinuousClock.Instant?) {
        let left = deadline.map { max(Duration.zero, ContinuousClock.now.duration(to: $0)) / 2 }
        let timer = group.next().scheduleTask(in: TimeAmount(min(settings.delay, left ?? settings.delay))) { [self] in
            state.withLock { $0.line.makeDue(number) }
            goOn()
        }
        let isKept = state.withLock { state in
            state.waiting[number]?.timer = timer
            return state.waiting[number] != nil
        }
        if !isKept { timer.cancel() }
    }

    // MARK: Deadlines

    /// One timer does for all: thousands of requests come and go before one of them is late.
    private func setAlarm(_ moment: ContinuousClock.Instant) {
        let isNext = state.withLock { state in
            if let alarm = state.alarm, alarm <= moment { return false }
            state.alarm = moment
            return true
        }
        if isNext { startTimer(moment) }
    }

    private func startTimer(_ moment: ContinuousClock.Instant) {
        _ = group.next().scheduleTask(in: TimeAmount(ContinuousClock.now.duration(to: moment))) { [weak self] in
            self?.endLate(moment)
        }
    }

    private func endLate(_ moment: ContinuousClock.Instant) {
        let (late, next) = state.withLock { state -> ([(Waiting, RuntimeError)], ContinuousClock.Instant?) in
            // A timer for an earlier time was started since, and has seen to the next.
            guard state.alarm == moment else { return ([], nil) }
            var late: [(Waiting, RuntimeError)] = []
            var next: ContinuousClock.Instant?
            for (number, waiting) in state.waiting {
                guard let deadline = waiting.context.deadline else { continue }
                if deadline <= moment {
                    let error = RuntimeError.late(after: waiting.began.duration(to: deadline))
                    if let waiting = state.take(number) { late.append((waiting, error)) }
                } else {
                    next = min(next ?? deadline, deadline)
                }
            }
            state.alarm = next
            return (late, next)
        }
        if let next { startTimer(next) }
        for (waiting, error) in late { waiting.settle(.failure(error)) }
    }

    // MARK: Answers

    /// Answers a request, unless it has been answered or given up.
    private func settle(_ number: Int, _ result: Result<ModelOutput, any Error>) {
        state.withLock { $0.take(number) }?.settle(result)
    }

    // MARK: Batches

    private func finish() {
        state.withLock { $0.line.finish() }
        goOn()
    }

    /// Begins the predictions for which there is room.
    private func goOn() {
        while let numbers = state.withLock({ $0.line.next() }) {
            Task { await predict(numbers) }
        }
    }

    /// Answers these requests, and lets those go on that wait for it.
    private func predict(_ numbers: [Int]) async {
        let requests = state.withLock { state in
            numbers.compactMap { number in state.waiting[number].map { (number, $0) } }
        }
        guard let answers = await answersTogether(requests.map(\.1)) else {
            for (number, request) in requests { await predict(request, as: number) }
            finish()
            return
        }
        // The next batch leaves before the answers of this one do.
        finish()
        for ((number, _), answer) in zip(requests, answers) { settle(number, answer) }
    }

    /// - Returns: the answer to each request; nil when they have to be asked one by one.
    private func answersTogether(_ requests: [Waiting]) async -> [Result<ModelOutput, any Error>]? {
        guard requests.count > 1 else { return nil }
        do {
            let output = try await base.predict(
                .joined(requests.map(\.input)), parameters: requests[0].parameters,
                context: .joined(requests.map(\.context)))
            if let parts = output.split(rows: requests.map { $0.input.rowCount ?? 0 }) {
                return parts.map { .success($0) }
            }
            turnOff()
            return nil
        } catch let error as RuntimeError where error.code == .deadlineExceeded {
            return requests.map { _ in .failure(error) }
        } catch {
            return nil
        }
    }

    private func predict(_ request: Waiting, as number: Int) async {
        // It may have been given up while others were asked.
        guard state.withLock({ $0.waiting[number] != nil }) else { return }
        do {
            let output = try await base.predict(
                request.input, parameters: request.parameters, context: request.context)
            settle(number, .success(output))
        } catch {
            settle(number, .failure(error))
        }
    }

    private func turnOff() {
        let isNew = state.withLock { state in
            defer { state.isOff = true }
            return !state.isOff
        }
        guard isNew else { return }
        logger.warning(
            "The model does not answer each row of a batch by itself. Requests go to it one by one from now on.")
    }
}

extension PredictionContext {
    /// For a prediction that answers several requests: it lasts as long as one of them waits.
    fileprivate static func joined(_ contexts: [PredictionContext]) -> PredictionContext {
        let deadlines = contexts.compactMap(\.deadline)
        let ids = contexts.flatMap(\.ids)
        var joined = PredictionContext(
            id: ids.first, deadline: deadlines.count == contexts.count ? deadlines.max() : nil)
        joined.companions = Array(ids.dropFirst())
        return joined
    }
}
