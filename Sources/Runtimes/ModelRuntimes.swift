package import Logging
package import NIOCore
package import NIOPosix
package import Natives
import Wire

/// Loads models into what can run them: their own library inside the server where that answers what Python does, Python
/// for all others.
package actor ModelRuntimes {
    private let python: PythonInterpreter
    private let libraries: RuntimeLibraries
    private let limits: WorkerLimits
    private let workerUser: WorkerUser
    private let group: any EventLoopGroup
    private let threads: NIOThreadPool
    private let logger: Logger
    private let onWorkerEnd: @Sendable (_ words: String, _ role: ModelRole?) -> Void

    /// - Parameters:
    ///   - libraryFiles: the libraries that are to be neither the system's nor those beside `python`.
    ///   - workerUser: whom the processes of models run as.
    ///   - threads: where loading and long predictions run.
    ///   - onWorkerEnd: hears of processes that ended though nobody wanted it, each in a sentence. It must not block.
    package init(
        python: PythonInterpreter, libraryFiles: LibraryFiles = LibraryFiles(), limits: WorkerLimits = WorkerLimits(),
        workerUser: WorkerUser = .automatic, group: any EventLoopGroup, threads: NIOThreadPool, logger: Logger,
        onWorkerEnd: @escaping @Sendable (_ words: String, _ role: ModelRole?) -> Void = { _, _ in }
    ) {
        self.python = python
        libraries = RuntimeLibraries(python: python, files: libraryFiles, threads: threads)
        self.limits = limits
        self.workerUser = workerUser
        self.group = group
        self.threads = threads
        self.logger = logger
        self.onWorkerEnd = onWorkerEnd
    }

    /// Loads the model in a folder and makes it ready to answer.
    /// - Parameter role: for whom it answers; nil for nobody but the caller.
    /// - Throws: `RuntimeError` when the folder holds no model or the model cannot be loaded, `NativesError` when
    ///   something that it needs is not installed.
    package func load(
        path: String, role: ModelRole? = nil, settings: RuntimeSettings = RuntimeSettings()
    ) async throws -> any ModelRuntime {
        let folder = try await threads.runIfActive { try ModelFolder(path: path) }
        if let runtime = try await native(folder, settings: settings) { return runtime }
        return try await pythonWorkers(folder, role, settings)
    }

    private func pythonWorkers(
        _ folder: ModelFolder, _ role: ModelRole?, _ settings: RuntimeSettings
    ) async throws -> any ModelRuntime {
        let logger = logger(of: folder)
        var limits = limits
        if let answer = settings.answer { limits.answer = answer }
        if let loading = settings.loading { limits.loading = loading }
        let account = try await threads.runIfActive { [python, workerUser] in
            try workerUser.account(folder: folder.path, python: python) { logger.warning("\($0)") }
        }
        let process = WorkerProcess(
            folder: folder, python: python, limits: limits, memoryBytes: settings.memoryBytes, account: account,
            group: group, threads: threads, log: WorkerLog(logger: logger))
        try settings.batch?.check(folder)
        let workers = PythonWorkers(
            process, title: role?.words ?? "the model in \(folder.path)", settings: settings, logger: logger,
            onEnd: { [onWorkerEnd] words in onWorkerEnd(words, role) })
        try await workers.start()
        let batch = settings.batch ?? .usual(folder, isRowWise: workers.isRowWise)
        return batching(workers, batch, lanes: settings.workers, logger)
    }

    /// The runtime, behind a line in which requests that wait are put together if `batch` asks for it.
    private func batching(
        _ runtime: any ModelRuntime, _ batch: BatchSettings?, lanes: Int, _ logger: Logger
    ) -> any ModelRuntime {
        guard let batch, batch.rows > 1 else { return runtime }
        return BatchingRuntime(
            runtime, settings: batch, lanes: lanes, longestLine: limits.waitingRequests, group: group, logger: logger)
    }

    private func logger(of folder: ModelFolder) -> Logger {
        var logger = logger
        logger[metadataKey: "model"] = "\(folder.path)"
        return logger
    }

    /// What runs the model inside the server; nil when nothing does.
    private func native(_ folder: ModelFolder, settings: RuntimeSettings) async throws -> (any ModelRuntime)? {
        if folder.native("onnx") != nil {
            let library = try await libraries.onnx()
            let place = ONNXRuntime.RunPlace(
                threads: threads, group: group, longest: settings.answer ?? limits.answer)
            let onnx = try await threads.runIfActive { try ONNXRuntime(folder: folder, library: library, place: place) }
            guard let onnx else { return nil }
            try settings.batch?.check(folder)
            return batching(onnx, settings.batch, lanes: System.coreCount, logger(of: folder))
        }
        if folder.native("xgboost") != nil {
            let library = try await libraries.xgBoost()
            return try await threads.runIfActive { [threads] in
                try XGBoostRuntime(folder: folder, library: library, threads: threads)
            }
        }
        if LightGBMRuntime.isBooster(folder) {
            let library = try await libraries.lightGBM()
            return try await threads.runIfActive { [threads] in
                try LightGBMRuntime(folder: folder, library: library, threads: threads)
            }
        }
        return nil
    }
}
