import Logging
import NIOCore
import Natives
package import Wire

/// A model that a supervised Python process runs: any flavour that MLflow can load.
///
/// The process takes one request at a time; others wait their turn in order. When it dies, the request under way and
/// those that wait fail at once and it is started again, ever more slowly if it keeps dying. When it does not answer in
/// time it hangs, and is ended.
package actor PythonWorker: ModelRuntime {
    package nonisolated let name = "python"
    package nonisolated let signature: ModelSignature?
    private nonisolated let limits: WorkerLimits
    private let process: WorkerProcess
    private let logger: Logger
    private var state: WorkerState
    private var connection: WorkerConnection?
    private var isBusy = false
    /// Whether the process was ended because it did not answer.
    private var hung = false
    /// Why the process did not get as far as answering.
    private var loadingProblem: String?
    private var waiting: [CheckedContinuation<WorkerConnection, any Error>] = []
    private var starting: CheckedContinuation<Void, any Error>?
    private var supervisor: Task<Void, Never>?

    private init(process: WorkerProcess, logger: Logger) {
        self.process = process
        self.logger = logger
        signature = process.folder.signature
        limits = process.limits
        state = WorkerState(backOff: process.limits.backOff)
    }

    /// Starts a process, loads the model in it and makes a first prediction of its input example.
    /// - Throws: `RuntimeError` in the words of the exception when the model cannot be loaded.
    static func start(_ process: WorkerProcess, logger: Logger) async throws -> PythonWorker {
        let worker = PythonWorker(process: process, logger: logger)
        try await worker.start()
        return worker
    }

    private func start() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                starting = continuation
                supervisor = Task { await supervise() }
                if Task.isCancelled { supervisor?.cancel() }
            }
        } onCancel: {
            Task { await close() }
        }
    }

    // MARK: Predicting

    package nonisolated func predict(_ input: ModelInput, parameters: JSON?) async throws -> ModelOutput {
        let frame = WorkerFrame.predict(input, parameters: parameters, isPositional: isPositional)
        guard frame.values.readableBytes <= limits.frameBytes else {
            throw RuntimeError(.tooLarge, "The request's values are too many.", hint: "Send it in smaller batches.")
        }
        let answer = try await call(frame)
        switch answer {
        case .output(let output): return output
        case .refused(let reason): throw RuntimeError(.badRequest, "The model refuses this input: \(reason)")
        case .loaded: throw RuntimeError(.unavailable, "The worker sent an answer that makes no sense.")
        }
    }

    /// Whether the model knows its columns by position only.
    private nonisolated var isPositional: Bool {
        guard case .columns(let columns) = signature?.inputs else { return false }
        return columns.allSatisfy { $0.name == nil }
    }

    private func call(_ frame: WorkerFrame) async throws -> WorkerAnswer {
        let connection = try await takeTurn()
        defer { endTurn() }
        do {
            let answer = try await connection.call(frame, deadline: limits.answer)
            state.answered()
            return answer
        } catch let error as RuntimeError where error.code == .deadlineExceeded {
            hung = true
            throw error
        }
    }

    private func takeTurn() async throws -> WorkerConnection {
        if let refusal = state.refusal { throw refusal }
        if !isBusy, let connection {
            isBusy = true
            return connection
        }
        guard waiting.count < limits.waitingRequests else {
            throw RuntimeError(
                .tooManyRequests, "\(waiting.count) requests wait for this model already.", retryAfterSeconds: 1)
        }
        return try await withCheckedThrowingContinuation { waiting.append($0) }
    }

    private func endTurn() {
        guard let connection, !waiting.isEmpty else {
            isBusy = false
            return
        }
        waiting.removeFirst().resume(returning: connection)
    }

    package func obstacle() -> RuntimeError? {
        state.refusal
    }

    // MARK: Supervising

    private func supervise() async {
        repeat {
            let status = await runProcess()
            let reason = hung ? "it did not answer in time" : loadingProblem ?? status
            hung = false
            loadingProblem = nil
            connection = nil
            let delay = state.ended(reason: reason)
            for request in waiting { request.resume(throwing: state.refusal ?? RuntimeError(.unavailable, reason)) }
            waiting = []
            guard let delay else { break }
            logger.warning("The worker ended (\(reason)); it starts again in \(delay).")
            // Cancelled when the worker is closed.
            try? await Task.sleep(for: delay)
        } while state.restart()
        settleStart(.failure(RuntimeError(.unavailable, "The model was closed while it was being loaded.")))
    }

    /// - Returns: why the process is no more.
    private func runProcess() async -> String {
        do {
            return try await process.run { [self] connection in await serve(connection) }
        } catch {
            settleStart(.failure(error))
            return "\(error)"
        }
    }

    private func serve(_ connection: WorkerConnection) async {
        do {
            let answer = try await connection.call(.load(folder: process.folder.path), deadline: limits.loading)
            if case .refused(let reason) = answer {
                throw RuntimeError(
                    .invalidParameterValue, "The model in \(process.folder.path) cannot be loaded: \(reason)",
                    hint: "It needs what its requirements.txt names, in \(process.python.executable).")
            }
        } catch {
            settleStart(.failure(error))
            loadingProblem = (error as? RuntimeError)?.message
            return
        }
        guard state.phase == .loading else { return }
        state.loaded()
        self.connection = connection
        settleStart(.success(()))
        await connection.waitUntilClosed()
    }

    private func settleStart(_ result: Result<Void, any Error>) {
        starting?.resume(with: result)
        starting = nil
    }

    // MARK: Ending

    package func close() async {
        state.stop()
        supervisor?.cancel()
        await connection?.close()
        await supervisor?.value
    }
}
