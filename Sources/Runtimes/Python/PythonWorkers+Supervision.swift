import Logging
import NIOCore
import Natives
import Synchronization
import Wire

/// Starting, restarting and ending the processes.
extension PythonWorkers {
    /// Starts the first process, loads the model in it and makes a first prediction of its input example. The others
    /// follow one by one, while it answers.
    /// - Throws: `RuntimeError` in the words of the exception when the model cannot be loaded.
    func start() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let first = state.withLock { state in
                    state.starting = continuation
                    return state.pool.add()
                }
                supervise(first)
                if Task.isCancelled { stop() }
            }
        } onCancel: {
            stop()
        }
    }

    /// Keeps a worker running from now on.
    func supervise(_ worker: Int) {
        state.withLock { state in
            state.supervisors[worker] = Task { await keep(worker) }
        }
    }

    private func keep(_ worker: Int) async {
        repeat {
            let promise = process.group.next().makePromise(of: WorkerEnd.self)
            let end = await runProcess(worker, promise.futureResult)
            let reason =
                state.withLock { $0.loadingProblems.removeValue(forKey: worker) }
                ?? end.words(memoryBytes: process.memoryBytes)
            let delay = ended(worker, reason: reason)
            // Whoever it was answering learns of it once nobody else is sent to it.
            promise.succeed(end)
            guard let delay else { break }
            let words = "Worker \(worker) of \(title) ended (\(reason)); it starts again in \(delay)."
            logger.warning("\(words)")
            onEnd(words)
            // Cancelled when the model is closed.
            try? await Task.sleep(for: delay)
        } while state.withLock({ $0.pool.restart(worker) })
        settleStart(.failure(RuntimeError(.unavailable, "The model was closed while it was being loaded.")))
        state.withLock { $0.supervisors[worker] = nil }
    }

    private func runProcess(_ worker: Int, _ end: EventLoopFuture<WorkerEnd>) async -> WorkerEnd {
        do {
            return try await process.run(worker) { [self] socket, output in
                await serve(worker, Connection(socket: socket, output: output, end: end))
            }
        } catch {
            settleStart(.failure(error))
            return .notStarted(reason: (error as? any Problem)?.message ?? "\(error)")
        }
    }

    /// Loads the model and lets requests come, until the connection is closed.
    private func serve(_ worker: Int, _ connection: Connection) async {
        do {
            let model = try await load(connection)
            let (steps, isWanted) = state.withLock { state in
                let isWanted = state.pool.phase(of: worker) == .loading
                if isWanted { state.connections[worker] = connection }
                state.model = model
                let (next, leaving) = state.pool.loaded(worker, bytes: model?.memoryBytes)
                let steps = [state.step(worker, to: next)] + leaving.map { state.step($0, to: .leave) }
                return (steps, isWanted)
            }
            guard isWanted else { return }
            settleStart(.success(()))
            for step in steps { goOn(with: step) }
            if let another = state.withLock({ $0.pool.grow() }) { supervise(another) }
        } catch {
            settleStart(.failure(error))
            let reason = (error as? any Problem)?.message ?? "\(error)"
            state.withLock { $0.loadingProblems[worker] = reason }
            return
        }
        await connection.socket.waitUntilClosed()
    }

    private func load(_ connection: Connection) async throws -> LoadedModel? {
        do {
            let patience = Patience(longest: process.limits.loading, overtime: .zero)
            let answer = try await connection.socket.call(.load(folder: process.folder.path), patience: patience) { _ in
                connection.output.end()
            }
            switch answer {
            case .loaded(let model): return model
            case .refused(let reason), .exhausted(let reason): throw unloadable(reason)
            case .output: return nil
            }
        } catch let error as RuntimeError where error.code == .deadlineExceeded {
            throw RuntimeError(
                .unavailable,
                "\(heading) was not loaded within \(process.limits.loading.seconds) s.",
                hint: "If it takes longer, raise python.load_seconds in the endpoint's manifest.", retryAfterSeconds: 30
            )
        } catch is WorkerLost {
            var hint = "The server's log has what it printed."
            if let memoryBytes = process.memoryBytes { hint += " It may take \(memoryBytes.mebibytes) of memory." }
            throw RuntimeError(
                .unavailable, "The process ended while it was loading \(title).",
                hint: hint, retryAfterSeconds: 10)
        }
    }

    /// What a request is told that a process has taken with it.
    func lost(_ end: WorkerEnd) -> RuntimeError {
        let words = end.words(memoryBytes: process.memoryBytes)
        return RuntimeError(
            .unavailable, "The process of \(title) ended while it was predicting (\(words)).",
            hint: "The server's log has what it printed.", retryAfterSeconds: 1)
    }

    /// The title at the beginning of a sentence.
    private var heading: String { title.prefix(1).uppercased() + title.dropFirst() }

    private func unloadable(_ reason: String) -> RuntimeError {
        var hint = "It needs what its requirements.txt names, in \(process.python.executable)."
        if let memoryBytes = process.memoryBytes { hint += " It may take \(memoryBytes.mebibytes) of memory." }
        return RuntimeError(
            .invalidParameterValue, "\(heading) cannot be loaded: \(reason)", hint: hint)
    }

    /// - Returns: after how long to start the worker again; nil for never.
    private func ended(_ worker: Int, reason: String) -> Duration? {
        let (delay, turnedAway, obstacle) = state.withLock { state in
            state.connections[worker] = nil
            let delay = state.pool.ended(worker, reason: reason)
            let turnedAway = state.pool.turnAway().compactMap { state.waiting.removeValue(forKey: $0) }
            return (delay, turnedAway, state.pool.obstacle)
        }
        for waiting in turnedAway {
            waiting.timer?.cancel()
            waiting.continuation.resume(throwing: obstacle ?? RuntimeError(.unavailable, reason))
        }
        return delay
    }

    private func settleStart(_ result: Result<Void, any Error>) {
        state.withLock { $0.starting.take() }?.resume(with: result)
    }

    // MARK: Ending

    private func stop() {
        let (supervisors, connections) = state.withLock { state in
            state.pool.stop()
            return (Array(state.supervisors.values), Array(state.connections.values))
        }
        for supervisor in supervisors { supervisor.cancel() }
        for connection in connections { connection.socket.beginClosing() }
    }

    package func close() async {
        stop()
        while let supervisor = state.withLock({ $0.supervisors.values.first }) { await supervisor.value }
    }
}

extension Duration {
    /// Whole ones.
    fileprivate var seconds: Int64 { components.seconds }
}
